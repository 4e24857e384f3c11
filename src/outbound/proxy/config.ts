// The forward proxy: for a CRM that honours HTTPS_PROXY. Which hosts it may reach, and whether what it sends there is looked at.
import { FilePath, Optional, Secret, Section, Size, Type, type Static } from '../../shared/schema.ts'

const Name = () => Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$', description: 'Short name, as the trail and agreements call it; no other destination has it.' })
const Host = () => Type.String({
  pattern: '^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*(?=[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$', description: 'The host as the CRM calls it, in small letters: `api.vendor.example`. One host; no pattern, no address.',
})
const Ports = () => Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { default: [443], minItems: 1, description: 'Ports that the CRM may reach there.' })
const Address = () => Optional(Type.String({ pattern: '^(?:(?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-fA-F:]{2,39})$', description: 'Address that is connected to instead of the one that the name service says. It is checked like any other.' }))
const Purpose = () => Type.String({ minLength: 3, description: 'Why it is sent, for the accounting of disclosures: `appointment reminders`.' })

const OpenHost = Section({
  action: Type.Literal('open'),
  name: Name(),
  host: Host(),
  ports: Ports(),
  address: Address(),
  policy: FilePath({ description: 'The redaction policy (docs/redaction.md) for bodies and for queries, which are read as forms. There is no opened host without one.' }),
  associate: Optional(Type.String({ minLength: 1, description: 'Name of the associate that receives it. Without one: nothing that identifies a person, and no free text.' })),
  requests: Type.Array(Type.String({ pattern: '^(?:GET|HEAD|POST|PUT|PATCH|DELETE) /(?:(?:\\*|[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62})(?:/(?:\\*|[A-Za-z0-9_-][A-Za-z0-9._~-]{0,62})){0,9}/?)?$' }), {
    minItems: 1, description: 'What may be asked for: `POST /v1/leads`. `*` stands for one segment; the policy judges it as the field `segment1` (2, 3 …), and a request whose segment it would change is refused. Anything else is refused, because a path can hold an identifier.',
  }),
  headers: Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]{0,62}$' }), { default: [], description: 'Headers of the CRM that go on beside Accept, Authorization and Content-Type: `X-Api-Key`. They are not looked at; others are left out.' }),
  purpose: Purpose(),
  patient: Optional(Type.String({ pattern: '^[^\\s.[\\]]{1,64}(?:\\[\\])?(?:\\.[^\\s.[\\]]{1,64}(?:\\[\\])?){0,9}$', description: 'Where the patient\'s id stands in the JSON or the form, for the accounting of disclosures: `contact.id`, `rows[].patientId`.' })),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the host\'s certificate, when it is a private one. Verification cannot be switched off.' })),
}, { description: 'A host whose traffic is opened with the gateway\'s own certificate, redacted and sent on.' })
export type OpenHostConfig = Static<typeof OpenHost>

const TunnelHost = Section({
  action: Type.Literal('tunnel'),
  name: Name(),
  host: Host(),
  ports: Ports(),
  address: Address(),
  associate: Type.String({ minLength: 1, description: 'Name of the associate that receives it. Only while its agreement is in force; then open tunnels are cut.' }),
  purpose: Purpose(),
}, { description: 'A host of an associate to which everything passes unread and unchanged.' })
export type TunnelHostConfig = Static<typeof TunnelHost>

const BlockedHost = Section({
  action: Type.Literal('block'),
  host: Host(),
}, { description: 'A host that is known and refused, so that it does not stand among the unknown ones.' })

export const ProxyHostConfig = Type.Union([OpenHost, TunnelHost, BlockedHost], { description: 'One host.' })
export type ProxyHostConfig = Static<typeof ProxyHostConfig>

export const ProxyConfig = Section({
  listener: Section({
    host: Type.String({ default: '127.0.0.1', description: 'Address to listen on: of this machine only.' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8092, description: 'Port to listen on; 0 takes a free one.' }),
    password: Secret({ description: 'What the CRM shows: HTTPS_PROXY=http://crm:PASSWORD@127.0.0.1:8092. At least 24 characters: letters, digits, `-` and `_`.' }),
    maxBodySize: Size({ default: '10MiB', description: 'A larger body of a request that is looked at is answered 413.' }),
  }, { description: 'Where the CRM reaches the proxy.' }),
  authority: Optional(Section({
    certificate: FilePath({ description: 'PEM file of the gateway\'s own authority, which the CRM must trust.' }),
    key: Secret({ description: 'Its private key, in PEM form.' }),
  }, { description: 'Made by `sallyport keys ca`, for the opened hosts and no other. Needed when a host is opened.' })),
  hosts: Type.Array(ProxyHostConfig, { default: [], description: 'Hosts that are known. There is no other way out, unless reportUnknownUntil says so.' }),
  reportUnknownUntil: Optional(Type.String({ format: 'day', description: 'To find out what the CRM calls: until the end of this day (UTC) hosts that are not in the list are let through UNREAD and listed by `sallyport egress seen`. At most 31 days ahead. Without it they are refused.' })),
}, { description: 'A forward proxy for a CRM that honours HTTPS_PROXY. It takes CONNECT only; plain http is refused.' })
export type ProxyConfig = Static<typeof ProxyConfig>
