// Seals pieces of any size: XChaCha20-Poly1305 under a random nonce, bound to what the piece is.
import { randomBytes } from 'node:crypto'
import sodium from 'sodium-native'

const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
const tagBytes = sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES

/** Nonce ‖ sealed. `key`: 32 bytes. */
export function sealBytes (plain: Buffer, key: Buffer, place: string): Buffer {
  const output = Buffer.alloc(nonceBytes + plain.length + tagBytes)
  const nonce = randomBytes(nonceBytes)
  nonce.copy(output)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(output.subarray(nonceBytes), plain, Buffer.from(place), null, nonce, key)
  return output
}

/** Undefined when it is not what was sealed with this key, as this. */
export function openBytes (sealed: Buffer, key: Buffer, place: string): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined
  const plain = Buffer.alloc(sealed.length - nonceBytes - tagBytes)
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed.subarray(nonceBytes), Buffer.from(place), sealed.subarray(0, nonceBytes), key)
    return plain
  } catch { return undefined }
}
