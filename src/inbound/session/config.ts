// How long a sign-in lasts and where it is kept.
import { Duration, Optional, RoutePattern, Secret, Section, Type, type Static } from '../../shared/schema.ts'
import { RedisConfig } from '../../shared/redis-config.ts'

export const SessionConfig = Section({
  secret: Secret({ description: 'At least 32 random bytes in base64: protects the cookies. The same on every replica.' }),
  store: Type.Union([
    Section({ kind: Type.Literal('embedded') }, { description: 'SQLite in the data directory; for one gateway.' }),
    Section({ kind: Type.Literal('redis'), redis: RedisConfig }, { description: 'Redis; for several gateways.' }),
  ], { default: { kind: 'embedded' }, description: 'Where sessions are kept.' }),
  idleTimeout: Duration({ default: '15m', description: 'Automatic logoff after so long without a person\'s doing (45 CFR 164.312(a)(2)(iii)).' }),
  idleTimeoutReason: Optional(Type.String({ minLength: 10, description: 'Required when idleTimeout is over 15m: why, and who accepted it. It goes into the trail.' })),
  absoluteTimeout: Duration({ default: '12h', description: 'A session ends after so long whatever happens.' }),
  maxPerPerson: Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Sessions that one person may have at once, in several browsers. One more sign-in ends the oldest. Default: as many as they like.' })),
  idleScript: Type.Boolean({ default: true, description: 'Puts a script into the CRM\'s pages that reports what a person does, warns a minute before the end, and covers and leaves the page when it is over.' }),
  background: Type.Array(RoutePattern(), { default: [], description: 'Routes that the CRM\'s pages call by themselves (polling), beside those of access.profile. They never move the idle clock, whatever they are.' }),
  unlistedFetches: Type.Union([Type.Literal('background'), Type.Literal('activity')], { default: 'background', description: 'Whether a script\'s GET that is on no list counts as the person\'s doing.' }),
}, { description: 'Sessions.' })
export type SessionConfig = Static<typeof SessionConfig>
