// Keys from the one configured secret: each purpose has its own, so that what one purpose sealed, no other can open.
import { hkdfSync } from 'node:crypto'
import type { SecretValue } from './schema.ts'

const keyBytes = 32

/**
 * The 32-byte key of a purpose (HKDF-SHA-256, RFC 5869). Throws a RangeError when the secret is not base64 (or base64url) of at least
 * 32 bytes. The purpose is a fixed word of ours; the same secret and purpose give the same key on every replica.
 */
export function deriveKey (secret: SecretValue, purpose: string): Buffer {
  const text = secret.reveal().trim()
  // A stricter look than Buffer.from, which skips what it cannot read and would make a short key of a typing mistake.
  const isBase64 = /^(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2})$/.test(text)
  const master = isBase64 ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (master.length < keyBytes) throw new RangeError('the secret is not base64 of at least 32 random bytes; make one with: openssl rand -base64 32')
  if (purpose === '') throw new TypeError('a key needs a purpose')
  // The parts of `info` stand in a JSON list, so that no two lists of parts give one text (RFC 5869 section 3.2).
  return Buffer.from(hkdfSync('sha256', master, '', JSON.stringify(['sallyport', 1, purpose]), keyBytes))
}
