// From an event to its record and back. Sealing is in two steps: what needs the event only, when it arrives, and what needs its place in the
// chain, when its batch goes to disk; a record that is withdrawn in between leaves no gap.
import { hash, randomFillSync } from 'node:crypto'
import sodium from 'sodium-native'
import { chainNext } from './chain.ts'
import type { AuditEvent } from './event.ts'
import { saltBytes } from './event-text.ts'
import type { EpochKeys } from './keys.ts'
import { formatClear, formatLine, macOf, type AuditRecord } from './record-form.ts'
import { writeBoundedEvent } from './shorten-event.ts'
import type { Tokeniser, Tokens } from './tokens.ts'

const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
const tagBytes = sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES

/** An event that waits for its place in the chain. */
export interface PreparedEvent {
  readonly id: string
  readonly kind: AuditEvent['kind']
  readonly time: number
  readonly outcome: string
  readonly tokens: Tokens
  /** Salt ‖ the event's text. */
  readonly salted: Buffer
  readonly leaf: string
}

/** A record as it goes to disk. */
export interface SealedRecord extends AuditRecord {
  readonly id: string
  /** Without the line break. */
  readonly line: string
}

/** Throws a TypeError when the event is not data. */
export function prepareEvent (event: AuditEvent, tokeniser: Tokeniser): PreparedEvent {
  if (!Number.isSafeInteger(event.time) || event.time < 0 || typeof event.id !== 'string') throw new TypeError('not an audit event')
  const text = writeBoundedEvent(event)
  const salted = Buffer.allocUnsafe(saltBytes + Buffer.byteLength(text))
  takeRandom(salted, saltBytes)
  salted.write(text, saltBytes)
  return { id: event.id, kind: event.kind, time: event.time, outcome: outcomeOf(event), tokens: tokeniser.tokensOf(event), salted, leaf: hash('sha256', salted, 'base64url') }
}

const clearOutcome = /^[A-Za-z0-9.]{1,64}$/

/** The reason code or the status: bounded words of ours. Anything else stays in the sealed part. */
export function outcomeOf (event: AuditEvent): string {
  const word = event.outcome?.reason ?? event.decision?.reason ?? event.outcome?.status?.toString() ?? ''
  return clearOutcome.test(word) ? word : ''
}

export interface Sealer {
  readonly seq: number
  readonly head: string
  seal (prepared: PreparedEvent): SealedRecord
}

/** Gives records their place in the chain of one epoch. `start` is the hash that the first one is chained to. */
export function createSealer (keys: EpochKeys, start: string, place: string): Sealer {
  let seq = 0
  let head = start
  return {
    get seq () { return seq },
    get head () { return head },
    seal (prepared) {
      seq += 1
      head = chainNext(head, seq, prepared.leaf)
      const { id, kind, time, outcome, tokens } = prepared
      const clearFields = { seq, time, kind, outcome, tokens, leaf: prepared.leaf, hash: head }
      const clear = formatClear(clearFields)
      const mac = macOf(clear, keys.mac)
      const seal = closeSeal(prepared.salted, keys.seal, placeOf(place, seq))
      return { ...clearFields, mac, seal, id, line: formatLine(clear, mac, seal) }
    },
  }
}

/** What a sealed part is bound to besides its key: where it stands (additional data of the AEAD). */
export function placeOf (place: string, seq: number): Buffer {
  return Buffer.from(`${place}:${seq}`)
}

// Sealing is never interrupted, so one piece of memory serves all records.
const scratch = Buffer.alloc(16 * 1024)
const nonce = Buffer.alloc(nonceBytes)

/** Nonce ‖ XChaCha20-Poly1305, base64url. The nonce is random: 192 bits need no counter, and a restored copy of a disk cannot repeat one. */
export function closeSeal (plain: Buffer, key: Buffer, place: Buffer): string {
  const length = nonceBytes + plain.length + tagBytes
  const output = length <= scratch.length ? scratch : Buffer.alloc(length)
  takeRandom(nonce, nonceBytes)
  nonce.copy(output)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(output.subarray(nonceBytes, length), plain, place, null, nonce, key)
  return output.toString('base64url', 0, length)
}

/** The plain bytes, or undefined when the seal does not hold or is not spelled as we spell it. */
export function openSeal (seal: string, key: Buffer, place: Buffer): Buffer | undefined {
  const bytes = Buffer.from(seal, 'base64url')
  if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== seal) return undefined
  const plain = Buffer.allocUnsafe(bytes.length - nonceBytes - tagBytes)
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, bytes.subarray(nonceBytes), place, bytes.subarray(0, nonceBytes), key)
  } catch { return undefined }
  return plain
}

const pool = Buffer.alloc(8192)
let taken = pool.length

/** Fills the first `length` bytes of `target` from a pool: one call to the generator for each record costs more than the record. */
function takeRandom (target: Buffer, length: number): void {
  if (taken + length > pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  pool.copy(target, 0, taken, taken + length)
  pool.fill(0, taken, taken + length)
  taken += length
}
