// Tokens: keyed digests that stand in the clear, so that "everything about this patient" is a look-up and no identifier is readable.
import sodium from 'sodium-native'
import { rememberByObject } from '../shared/remember.ts'
import type { AuditEvent } from './event.ts'
import type { AuditKey, AuditKeys } from './keys.ts'

export const tokenNames = ['person', 'session', 'address', 'patient', 'record'] as const
export type TokenName = typeof tokenNames[number]
export type Tokens = Readonly<Partial<Record<TokenName, string>>>

export interface Tokeniser {
  /** The token of one value: 22 characters of base64url (128 bits). A record's parts are its type and its id. */
  tokenOf (name: TokenName, ...parts: readonly string[]): string
  /** The tokens of everything in an event that is looked up. */
  tokensOf (event: AuditEvent): Tokens
}

/** Tokens of each kind that are kept: the same few people, sessions and addresses come again and again. */
const remembered = 4096

export function createTokeniser (key: Buffer): Tokeniser {
  const output = Buffer.alloc(16)
  const tokenOf: Tokeniser['tokenOf'] = (name, ...parts) => {
    sodium.crypto_generichash(output, Buffer.from(JSON.stringify([name, ...parts])), key)
    return output.toString('base64url')
  }
  const remember = (name: TokenName) => {
    let known = new Map<string, string>()
    return (...parts: readonly string[]): string => {
      const value = parts.length === 1 ? parts[0] as string : parts.map(part => `${part.length} ${part}`).join(' ')
      let token = known.get(value)
      if (token !== undefined) return token
      token = tokenOf(name, ...parts)
      if (known.size >= remembered) known = new Map()
      if (value.length <= 256) known.set(value, token)
      return token
    }
  }
  const [person, session, address, patient, recordOf] = [remember('person'), remember('session'), remember('address'), remember('patient'), remember('record')]
  return {
    tokenOf,
    tokensOf ({ who, from, what }) {
      const record = what?.record
      const tokens: Partial<Record<TokenName, string>> = {}
      if (who !== undefined) tokens.person = person(who.id)
      if (who?.session !== undefined) tokens.session = session(who.session)
      if (from !== undefined) tokens.address = address(from.address)
      if (record?.patient !== undefined) tokens.patient = patient(record.patient)
      if (record?.id !== undefined) tokens.record = recordOf(record.type, record.id)
      return tokens
    },
  }
}

const tokeniserOfKey = rememberByObject((key: AuditKey) => createTokeniser(key.token))

/** The tokeniser of the key that an epoch has. */
export function tokeniserOf (keys: AuditKeys, epoch: number): Tokeniser {
  return tokeniserOfKey(keys.of(epoch))
}
