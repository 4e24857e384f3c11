// The signature of an export: Ed25519 over the bytes of its manifest. Whoever knows the public key from elsewhere can tell that nothing was changed since.
import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto'
import type { SecretValue } from '../../shared/schema.ts'

export interface ExportSigner {
  /** PEM, SPKI. */
  readonly publicKey: string
  /** SHA-256 of the public key's DER, in hex: short enough to be read out. */
  readonly fingerprint: string
  sign (bytes: Buffer): Buffer
}

/** Undefined when the text is not an Ed25519 private key in PEM. */
export function createExportSigner (secret: SecretValue): ExportSigner | undefined {
  let key: KeyObject
  try { key = createPrivateKey(secret.reveal()) } catch { return undefined }
  if (key.asymmetricKeyType !== 'ed25519') return undefined
  const spki = createPublicKey(key)
  return {
    publicKey: spki.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: hash('sha256', spki.export({ type: 'spki', format: 'der' }), 'hex'),
    sign: bytes => sign(null, bytes, key),
  }
}
