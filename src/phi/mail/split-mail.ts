// Cuts a mail into its parts (RFC 2045, 2046) with a library, and holds whatever another reader could cut in another way: a boundary that is not where it should be, a multipart
// without an end, a header that stands twice. It never looks into what the parts say.
import type { SplitNode } from 'mailsplit'
import { Hold } from '../hold.ts'
import { loadMailsplit } from './load-libraries.ts'

export interface MailField {
  /** In small letters. */
  readonly name: string
  /** Unfolded, one character a byte. */
  readonly value: string
}

export interface MailPart {
  readonly fields: readonly MailField[]
  /** As it stands there, still coded; empty for a multipart. */
  readonly body: Buffer
  /** Of a multipart; undefined for any other part. */
  readonly parts: readonly MailPart[] | undefined
}

const mostHeaderBytes = 256 * 1024
const mostParts = 500
const inHeaders = 1
/** Fields that mean one thing only when they stand once. */
const single = new Set(['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id', 'mime-version', 'from', 'sender', 'reply-to', 'to', 'cc', 'subject', 'date', 'message-id', 'in-reply-to', 'references'])

interface Draft { readonly fields: readonly MailField[], readonly parts: Draft[] | undefined, start: number, end: number }

function readFields (node: SplitNode): readonly MailField[] {
  if (node.headers === false || node.headers.mbox !== false || node.headers.http !== false) throw new Hold('notMail')
  const fields: MailField[] = []
  const seen = new Set<string>()
  for (const { key, line } of node.headers.getList()) {
    if (line === '') continue
    const value = line.slice(line.indexOf(':') + 1).replace(/\r\n(?=[\t ])/g, '')

    if (!/^[!-9;-~]+$/.test(key) || /[\0\r\n]/.test(value) || (single.has(key) && seen.has(key))) throw new Hold('notMail')
    seen.add(key)
    fields.push({ name: key, value: value.trim() })
  }
  return fields
}

/** Ends of lines are CRLF; a file with LF only is made so. What has both can be read in two ways. */
export function toMailLines (bytes: Buffer): Buffer {
  let bare = 0
  let whole = 0
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    if (at > 0 && bytes[at - 1] === 0x0d) whole += 1
    else bare += 1
  }
  if (bare > 0 && whole > 0) throw new Hold('notMail')
  for (let at = bytes.indexOf(0x0d); at !== -1; at = bytes.indexOf(0x0d, at + 1)) if (bytes[at + 1] !== 0x0a) throw new Hold('notMail')
  return bare === 0 ? bytes : Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}

class Reading {
  readonly #bytes: Buffer
  readonly #splitter = new (loadMailsplit().Splitter)({ ignoreEmbedded: true, maxHeadSize: mostHeaderBytes, maxChildNodes: mostParts })
  readonly #drafts = new Map<SplitNode, Draft>()
  readonly #closed = new Set<SplitNode>()
  readonly #boundaries: Buffer[] = []

  constructor (bytes: Buffer) { this.#bytes = bytes }

  read (): Draft {
    const bytes = this.#bytes
    for (let at = 0; at < bytes.length;) {
      const feed = bytes.indexOf(0x0a, at)
      const end = feed === -1 ? bytes.length : feed + 1
      const line = bytes.subarray(at, end)
      if (line[0] === 0x2d && line[1] === 0x2d && this.#boundaries.length > 0) this.#boundary(line, at)
      this.#feed(line, false, end)
      at = end
    }
    this.#feed(false, true, bytes.length)
    for (const node of this.#drafts.keys()) if (node.multipart !== false && !this.#closed.has(node)) throw new Hold('notMail')
    const root = [...this.#drafts.values()][0]
    if (root === undefined) throw new Hold('notMail')
    return root
  }

  #feed (line: Buffer | false, isLast: boolean, end: number): void {
    this.#splitter.processLine(line, isLast, (error, data) => {
      if (error !== undefined && error !== null) throw new Hold('notMail')
      if (data === undefined || data === false) return
      if (data.type === 'node') this.#begin(data, end)
      else if (data.type === 'body') { const draft = this.#drafts.get(data.node); if (draft !== undefined && line !== false) draft.end = end }
    })
  }

  #begin (node: SplitNode, at: number): void {
    if (this.#drafts.has(node)) return
    const draft: Draft = { fields: readFields(node), parts: node.multipart === false ? undefined : [], start: at, end: at }
    if (node.multipart !== false) {
      if (node._boundary === false || node._boundary.length === 0) throw new Hold('notMail')
      this.#boundaries.push(Buffer.concat([Buffer.from('--'), node._boundary]))
    }
    this.#drafts.set(node, draft)
    if (node.parentNode === false) return
    const parent = this.#drafts.get(node.parentNode)?.parts
    if (parent === undefined) throw new Hold('notMail')
    parent.push(draft)
  }

  /** A line that begins with two hyphens: it ends a part, or no reader may take it for something that does. */
  #boundary (line: Buffer, at: number): void {
    const splitter = this.#splitter
    const { node } = splitter
    const what = splitter.checkBoundary(line)
    if (what === false) {
      if (this.#boundaries.some(one => line.subarray(0, one.length).equals(one))) throw new Hold('notMail')
      return
    }
    if (splitter.state === inHeaders) throw new Hold('notMail')
    const owner = what <= 2 ? node : node.parentNode
    if (owner === false || this.#closed.has(owner)) throw new Hold('notMail')
    if (what % 2 === 0) this.#closed.add(owner)
    const draft = this.#drafts.get(node)
    // The line break before a boundary belongs to it (RFC 2046 section 5.1.1).
    if (draft !== undefined && what >= 3 && draft.parts === undefined) draft.end = Math.max(draft.start, at - 2)
  }
}

/** `bytes` has CRLF only. Throws a Hold for what can be read in more than one way. */
export function splitMail (bytes: Buffer): MailPart {
  const finish = ({ fields, parts, start, end }: Draft): MailPart =>
    ({ fields, body: parts === undefined ? bytes.subarray(start, end) : Buffer.alloc(0), parts: parts?.map(finish) })
  return finish(new Reading(bytes).read())
}
