// Tells the CRM who the person is: plain headers, and a signed token when one is configured.
// Values are made safe for a header: what is not visible ASCII is percent-encoded UTF-8, so decodeURIComponent gives the text back.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../../shared/clock.ts'
import { createRequestId } from '../../shared/ids.ts'
import { rememberByObject } from '../../shared/remember.ts'
import { durationMs } from '../../shared/schema.ts'
import type { UpstreamConfig } from './config.ts'
import type { ForwardContext } from './forward.ts'

type Person = ForwardContext['person']
export type HeaderPair = readonly [name: string, value: string]

/** The headers that name the person; a promise only when a token has to be signed. */
export type IdentityHeaders = (person: Person) => readonly HeaderPair[] | Promise<readonly HeaderPair[]>

const maxCachedTokens = 10_000

/** Everything but printable ASCII, `%`, and spaces at the ends; in a list the comma too. */
const unsafe = /[^\u0020-\u007e]|%|^ +| +$/gu
const unsafeInList = /[^\u0020-\u007e]|[%,]|^ +| +$/gu

function percentEncode (text: string): string {
  return [...Buffer.from(text, 'utf8')].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

function encodeValue (text: string): string {
  return text.toWellFormed().replace(unsafe, percentEncode)
}

function encodeList (items: readonly string[]): string {
  return items.map(item => item.toWellFormed().replace(unsafeInList, percentEncode)).join(',')
}

function readSigningKey (pem: string): { readonly key: KeyObject, readonly algorithm: 'EdDSA' | 'ES256' } {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType === 'ed25519') return { key, algorithm: 'EdDSA' }
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return { key, algorithm: 'ES256' }
  throw new TypeError('upstream.identity.token.key is neither Ed25519 nor P-256')
}

type TokenConfig = NonNullable<UpstreamConfig['identity']['token']>

/** Signs once per person and half a lifetime: a token in use is always valid for at least the other half. */
function createTokenSource (config: TokenConfig, options: { readonly clock: Clock, readonly issuer: string }): (person: Person) => Promise<string> {
  const { key, algorithm } = readSigningKey(config.key.reveal())
  const lifetimeMs = durationMs(config.lifetime)
  const cache = new Map<string, { readonly token: string, readonly renewAt: number, readonly signedAt: number }>()
  return async person => {
    const subject = JSON.stringify([person.id, person.name, person.email, person.groups])
    const nowMs = options.clock.now()
    const known = cache.get(subject)
    // A wall clock that was set back must not keep an old token alive.
    if (known !== undefined && nowMs < known.renewAt && nowMs >= known.signedAt) return known.token
    const issuedAt = Math.floor(nowMs / 1000)
    // Most gateways sign no tokens, and need not load what does.
    const { SignJWT } = await import('jose')
    const token = await new SignJWT({ name: person.name, groups: [...person.groups], ...(person.email === undefined ? {} : { email: person.email }) })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(options.issuer)
      .setSubject(person.id)
      .setAudience(config.audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + Math.ceil(lifetimeMs / 1000))
      .setJti(createRequestId())
      .sign(key)
    cache.delete(subject)
    cache.set(subject, { token, renewAt: nowMs + lifetimeMs / 2, signedAt: nowMs })
    const oldest = cache.keys().next().value
    if (cache.size > maxCachedTokens && oldest !== undefined) cache.delete(oldest)
    return token
  }
}

/** Throws a TypeError on a key that cannot sign. */
export function createIdentityHeaders (config: UpstreamConfig['identity'], options: { readonly clock: Clock, readonly issuer: string }): IdentityHeaders {
  // A session's person is one object that nobody changes.
  const plain = rememberByObject((person: Person): readonly HeaderPair[] => [
    [config.user, encodeValue(person.id)],
    ...(person.email === undefined ? [] : [[config.email, encodeValue(person.email)] as const]),
    ...(person.groups.length === 0 ? [] : [[config.groups, encodeList(person.groups)] as const]),
  ])
  if (config.token === undefined) return plain
  const { header } = config.token
  const sign = createTokenSource(config.token, options)
  return async person => [...plain(person), [header, await sign(person)]]
}
