// Ed25519 keys from 32 derived bytes.
import { createPrivateKey, type KeyObject } from 'node:crypto'

/** The fixed beginning of an Ed25519 private key in PKCS #8 (RFC 8410 section 7); the 32 bytes of the seed follow. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** `seed` is 32 bytes, of this purpose alone. */
export function createSigningKey (seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
}
