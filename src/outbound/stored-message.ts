// A message as it lies sealed on disk: one line of JSON about it, then its bytes.
import type { Kind } from '../phi/phi.ts'
import type { Verdicts } from './shield/shield.ts'

export interface StoredMessage {
  /** The id that it was accepted under; it stays the same whatever happens to it. */
  readonly id: string
  readonly destination: string
  /** What is put behind the destination's url; empty for nothing. */
  readonly path: string
  /** Content-Type. */
  readonly type: string
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  readonly body: Buffer
  /** Of a mail; its destination is the class of its recipients. */
  readonly envelope?: MailEnvelope | undefined
  /** Of a request through the proxy. */
  readonly call?: StoredCall | undefined
  /** What of an agreement it makes use of: kinds of identifiers that are still in it, or free text (none of them). Undefined: it needs no agreement. */
  readonly underAgreement?: readonly Kind[] | undefined
  /** Of a mail from outside; its destination is the alias, its envelope leads to the CRM's mailbox. */
  readonly shield?: ShieldMail | undefined
}

/** What is known of a mail from outside. */
export interface ShieldMail {
  /** That it was accepted under. */
  readonly id: string
  /** When, as a header writes it. */
  readonly date: string
  readonly isEncrypted: boolean
  /** Received fields that it came with. */
  readonly hops: number
  /** Addresses in From and Reply-To. */
  readonly people: readonly string[]
  /** Of the envelope. */
  readonly senderDomain: string | undefined
  readonly verdicts: Verdicts
}

export interface StoredCall {
  readonly method: string
  readonly port: number
  readonly path: string
  /** Without the question mark; empty for none. */
  readonly query: string
  /** In small letters. */
  readonly headers: Readonly<Record<string, string>>
}

export interface MailEnvelope {
  /** Empty for a report, which nobody answers. */
  readonly from: string
  readonly to: readonly string[]
}

/** A mail that waits for its server. */
export interface QueuedMail extends StoredMessage {
  readonly envelope: MailEnvelope
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly nextAt: number
  /** Why the last attempt failed. */
  readonly lastCode?: string | undefined
  /** Recipients that the server refuses for good. */
  readonly refused: readonly string[]
}

/** What the command line asks the running gateway for. */
export interface MailOrder { readonly id: string, readonly order: 'retry' | 'drop' }

/** Directories below gateway.dataDirectory, and what each is sealed for. */
export const outboundPlaces = { queue: 'outbound-queue', quarantine: 'outbound-quarantine', approved: 'outbound-approved', mailQueue: 'outbound-mail-queue', mailOrders: 'outbound-mail-orders', shieldQueue: 'outbound-shield-queue' } as const

export function packMessage<T extends StoredMessage> (message: T): Buffer {
  const { body, ...about } = message
  return Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), body])
}

/** Of bytes that `packMessage` made and that were sealed since. */
export function unpackMessage<T extends StoredMessage> (bytes: Buffer): T {
  const end = bytes.indexOf(0x0a)
  return { ...JSON.parse(bytes.toString('utf8', 0, end)) as Omit<T, 'body'>, body: Buffer.from(bytes.subarray(end + 1)) } as T
}

/** Beside them: which value has which token. */
export const tokenVaultFile = 'outbound-tokens.sqlite'
