// How long a sign-in lasts and where it is kept.
import { Duration, Optional, RoutePattern, Secret, Section, Type, type Static } from '../../shared/schema.ts'
import { RedisConfig } from '../../shared/redis-config.ts'

const Names = (description: string) => Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description }))
const bindingKinds = [Type.Literal('none'), Type.Literal('address'), Type.Literal('network'), Type.Literal('certificate')] as const
const mismatchKinds = [Type.Literal('refuse'), Type.Literal('end'), Type.Literal('report')] as const

const BindingSection = Section({
  to: Type.Union([...bindingKinds], { default: 'none', description: 'What must be the same as at sign-in: nothing, the address, its network, or the client certificate (listeners.public.tls.clientCertificates).' }),
  ipv4Prefix: Type.Integer({ minimum: 8, maximum: 32, default: 24, description: 'Bits of a network, for IPv4.' }),
  ipv6Prefix: Type.Integer({ minimum: 16, maximum: 128, default: 64, description: 'Bits of a network, for IPv6.' }),
  onMismatch: Type.Union([...mismatchKinds], {
    default: 'refuse', description: 'refuse: the request is refused, the session goes on where it began. end: the session is ended too, everywhere. report: nobody is refused, the trail says who would have been (`wouldRefuse`).',
  }),
  overrides: Type.Array(Section({
    people: Names('Ids of people.'),
    groups: Names('Groups as the IdP names them.'),
    roles: Names('Names of roles (access.roles).'),
    to: Type.Union([...bindingKinds], { description: 'As session.binding.to.' }),
    onMismatch: Optional(Type.Union([...mismatchKinds], { description: 'As session.binding.onMismatch, which stands where this is missing.' })),
  }, { description: 'For whom (all that are given must match), and what.' }), { default: [], description: 'Others for some people. The first entry that matches somebody decides.' }),
}, { default: {}, description: 'Binds a session to where it began, so that a stolen cookie is worth nothing elsewhere.' })

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
  binding: BindingSection,
  idleScript: Type.Boolean({ default: true, description: 'Puts a script into the CRM\'s pages that reports what a person does, warns a minute before the end, and covers and leaves the page when it is over.' }),
  background: Type.Array(RoutePattern(), { default: [], description: 'Routes that the CRM\'s pages call by themselves (polling), beside those of access.profile. They never move the idle clock, whatever they are.' }),
  unlistedFetches: Type.Union([Type.Literal('background'), Type.Literal('activity')], { default: 'background', description: 'Whether a script\'s GET that is on no list counts as the person\'s doing.' }),
}, { description: 'Sessions.' })
export type SessionConfig = Static<typeof SessionConfig>
