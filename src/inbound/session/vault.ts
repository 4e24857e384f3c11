// What the store may know of a person: nothing. Names, addresses and identifiers are sealed; what must be found again goes by keyed hashes,
// so that neither a copy of the store nor a guess at a name tells who was signed in.
import { hash, randomFillSync } from 'node:crypto'
import sodium from 'sodium-native'
import { deriveKey } from '../../shared/keys.ts'
import { remember } from '../../shared/remember.ts'
import type { SecretValue } from '../../shared/schema.ts'
import type { Principal } from '../principal.ts'
import type { Place, Session, SessionQuery } from './session.ts'
import { sessionForm, type StoredSession, type StoreQuery } from './store.ts'

export interface Vault {
  seal(session: Session): StoredSession
  /** Of a session, where it began and where it was used last. */
  sealPlace(session: Session): string
  /** The session, or undefined when its seal does not hold (another secret, or somebody changed it) or a newer version wrote it. */
  open(stored: StoredSession): Session | undefined
  /** The look-up that answers a query about a person. */
  hashQuery(query: Exclude<SessionQuery, { by: 'key' }>): StoreQuery
  hashName(name: string): string
  sealValue(name: string, value: string): string
  openValue(name: string, sealed: string): string | undefined
}

/** The session's name in the store and in the trail. Whoever reads it cannot make the cookie of it. */
export const keyOfId = remember((id: string): string => hash('sha256', id, 'base64url'), { limit: 8192 })

const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
const tagBytes = sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES

/** Throws a RangeError when the secret is too short. */
export function createVault (secret: SecretValue): Vault {
  const sealingKey = deriveKey(secret, 'session-person')
  const placeKey = deriveKey(secret, 'session-place')
  const valueKey = deriveKey(secret, 'session-one-time')
  const hashingKey = deriveKey(secret, 'session-look-up')
  // The kind stands in the hashed text, so that an id that equals somebody's NameID gives another hash.
  const hashOf = (kind: string, ...parts: readonly string[]) => {
    const output = Buffer.allocUnsafe(24)
    sodium.crypto_generichash(output, Buffer.from(JSON.stringify([kind, ...parts])), hashingKey)
    return output.toString('base64url')
  }
  const hashIndex = (nameId: string, sessionIndex: string | undefined) => sessionIndex === undefined ? '' : hashOf('index', nameId, sessionIndex)
  const sealPlace = (session: Session) => closeSeal(JSON.stringify({ began: session.beganFrom, last: session.lastAddress }), placeKey, placeOf(session))
  return {
    sealPlace,
    seal (session) {
      const { key, principal, beganAt, lastActiveAt, endsAt } = session
      return {
        key,
        sealed: closeSeal(JSON.stringify(principal), sealingKey, placeOf({ key, beganAt, endsAt })),
        person: hashOf('person', principal.id),
        nameId: hashOf('nameId', principal.nameId),
        index: hashIndex(principal.nameId, principal.sessionIndex),
        beganAt,
        lastActiveAt,
        endsAt,
        form: sessionForm,
        place: sealPlace(session),
      }
    },
    open (stored) {
      const { key, beganAt, lastActiveAt, endsAt } = stored
      if (stored.form > sessionForm) return undefined
      const text = openSeal(stored.sealed, sealingKey, placeOf(stored))
      if (text === undefined) return undefined
      const place = readPlace(openSeal(stored.place, placeKey, placeOf(stored)))
      return { key, principal: readPrincipal(text), beganAt, lastActiveAt, endsAt, beganFrom: place.began, lastAddress: place.last }
    },
    hashQuery (query) {
      if (query.by === 'all') return query
      if (query.by === 'person') return { by: 'person', person: hashOf('person', query.id) }
      const { nameId, sessionIndex } = query
      return { by: 'nameId', nameId: hashOf('nameId', nameId), index: sessionIndex === undefined ? undefined : hashIndex(nameId, sessionIndex) }
    },
    hashName: name => hashOf('once', name),
    sealValue: (name, value) => closeSeal(value, valueKey, Buffer.from(name)),
    openValue: (name, sealed) => openSeal(sealed, valueKey, Buffer.from(name)),
  }
}

/** Bound into the seal: whoever can write to the store can neither give a session another person nor move its last end. */
function placeOf ({ key, beganAt, endsAt }: Pick<StoredSession, 'key' | 'beganAt' | 'endsAt'>): Buffer {
  return Buffer.from(JSON.stringify([key, beganAt, endsAt]))
}

/** Without one, or with one that does not open, nobody knows where it began: bound to something, it is refused. */
function readPlace (text: string | undefined): { readonly began?: Place | undefined, readonly last?: string | undefined } {
  if (text === undefined) return {}
  const { began, last } = JSON.parse(text) as { readonly began?: Place, readonly last?: string }
  return { began: began === undefined ? undefined : { address: began.address, certificate: began.certificate }, last }
}

/** JSON drops what is undefined; the fields come back by name. */
function readPrincipal (text: string): Principal {
  const { id, name, email, groups, idp, nameId, nameIdFormat, sessionIndex, authnContext, authenticatedAt, notAfter } = JSON.parse(text) as Principal
  return Object.freeze({ id, name, email, groups: Object.freeze(groups), idp, nameId, nameIdFormat, sessionIndex, authnContext, authenticatedAt, notAfter })
}

/** Nonce ‖ XChaCha20-Poly1305, base64url. The nonce is random: 192 bits do not repeat. */
function closeSeal (text: string, key: Buffer, place: Buffer): string {
  const plain = Buffer.from(text)
  const output = Buffer.allocUnsafe(nonceBytes + plain.length + tagBytes)
  const nonce = randomFillSync(output.subarray(0, nonceBytes))
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(output.subarray(nonceBytes), plain, place, null, nonce, key)
  return output.toString('base64url')
}

function openSeal (seal: string, key: Buffer, place: Buffer): string | undefined {
  const bytes = Buffer.from(seal, 'base64url')
  if (bytes.length < nonceBytes + tagBytes) return undefined
  const plain = Buffer.allocUnsafe(bytes.length - nonceBytes - tagBytes)
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, bytes.subarray(nonceBytes), place, bytes.subarray(0, nonceBytes), key)
  } catch {
    return undefined
  }
  return plain.toString('utf8')
}
