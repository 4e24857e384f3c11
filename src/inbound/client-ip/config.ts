// Whose address a request comes from, and which addresses may come in.
import { AddressRange, Optional, RoutePattern, Section, Type, type Static } from '../../shared/schema.ts'

const mode = (description: string) => Optional(Type.Union([Type.Literal('enforce'), Type.Literal('report')], { description }))

export const ClientIpConfig = Section({
  allow: Type.Array(AddressRange(), { minItems: 1, description: 'Addresses that may come in. An empty list refuses to start.' }),
  mode: mode('report: the list refuses nobody, so that it can be tried; who would have been refused is on record (`wouldRefuse: clientIp.notAllowed`). Everybody who reaches the gateway then gets its sign-in page. Without it: enforce.'),
  anyAddress: Type.Boolean({ default: false, description: 'Allows 0.0.0.0/0 and ::/0 in `allow`: everybody on the internet reaches the sign-in page.' }),
  trustedProxies: Type.Array(AddressRange(), { default: [], description: 'Load balancers whose X-Forwarded-For is believed, as ranges. The right-most address that is not one of them is the client.' }),
  proxyProtocolFrom: Type.Array(AddressRange(), { default: [], description: 'Load balancers that send PROXY protocol v2; from them it is required, from anybody else refused.' }),
  refuse: Type.Union([Type.Literal('page'), Type.Literal('drop')], { default: 'page', description: 'What a refused address gets: a page that says so, or a closed connection.' }),
  restrict: Type.Array(Section({
    people: Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Ids of people.' })),
    groups: Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Groups as the IdP names them.' })),
    routes: Optional(Type.Array(RoutePattern(), { minItems: 1, description: 'Routes.' })),
    allow: Type.Array(AddressRange(), { minItems: 1, description: 'The addresses from which they may come.' }),
    mode: mode('report: the entry refuses nobody; whom it would have refused is on record (`wouldRefuse: clientIp.restrict[0]`). Without it: enforce.'),
  }, { description: 'Who or what it is about (all that are given must match), and the addresses. Every entry that matches must allow the address. About everybody only with `mode: report`, to try a narrower list.' }), {
    default: [], description: 'Narrower allowlists per person, group or route, judged after sign-in.',
  }),
}, { description: 'Client addresses. Strict dotted quads and IPv6; ranges without host bits.' })
export type ClientIpConfig = Static<typeof ClientIpConfig>
