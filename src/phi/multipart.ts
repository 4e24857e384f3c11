// Rewrites multipart/form-data (RFC 7578) part by part. File names go; a file's content stays only where the policy can read it; what stands outside the parts is taken out.
import { findField } from './form.ts'
import { Hold } from './hold.ts'
import type { Spot, Visitor } from './visitor.ts'

interface Part {
  readonly name: string
  readonly isFile: boolean
  readonly type: string
  /** One character a byte. */
  readonly body: string
}

/** What the reader of a part's content is: the same engine that reads whole messages. */
export type ReadPart = (type: string, body: string, place: Spot) => string | null

const disposition = /^form-data((?:;\s*[a-z*]+=(?:"(?:[^"\\\r\n]|\\.)*"|[^\s;"]*))+)$/i

function readHeaders (text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const found = /^([A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(line)
    const name = found?.[1]?.toLowerCase()
    if (name === undefined || headers.has(name)) throw new Hold('notMultipart')
    headers.set(name, (found?.[2] ?? '').trim())
  }
  return headers
}

function readPart (text: string): Part {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) throw new Hold('notMultipart')
  const headers = readHeaders(text.slice(0, end))
  const parameters = disposition.exec(headers.get('content-disposition') ?? '')?.[1]
  const names = [...(parameters ?? '').matchAll(/;\s*([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gi)].map(([, key, quoted, plain]) => [key?.toLowerCase(), quoted ?? plain ?? ''] as const)
  const name = names.filter(([key]) => key === 'name')
  const coding = (headers.get('content-transfer-encoding') ?? 'binary').toLowerCase()
  if (name.length !== 1 || !['7bit', '8bit', 'binary'].includes(coding)) throw new Hold('notMultipart')
  const isFile = names.some(([key]) => key?.startsWith('filename') === true)
  return { name: Buffer.from(name[0]?.[1] ?? '', 'latin1').toString('utf8'), isFile, type: headers.get('content-type') ?? 'text/plain', body: text.slice(end + 4) }
}

/** No form that a person sends has more; what is cut off with the rest is its end. */
const mostParts = 10_000

function split (text: string, boundary: string): readonly string[] {
  // A line break before the first delimiter makes all of them alike.
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`, mostParts + 2)
  const parts = pieces.slice(1)
  const last = parts.pop()
  if (last === undefined || !last.startsWith('--') || parts.some(part => !/^[ \t]*\r\n/.test(part))) throw new Hold('notMultipart')
  return parts.map(part => part.slice(part.indexOf('\r\n') + 2))
}

/** `text` and what is returned have one character a byte. Throws a Hold for what is not multipart. */
export function rewriteMultipart (text: string, boundary: string, options: { readonly visitor: Visitor, readonly root: Spot, readonly readPart: ReadPart }): string {
  const { visitor, root } = options
  const parts = split(text, boundary).map(readPart)
  const out = parts.flatMap((part, index) => {
    const { place, instead } = findField(visitor, root, { name: part.name, ordinal: index + 1 })
    const body = options.readPart(part.type, part.body, place)
    if (body === null) return []
    const name = Buffer.from((instead ?? part.name).replace(/["\r\n\\]/g, '_'), 'utf8').toString('latin1')
    const type = /^[a-z]+\/[a-z0-9.+-]+/i.exec(part.type)?.[0].toLowerCase() ?? 'text/plain'
    const isOwnType = part.isFile || type !== 'text/plain'
    const headers = [`Content-Disposition: form-data; name="${name}"${part.isFile ? `; filename="file-${index + 1}"` : ''}`, ...(isOwnType ? [`Content-Type: ${type}`] : [])]
    return [`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n${body}\r\n`]
  })
  return `${out.join('')}--${boundary}--\r\n`
}
