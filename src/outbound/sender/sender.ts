// Whether a message comes from our CRM. What the headers tell is judged before the body is read; a signature is checked over the exact bytes. It reads nothing of what they say.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { SenderConfig } from './config.ts'
import { createForm, type SignatureForm } from './forms.ts'
import { senderReasons } from './reasons.ts'
import { createReplayMemory } from './replay-memory.ts'

export { senderReasons }

export interface Claim {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  /** Every value of each header, by its name in small letters. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>
  /** SHA-256 of the client certificate in small hexadecimal digits, when one was shown that is valid now. */
  readonly fingerprint: string | undefined
}

export interface Proof {
  /** Throws a Denial when the bytes are not what was signed. Returns whether the same message was accepted before. */
  requireBody (body: Uint8Array): { readonly isRepeated: boolean }
  /** To be called once at the end. Accepted: the same signed message is a repetition from now on; otherwise it may come again. */
  settle (isAccepted: boolean): void
}

export interface SenderRoom {
  /** Throws a Denial before anything of the body is read. */
  require (destination: string, claim: Claim): Proof
}

/** Digests are of one length whatever was sent, so a comparison tells nothing about it. */
function isSame (one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function only (claim: Claim, header: string): string {
  const values = claim.headers[header.toLowerCase()] ?? []
  const [value] = values
  if (value === undefined || values.length > 1) throw senderReasons.deny('sender.missing')
  return value
}

const proven: Proof = { requireBody: () => ({ isRepeated: false }), settle () { /* may come as often as it likes */ } }

function requireToken (claim: Claim, header: string, secret: string): Proof {
  const value = only(claim, header)
  const token = header.toLowerCase() === 'authorization' ? /^Bearer +(\S+)$/i.exec(value)?.[1] : value
  if (token === undefined) throw senderReasons.deny('sender.missing')
  if (!isSame(token, secret)) throw senderReasons.deny('sender.wrong')
  return proven
}

/** Five minutes, as HubSpot, Stripe and the library of Standard Webhooks have it. */
const toleranceMs = 300_000
const underWayRetrySeconds = 5

interface SignedOptions { readonly form: SignatureForm, readonly now: () => number, readonly memory: ReturnType<typeof createReplayMemory> }

function requireSigned (claim: Claim, { form, now, memory }: SignedOptions): Proof {
  const signed = form.read(name => only(claim, name), claim)
  if (signed === undefined) throw senderReasons.deny('sender.missing')
  if (signed.time !== undefined && !(Math.abs(now() - signed.time) <= toleranceMs)) throw senderReasons.deny('sender.tooOld')
  let key: string | undefined
  return {
    requireBody (body) {
      const expected = signed.expect(body)
      // Every candidate is compared: how many were tried tells nothing about the one that fits.
      const fits = signed.candidates.map(candidate => isSame(candidate, expected)).includes(true)
      if (!fits) throw senderReasons.deny('sender.wrong')
      const name = signed.id ?? expected
      if (memory.has(name)) return { isRepeated: true }
      if (!memory.begin(name)) throw senderReasons.deny('sender.underWay', { retryAfterSeconds: underWayRetrySeconds })
      key = name
      return { isRepeated: false }
    },
    settle (isAccepted) { if (key !== undefined) memory.end(key, isAccepted) },
  }
}

function createProver (config: SenderConfig, now: () => number): (claim: Claim) => Proof {
  if (config.form === 'token') {
    const secret = config.secret.reveal().trim()
    return claim => requireToken(claim, config.header, secret)
  }
  if (config.form === 'certificate') {
    const expected = config.fingerprint.toLowerCase()
    return claim => {
      if (claim.fingerprint === undefined) throw senderReasons.deny('sender.missing')
      if (!isSame(claim.fingerprint, expected)) throw senderReasons.deny('sender.wrong')
      return proven
    }
  }
  const options = { form: createForm(config), now, memory: createReplayMemory(now) }
  return claim => requireSigned(claim, options)
}

export function createSenderRoom (senders: ReadonlyMap<string, SenderConfig>, { now }: { readonly now: () => number }): SenderRoom {
  const provers = new Map([...senders].map(([name, config]) => [name, createProver(config, now)]))
  return {
    require (destination, claim) {
      const prove = provers.get(destination)
      if (prove === undefined) throw senderReasons.deny('sender.missing')
      return prove(claim)
    },
  }
}
