// The pre-sign-in cookie: proves that the answer of the IdP comes back in the browser that was sent away (login CSRF). It holds a random
// secret and which sign-ins are under way, sealed; it says nothing about a person and is worth nothing after sign-in.
import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createSecretId } from '../../shared/ids.ts'
import type { Clock } from '../../shared/clock.ts'
import { attemptLifetimeMs } from './attempts.ts'
import { reasons } from './reasons.ts'

export const browserCookieName = '__Host-sallyport-signin'
const cipherName = 'chacha20-poly1305'
const nonceLength = 12
const tagLength = 16
const maxPending = 16
/** The answer is a cross-site POST, which carries SameSite=None cookies only. */
const flags = 'Path=/; Secure; HttpOnly; SameSite=None'

export interface BrowserState {
  readonly secret: string
  /** RelayStates of sign-ins under way, shortened; several tabs may sign in at once. */
  readonly pending: readonly string[]
}

export interface BrowserCookie {
  /** The state that the browser carries. Throws a Denial `saml.cookieAmbiguous` when it carries two. */
  read(cookieHeader: string | undefined): BrowserState | undefined
  /** A state for a sign-in that begins: the secret that is there, or a new one. */
  begin(state: BrowserState | undefined): BrowserState
  /** Set-Cookie with one more sign-in under way. */
  withPending(state: BrowserState, relayState: string): string
  /** Set-Cookie with that sign-in over; clears the cookie after the last. */
  without(state: BrowserState, relayState: string): string
}

/** What the attempt keeps of the browser. */
export function hashBrowser (secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Whether the attempt was begun in the browser with this secret. */
export function isSameBrowser (state: BrowserState, browser: string): boolean {
  const actual = Buffer.from(hashBrowser(state.secret))
  const expected = Buffer.from(browser)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

function seal (text: string, key: Buffer): string {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagLength })
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
}

function open (sealed: string, key: Buffer): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length <= nonceLength + tagLength) return undefined
  try {
    const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, nonceLength), { authTagLength: tagLength })
    decipher.setAuthTag(bytes.subarray(-tagLength))
    return decipher.update(bytes.subarray(nonceLength, -tagLength)).toString() + decipher.final().toString()
  } catch {
    return undefined
  }
}

const shorten = (relayState: string) => relayState.slice(0, 8)

export function createBrowserCookie (deps: { readonly key: Buffer, readonly clock: Clock }): BrowserCookie {
  const { clock } = deps
  const key = Buffer.from(deps.key)
  const write = (state: BrowserState) =>
    `${browserCookieName}=${seal(JSON.stringify([state.secret, clock.now() + attemptLifetimeMs, state.pending]), key)}; Max-Age=${attemptLifetimeMs / 1000}; ${flags}`
  return {
    read (cookieHeader) {
      const values = (cookieHeader ?? '').split(';').map(pair => pair.trim()).filter(pair => pair.startsWith(`${browserCookieName}=`))
      if (values.length > 1) throw reasons.deny('saml.cookieAmbiguous')
      const text = values[0] === undefined ? undefined : open(values[0].slice(browserCookieName.length + 1), key)
      if (text === undefined) return undefined
      const [secret, expiresAt, pending] = JSON.parse(text) as [string, number, string[]] // sealed by us
      return expiresAt > clock.now() ? { secret, pending } : undefined
    },
    begin: state => state ?? { secret: createSecretId(), pending: [] },
    withPending: (state, relayState) => write({ secret: state.secret, pending: [...state.pending, shorten(relayState)].slice(-maxPending) }),
    without (state, relayState) {
      const pending = state.pending.filter(other => other !== shorten(relayState))
      return pending.length === 0 ? `${browserCookieName}=; Max-Age=0; ${flags}` : write({ secret: state.secret, pending })
    },
  }
}
