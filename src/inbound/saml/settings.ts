// What the whole room works with: our addresses and names, the checked settings, and what was given from outside.
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { durationMs } from '../../shared/schema.ts'
import type { OneTimeStore } from '../one-time-store.ts'
import type { SamlConfig } from './config.ts'
import type { IdpSource } from './idp-source.ts'
import { refuseSetting, type OwnKeys } from './keys.ts'

/** Paths of the endpoints on our own origin. */
export const samlPaths = {
  signIn: '/_sallyport/sign-in',
  metadata: '/_sallyport/saml/metadata',
  acs: '/_sallyport/saml/acs',
  slo: '/_sallyport/saml/slo',
  /** Where the browser ends after single logout. */
  signedOut: '/_sallyport/signed-out',
} as const

const maxSkewMs = 5 * 60 * 1000

export interface SamlSettings {
  readonly config: SamlConfig
  readonly entityId: string
  readonly acsUrl: string
  readonly sloUrl: string
  readonly signedOutUrl: string
  readonly skewMs: number
  readonly maxAuthenticationAgeMs: number | undefined
}

export interface SamlContext {
  readonly settings: SamlSettings
  readonly keys: OwnKeys
  readonly idp: IdpSource
  readonly clock: Clock
  readonly log: Logger
  readonly store: OneTimeStore
}

/** Settings in the form that the room uses. Throws a ConfigurationError. */
export function readSettings (config: SamlConfig, publicUrl: string): SamlSettings {
  const skewMs = durationMs(config.clockSkew)
  if (skewMs > maxSkewMs) throw refuseSetting('configuration', 'signIn.saml.clockSkew', 'signIn.saml.clockSkew is over 5m; set the clocks instead.')
  if (config.requireEncryptedAssertions && config.decryption.length === 0) {
    throw refuseSetting('configuration', 'signIn.saml.decryption', 'signIn.saml.requireEncryptedAssertions is on, but signIn.saml.decryption has no key.')
  }
  const { origin } = new URL(publicUrl)
  return {
    config,
    entityId: config.entityId ?? `${origin}${samlPaths.metadata}`,
    acsUrl: `${origin}${samlPaths.acs}`,
    sloUrl: `${origin}${samlPaths.slo}`,
    signedOutUrl: `${origin}${samlPaths.signedOut}`,
    skewMs,
    maxAuthenticationAgeMs: config.maxAuthenticationAge === undefined ? undefined : durationMs(config.maxAuthenticationAge),
  }
}

/** The moment at which a message is judged. */
export function momentOf (context: SamlContext) {
  return { nowMs: context.clock.now(), skewMs: context.settings.skewMs }
}
