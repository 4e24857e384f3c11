// The redaction engine's one door: a message in, the same message without what its policy does not let pass and a record of what was done, or a reason why it is held.
// It never gives out a part of a message, and never a value outside the body.
import { CollectingWalk, isDataName, RedactingWalk, type EngineOptions } from './engine.ts'
import { findType } from './find-type.ts'
import { Hold, type HeldReason } from './hold.ts'
import type { MailFacts } from './mail/mail-headers.ts'
import { rewriteMail } from './mail/rewrite-mail.ts'
import { createManifest, type Manifest } from './manifest.ts'
import { readMediaType, type MediaType } from './media-type.ts'
import { createPlaces, type Places } from './place.ts'
import type { Policy } from './policy.ts'
import { rewriteMessage, type MailPeople, type Message } from './rewrite-message.ts'
import type { Tokens } from './tokens.ts'

export { compilePolicy, createProsePolicy, type Policy, type PolicyProblem } from './policy.ts'
export { createKeyedTokens, createVaultTokens, isOwnToken, type KeepValue, type Tokens, type TokenVault } from './tokens.ts'
export { Hold, heldReasons, type HeldReason } from './hold.ts'
export { identifierKinds, kindWords, maskOf, type Kind } from './identifier-kinds.ts'
export { generalise } from './generalise.ts'
export { isDataName } from './engine.ts'
export { readMediaType, type MediaType } from './media-type.ts'
export { rewriteMessage, type MailPeople, type Message } from './rewrite-message.ts'
export { createSurvey, type Survey } from './learn/survey.ts'
export { proposePolicy, type Proposal } from './learn/propose.ts'
export { compilePaths, itemName, parsePathPattern, type PathState } from './path-pattern.ts'
export type { LeafType, Spot, Visitor } from './visitor.ts'
export type { Manifest, ManifestEntry } from './manifest.ts'

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

/** The rules for the type that a message is of, and that type. Throws a Hold where other types are held. */
function choose (policy: Policy, message: Message, media: MediaType): { readonly policy: Policy, readonly type?: string } {
  const { byType, deepest } = policy
  if (byType === undefined) return { policy }
  const type = media.format === 'text' ? undefined : findType(byType, deepest, (visitor, root) => { rewriteMessage(message, media, { visitor, root }) })
  const chosen = type === undefined ? undefined : byType.cases.get(type)
  if (chosen === undefined && byType.otherwise === 'hold') throw new Hold('noType')
  return chosen === undefined || type === undefined ? { policy } : { policy: chosen, type }
}

/** For the parts of a message, whose types are looked for as its own is. */
function createPartChoice (whole: Policy): EngineOptions['policyOfPart'] {
  const { byType, deepest } = whole
  if (byType?.each === undefined) return undefined
  return read => {
    const type = findType(byType, deepest, read)
    const chosen = type === undefined ? undefined : byType.cases.get(type)
    if (chosen === undefined && byType.otherwise === 'hold') throw new Hold('noType')
    return chosen ?? whole
  }
}

const nobody: MailPeople = { addresses: [], sender: 'redacted@redacted.invalid' }

function mailFacts ({ addresses, sender }: MailPeople, ids: Tokens): MailFacts {
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  return { addresses: new Set(addresses.map(address => address.toLowerCase())), sender, nameId: id => ids.isToken(id.split('@', 1)[0] ?? '') ? id : `${ids.tokenOf('other', id)}@${domain}` }
}

export function createRedactor ({ policy: whole, tokens, ids = tokens, now, cpuLimit }: RedactorOptions): Redactor {
  const placesOf = new Map<Policy, Places>()
  const policyOfPart = createPartChoice(whole)
  const partsHaveProse = policyOfPart !== undefined && [whole, ...whole.byType?.cases.values() ?? []].some(({ hasProse }) => hasProse)
  const rootOf = (chosen: Policy) => {
    let places = placesOf.get(chosen)
    if (places === undefined) placesOf.set(chosen, places = createPlaces(chosen, isDataName, whole.byType?.each))
    return places.root()
  }
  const redactMail = ({ body, mail = nobody }: Message): Redaction => {
    // A mail is of no type of its own: the common rules are about it.
    const manifest = createManifest(whole)
    const root = rootOf(whole)
    const options: EngineOptions = { policy: whole, tokens, manifest, thisYear: new Date(now()).getUTCFullYear(), checkTime: createTimeCheck(cpuLimit), learnsFromProse: true }
    const facts = mailFacts(mail, ids)
    const collecting = new CollectingWalk(options)
    rewriteMail(body, { visitor: collecting, root, facts })
    return { held: undefined, body: rewriteMail(body, { visitor: new RedactingWalk(options, collecting.known), root, facts }), manifest: manifest.finish() }
  }
  const redact = (message: Message): Redaction => {
    if (/^message\/rfc822\s*(?:;|$)/i.test(message.type)) return redactMail(message)
    const media = readMediaType(message.type)
    if (media === undefined) throw new Hold('unknownType')
    const { policy, type } = choose(whole, message, media)
    const manifest = createManifest(policy, type)
    const root = rootOf(policy)
    const options: EngineOptions = { policy, tokens, manifest, thisYear: new Date(now()).getUTCFullYear(), checkTime: createTimeCheck(cpuLimit), policyOfPart }
    let collecting: CollectingWalk | undefined
    if ((policy.hasProse || partsHaveProse) && media.format !== 'text') {
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
