// Identifiers that say nothing about what they name.
import { randomBytes } from 'node:crypto'

const poolBytes = 4096
let pool = Buffer.alloc(0)
let offset = 0

/** `length` random bytes from a pool, because one call to the generator for each id costs more than the id. */
function takeRandom (length: number): Buffer {
  if (offset + length > pool.length) {
    pool = randomBytes(poolBytes)
    offset = 0
  }
  const slice = pool.subarray(offset, offset + length)
  offset += length
  return slice
}

/** Request id: 96 random bits, 16 characters of base64url; a command line must not take it for an option, so it never begins with a hyphen. Not a secret. */
export function createRequestId (): string {
  for (;;) {
    const id = takeRandom(12).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

/** A secret that names a session or a sign-in attempt: 256 random bits, 43 characters of base64url. */
export function createSecretId (): string {
  return randomBytes(32).toString('base64url')
}
