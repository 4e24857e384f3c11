// The keys of an archive, from its one configured key: one wraps the keys of segments, one signs their manifests.
import { createPublicKey, sign, verify } from 'node:crypto'
import { deriveKey } from '../../shared/keys.ts'
import { SecretValue } from '../../shared/schema.ts'
import { closeSeal, openSeal } from '../seal.ts'
import { AuditSetupError } from '../setup-error.ts'
import { createSigningKey } from '../signing-key.ts'

export interface ArchiveKeys {
  /** Names the key without telling anything about it. */
  readonly id: string
  wrap (key: Buffer, place: string): string
  /** Undefined when it was not wrapped here, for this place. */
  unwrap (wrapped: string, place: string): Buffer | undefined
  sign (bytes: Buffer): string
  isGenuine (bytes: Buffer, signature: string): boolean
}

/** `text`: at least 32 bytes of base64. Throws an AuditSetupError. */
export function deriveArchiveKeys (text: string): ArchiveKeys {
  const derive = (purpose: string) => deriveKey(new SecretValue(text), `archive ${purpose}`)
  let wrapping: Buffer
  try { wrapping = derive('wrap') } catch (cause) {
    throw new AuditSetupError('audit.keyInvalid', 'The file of audit.archive.keyFile is not base64 of at least 32 random bytes. Make one with: sallyport keys create DIRECTORY (archive.key)', { cause })
  }
  const signing = createSigningKey(derive('sign'))
  const publicKey = createPublicKey(signing)
  return {
    id: derive('key id').toString('base64url', 0, 8),
    wrap: (key, place) => closeSeal(key, wrapping, Buffer.from(place)),
    unwrap: (wrapped, place) => openSeal(wrapped, wrapping, Buffer.from(place)),
    sign: bytes => sign(null, bytes, signing).toString('base64url'),
    isGenuine (bytes, signature) {
      const raw = Buffer.from(signature, 'base64url')
      return raw.toString('base64url') === signature && verify(null, bytes, publicKey, raw)
    },
  }
}
