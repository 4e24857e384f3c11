// SAML 2.0 sign-in and single logout with a strict profile above node-saml: what is not proven by the signed XML is not believed.
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { OneTimeStore } from '../one-time-store.ts'
import type { Principal } from '../principal.ts'
import { browserCookieName } from './browser-cookie.ts'
import type { SamlConfig } from './config.ts'
import { openIdpSource } from './idp-source.ts'
import { readOwnKeys } from './keys.ts'
import type { SamlAnswer } from './send-message.ts'
import { readSettings, type SamlContext } from './settings.ts'
import { createSignIn } from './sign-in.ts'
import { createSignOut } from './sign-out.ts'
import { writeSpMetadata } from './sp-metadata.ts'

export { explainIdpMetadata } from './idp-source.ts'
export type { SignInAttempt } from './attempts.ts'
export type { SamlAnswer } from './send-message.ts'
export { samlPaths } from './settings.ts'
export { reasons as samlReasons } from './reasons.ts'

export interface SamlRoom {
  /** Stores where the person wanted to go. Returns the attempt's id, for `/_sallyport/sign-in?attempt=<id>`. `isFresh`: the IdP must ask anew. */
  prepare(returnTo: string, isFresh?: boolean): Promise<string>
  /**
   * Sends the browser to the IdP. A missing, unknown or finished attempt begins anew with `/`. Sets the pre-sign-in cookie, or keeps the browser's
   * one. `isFresh`: the IdP must ask anew, whatever the attempt says.
   */
  start(attemptId: string | undefined, cookieHeader?: string, how?: { readonly isFresh?: boolean }): Promise<SamlAnswer>
  /** Whether the browser was sent away by us and may post an answer: judged before its form is read. Throws a Denial `saml.cookieAmbiguous`. */
  mayConsume(cookieHeader: string | undefined): boolean
  /**
   * Assertion consumer service: verifies the posted form (raw body, `application/x-www-form-urlencoded`). Throws a Denial `saml.*`.
   * Returns the proven person and the path to go back to.
   */
  consume(form: string, cookieHeader: string | undefined): Promise<{ principal: Principal, returnTo: string, setCookie: readonly string[] }>
  /** SP-initiated logout: where to send the browser, or undefined when the IdP has no single logout. */
  startLogout(principal: Principal): Promise<SamlAnswer | undefined>
  /**
   * Single logout endpoint, both directions and bindings. `endSessions` must end the sessions and tell how many;
   * Success is answered only after it did.
   */
  logout(
    message: { readonly query: string, readonly form: string | undefined },
    endSessions: (nameId: string, sessionIndex: string | undefined) => Promise<number>,
  ): Promise<SamlAnswer>
  /** SP metadata XML. */
  metadata(): string
  /** Whether the IdP's metadata could be read, for readiness. */
  ready(): { readonly ok: boolean, readonly detail: string }
  readonly reservedCookieNames: readonly string[]
  close(): Promise<void>
}

export interface SamlDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly store: OneTimeStore
  /** Our own origin, `https://crm.example`. */
  readonly publicUrl: string
  /** 32 bytes for the pre-sign-in cookie alone; the same on every replica. */
  readonly signInKey: Buffer
}

/**
 * Builds the room. Throws a ConfigurationError for keys, certificates or a metadata file that cannot be used; a metadata address that does not
 * answer is retried while readiness is red.
 */
export async function createSamlRoom (config: SamlConfig, deps: SamlDeps): Promise<SamlRoom> {
  const { clock, log, store, publicUrl, signInKey } = deps
  if (signInKey.length !== 32) throw new TypeError('signInKey must be 32 bytes')
  const settings = readSettings(config, publicUrl)
  const keys = readOwnKeys(config)
  const idp = await openIdpSource(config.idp, { clock, log, skewMs: settings.skewMs, canSign: keys.signing !== undefined })
  const context: SamlContext = { settings, keys, idp, clock, log, store }
  const signIn = createSignIn(context, { publicUrl, signInKey })
  const signOut = createSignOut(context)
  const metadata = writeSpMetadata({ ...settings, keys })
  return {
    ...signIn,
    ...signOut,
    metadata: () => metadata,
    ready: () => idp.ready(),
    reservedCookieNames: [browserCookieName],
    async close () { idp.close() },
  }
}
