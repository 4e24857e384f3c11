// The redaction engine's one door: a message in, the same message without what its policy does not let pass and a record of what was done, or a reason why it is held.
// It never gives out a part of a message, and never a value outside the body.
import { CollectingWalk, isDataName, RedactingWalk, type EngineOptions } from './engine.ts'
import { rewriteCsv } from './csv.ts'
import { rewriteForm } from './form.ts'
import { Hold, type HeldReason } from './hold.ts'
import { rewriteJson } from './json.ts'
import type { MailFacts } from './mail/mail-headers.ts'
import { rewriteMail } from './mail/rewrite-mail.ts'
import { createManifest, type Manifest } from './manifest.ts'
import { readMediaType, type MediaType } from './media-type.ts'
import { rewriteMultipart } from './multipart.ts'
import { createPlaces } from './place.ts'
import type { Policy } from './policy.ts'
import type { Tokens } from './tokens.ts'
import type { Spot, Visitor } from './visitor.ts'
import { rewriteXml } from './xml.ts'

export { compilePolicy, createProsePolicy, type Policy, type PolicyProblem } from './policy.ts'
export { createKeyedTokens, createVaultTokens, type Tokens, type TokenVault } from './tokens.ts'
export { Hold, heldReasons, type HeldReason } from './hold.ts'
export { identifierKinds, kindWords, maskOf, type Kind } from './identifier-kinds.ts'
export { generalise } from './generalise.ts'
export { isDataName } from './engine.ts'
export { readMediaType, type MediaType } from './media-type.ts'
export { compilePaths, itemName, parsePathPattern, type PathState } from './path-pattern.ts'
export type { LeafType, Spot, Visitor } from './visitor.ts'
export type { Manifest, ManifestEntry } from './manifest.ts'

export interface Message {
  /** The media type with its parameters, as in Content-Type. */
  readonly type: string
  readonly body: Uint8Array
  /** With message/rfc822. */
  readonly mail?: MailPeople | undefined
}

/** Who a mail is between. */
export interface MailPeople {
  /** Who may be named in its header; everybody else goes. */
  readonly addresses: readonly string[]
  /** Stands as the sender when nobody else may. */
  readonly sender: string
}

export type Redaction =
  | { readonly held: undefined, readonly body: Buffer, readonly manifest: Manifest }
  | { readonly held: HeldReason }

export interface Redactor {
  /** Never throws: what goes wrong holds the message. */
  redact (message: Message): Redaction
}

export interface RedactorOptions {
  readonly policy: Policy
  readonly tokens: Tokens
  /** Other names for ids of mails and events, which say nothing about a person; `tokens` without it. */
  readonly ids?: Tokens
  /** Milliseconds since 1970, for ages. */
  now (): number
  /** One message holds nobody up: looked at between leaves and between readings of a text, whose own time grows with its length and no faster. */
  readonly cpuLimit?: CpuLimit | undefined
}

export interface CpuLimit {
  readonly mostMs: number
  /** Processor time of this thread, in milliseconds. */
  spentMs (): number
}

/** Asking costs more than a short leaf does, so not every leaf asks. */
const leavesBetweenChecks = 16

function createTimeCheck (limit: CpuLimit | undefined): EngineOptions['checkTime'] {
  if (limit === undefined) return () => { /* no limit */ }
  const end = limit.spentMs() + limit.mostMs
  let leaves = 0
  return (isCostly = false) => {
    leaves += 1
    if ((isCostly || leaves % leavesBetweenChecks === 0) && limit.spentMs() > end) throw new Hold('tooLong')
  }
}

function rewrite (text: string, media: MediaType, { visitor, root }: { readonly visitor: Visitor, readonly root: Spot }): string {
  switch (media.format) {
    case 'json': return rewriteJson(text, visitor, root)
    case 'jsonLines': return text.split('\n').map(line => line.trim() === '' ? line : rewriteJson(line, visitor, root)).join('\n')
    case 'form': return rewriteForm(text, visitor, root)
    case 'xml': return rewriteXml(text, visitor, root)
    case 'csv': return rewriteCsv(text, visitor, root)
    case 'text':
    case 'multipart': throw new Hold('unknownType')
  }
}

function readPart (visitor: Visitor) {
  return (type: string, body: string, place: Spot): string | null => {
    const media = readMediaType(type)
    const isReadable = media !== undefined && media.format !== 'multipart'
    // A file that cannot be read is data of an unknown kind, whatever the rule for its field says.
    if (!isReadable || media.charset === undefined) {
      if (!visitor.enter(place)) return null
      visitor.removed(place)
      return '[redacted]'
    }
    const text = media.decode(Buffer.from(body, 'latin1'))
    if (media.format === 'text') {
      const answer = visitor.leaf(place, text, 'string')
      return answer === null ? null : media.encode(answer ?? text).toString('latin1')
    }
    if (!visitor.enter(place)) return null
    return media.encode(rewrite(text, media, { visitor, root: place })).toString('latin1')
  }
}

/** Reads a message and rewrites what the visitor changes. Throws a Hold for what cannot be read in one way. */
export function rewriteMessage ({ body }: Message, media: MediaType, { visitor, root }: { readonly visitor: Visitor, readonly root: Spot }): Buffer {
  if (media.format === 'multipart') {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
    return Buffer.from(rewriteMultipart(text, media.boundary, { visitor, root, readPart: readPart(visitor) }), 'latin1')
  }
  const text = media.decode(body)
  const answer = media.format === 'text' ? visitor.leaf(root, text, 'string') : undefined
  if (media.format === 'text') return answer === undefined ? Buffer.from(body) : media.encode(answer ?? '')
  const out = rewrite(text, media, { visitor, root })
  return out === text ? Buffer.from(body) : media.encode(out)
}

const nobody: MailPeople = { addresses: [], sender: 'redacted@redacted.invalid' }

function mailFacts ({ addresses, sender }: MailPeople, ids: Tokens): MailFacts {
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  return { addresses: new Set(addresses.map(address => address.toLowerCase())), sender, nameId: id => ids.isToken(id.split('@', 1)[0] ?? '') ? id : `${ids.tokenOf('other', id)}@${domain}` }
}

export function createRedactor ({ policy, tokens, ids = tokens, now, cpuLimit }: RedactorOptions): Redactor {
  const places = createPlaces(policy, isDataName)
  const redactMail = ({ body, mail = nobody }: Message): Redaction => {
    const manifest = createManifest(policy)
    const root = places.root()
    const options: EngineOptions = { policy, tokens, manifest, thisYear: new Date(now()).getUTCFullYear(), checkTime: createTimeCheck(cpuLimit), learnsFromProse: true }
    const facts = mailFacts(mail, ids)
    const collecting = new CollectingWalk(options)
    rewriteMail(body, { visitor: collecting, root, facts })
    return { held: undefined, body: rewriteMail(body, { visitor: new RedactingWalk(options, collecting.known), root, facts }), manifest: manifest.finish() }
  }
  const redact = (message: Message): Redaction => {
    if (/^message\/rfc822\s*(?:;|$)/i.test(message.type)) return redactMail(message)
    const media = readMediaType(message.type)
    if (media === undefined) throw new Hold('unknownType')
    const manifest = createManifest(policy)
    const root = places.root()
    const options: EngineOptions = { policy, tokens, manifest, thisYear: new Date(now()).getUTCFullYear(), checkTime: createTimeCheck(cpuLimit) }
    let collecting: CollectingWalk | undefined
    if (policy.hasProse && media.format !== 'text') {
      collecting = new CollectingWalk(options)
      rewriteMessage(message, media, { visitor: collecting, root })
    }
    const visitor = new RedactingWalk(options, collecting?.known)
    return { held: undefined, body: rewriteMessage(message, media, { visitor, root }), manifest: manifest.finish() }
  }
  return {
    redact (message) {
      try {
        return redact(message)
      } catch (error) {
        return { held: error instanceof Hold ? error.reason : 'failed' }
      }
    },
  }
}
