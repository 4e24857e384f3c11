// The keys of an archive, from its one configured key: one wraps the keys of segments, one signs their manifests.
import { createPrivateKey, createPublicKey, hkdfSync, sign, verify } from 'node:crypto'
import { closeSeal, openSeal } from '../seal.ts'
import { AuditSetupError } from '../setup-error.ts'

export interface ArchiveKeys {
  /** Names the key without telling anything about it. */
  readonly id: string
  /** PEM, SPKI. */
  readonly publicKey: string
  wrap (key: Buffer, place: string): string
  /** Undefined when it was not wrapped here, for this place. */
  unwrap (wrapped: string, place: string): Buffer | undefined
  sign (bytes: Buffer): string
  isGenuine (bytes: Buffer, signature: string): boolean
}

const keyBytes = 32
/** The fixed beginning of an Ed25519 private key in PKCS #8 (RFC 8410 section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** `text`: at least 32 bytes of base64. Throws an AuditSetupError. */
export function deriveArchiveKeys (text: string): ArchiveKeys {
  const master = Buffer.from(text.trim(), 'base64')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text.trim()) || master.length < keyBytes) {
    throw new AuditSetupError('audit.keyInvalid', 'The file of audit.archive.keyFile is not base64 of at least 32 random bytes. Make one with: sallyport keys create DIRECTORY (archive.key)')
  }
  const derive = (length: number, purpose: string) => Buffer.from(hkdfSync('sha256', master, '', JSON.stringify(['sallyport archive 1', purpose]), length))
  const wrapping = derive(keyBytes, 'wrap')
  const signing = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, derive(keyBytes, 'sign')]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(signing)
  return {
    id: derive(8, 'key id').toString('base64url'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    wrap: (key, place) => closeSeal(key, wrapping, Buffer.from(place)),
    unwrap: (wrapped, place) => openSeal(wrapped, wrapping, Buffer.from(place)),
    sign: bytes => sign(null, bytes, signing).toString('base64url'),
    isGenuine (bytes, signature) {
      const raw = Buffer.from(signature, 'base64url')
      return raw.toString('base64url') === signature && verify(null, bytes, publicKey, raw)
    },
  }
}
