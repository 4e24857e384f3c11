// Sign-in attempts on the server: where the person wanted to go, and which request was sent for which browser. The browser only carries an
// opaque id (RelayState); no address ever travels through the IdP.
import { createSecretId } from '../../shared/ids.ts'
import type { Clock } from '../../shared/clock.ts'
import type { OneTimeStore } from '../one-time-store.ts'

export const attemptLifetimeMs = 10 * 60 * 1000
const maxReturnToLength = 4096

/** Kept on the server between leaving for the IdP and coming back; its id is the RelayState. One use, ten minutes. */
export interface SignInAttempt {
  readonly id: string
  /** Path and query on our own origin to come back to; begins with one `/`. */
  readonly returnTo: string
  /** ID of the AuthnRequest, once it was sent. */
  readonly requestId: string | undefined
  /** SHA-256 of the pre-sign-in cookie's secret: binds the request to this browser. */
  readonly browser: string | undefined
  readonly expiresAt: number
  /** The IdP must have asked the person anew after this moment, ms since the epoch; undefined when any live sign-in there will do. */
  readonly freshAfter?: number | undefined
}

/** An attempt whose request is on its way. */
export type SentAttempt = SignInAttempt & { readonly requestId: string, readonly browser: string }

/** `returnTo` when it is a path on our own origin whatever a browser makes of it, else `/`. */
export function safeReturnTo (returnTo: string, publicUrl: string): string {
  if (returnTo.length > maxReturnToLength || !/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(returnTo)) return '/'
  const path = /^[^?#]*/.exec(returnTo)?.[0] ?? ''
  const url = URL.parse(returnTo, publicUrl)
  return !path.includes('//') && url !== null && url.origin === new URL(publicUrl).origin ? returnTo : '/'
}

function isAttempt (value: unknown): value is SignInAttempt {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' &&
    'returnTo' in value && typeof value.returnTo === 'string' && 'expiresAt' in value && typeof value.expiresAt === 'number'
}

function isSent (attempt: SignInAttempt | undefined): attempt is SentAttempt {
  return typeof attempt?.requestId === 'string' && typeof attempt.browser === 'string'
}

/** Whether the text can be an id of ours at all. */
export function isRelayState (text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

export interface Attempts {
  /** Stores a new attempt. */
  prepare(returnTo: string, isFresh?: boolean): Promise<SignInAttempt>
  /** An attempt that was prepared and not finished. */
  find(id: string): Promise<SignInAttempt | undefined>
  /** Stores that a request was sent; the id of the result is the RelayState. `returnTo` is `/` or comes from a prepared attempt. */
  send(returnTo: string, sent: Pick<SentAttempt, 'requestId' | 'browser' | 'freshAfter'>): Promise<SentAttempt>
  /** A sent attempt, left where it is. */
  findSent(relayState: string): Promise<SentAttempt | undefined>
  /** Takes a sent attempt: one caller gets it, ever. */
  takeSent(relayState: string): Promise<SentAttempt | undefined>
  /** The next sign-in of this browser asks the IdP for a fresh one. */
  askFresh(browser: string): Promise<void>
  takeFresh(browser: string): Promise<boolean>
}

export function createAttempts (deps: { readonly store: OneTimeStore, readonly clock: Clock, readonly publicUrl: string }): Attempts {
  const { store, clock } = deps
  const parse = (text: string | undefined): SignInAttempt | undefined => {
    const value: unknown = text === undefined ? undefined : JSON.parse(text)
    return isAttempt(value) && value.expiresAt > clock.now() ? value : undefined
  }
  const put = async (key: string, attempt: SignInAttempt) => {
    // An attempt that a power cut took costs a new sign-in and nothing else.
    if (!await store.putOnce(key, JSON.stringify(attempt), attempt.expiresAt - clock.now(), { mayBeLost: true })) throw new Error('a new secret id was in use')
  }
  const create = (returnTo: string): SignInAttempt => ({ id: createSecretId(), returnTo, requestId: undefined, browser: undefined, expiresAt: clock.now() + attemptLifetimeMs })
  return {
    async prepare (returnTo, isFresh = false) {
      const attempt = { ...create(safeReturnTo(returnTo, deps.publicUrl)), ...(isFresh ? { freshAfter: clock.now() } : {}) }
      await put(`saml.attempt:${attempt.id}`, attempt)
      return attempt
    },
    find: async id => isRelayState(id) ? parse(await store.peek(`saml.attempt:${id}`)) : undefined,
    async send (returnTo, sent) {
      const attempt = { ...create(returnTo), ...sent }
      await put(`saml.sent:${attempt.id}`, attempt)
      return attempt
    },
    async findSent (relayState) {
      const found = isRelayState(relayState) ? parse(await store.peek(`saml.sent:${relayState}`)) : undefined
      return isSent(found) ? found : undefined
    },
    async takeSent (relayState) {
      const found = isRelayState(relayState) ? parse(await store.take(`saml.sent:${relayState}`)) : undefined
      return isSent(found) ? found : undefined
    },
    async askFresh (browser) { await store.putOnce(`saml.fresh:${browser}`, '1', attemptLifetimeMs) },
    takeFresh: async browser => await store.take(`saml.fresh:${browser}`) !== undefined,
  }
}
