// The CRM as we call it.
import { Duration, FilePath, Optional, RoutePattern, Secret, Section, Type, type Static } from '../../shared/schema.ts'

const HeaderName = (value: string, description: string) => Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]*$', default: value, description })

export const UpstreamConfig = Section({
  url: Type.String({ format: 'web-origin', description: 'Where the CRM listens: scheme, host and port, no path.' }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the CRM\'s certificate, when it is a private one. Verification cannot be switched off.' })),
  serverName: Optional(Type.String({ minLength: 1, description: 'Name in the CRM\'s certificate, when it differs from the host.' })),
  host: Type.Union([Type.Literal('public'), Type.Literal('upstream')], { default: 'public', description: 'Host header that the CRM sees: the public address, or its own.' }),
  connectTimeout: Duration({ default: '5s', description: 'No connection after this: 504.' }),
  answerTimeout: Duration({ default: '120s', description: 'No answer headers after this: 504. Bodies and event streams have no limit.' }),
  maxConnections: Type.Integer({ minimum: 1, default: 256, description: 'Open connections to the CRM.' }),
  identity: Section({
    user: HeaderName('X-Forwarded-User', 'Header with the person\'s id.'),
    email: HeaderName('X-Forwarded-Email', 'Header with the e-mail address.'),
    groups: HeaderName('X-Forwarded-Groups', 'Header with the groups, separated by commas.'),
    token: Optional(Section({
      header: HeaderName('X-Sallyport-Identity', 'Header with the token.'),
      key: Secret({ description: 'PEM private key (Ed25519 or P-256).' }),
      audience: Type.String({ minLength: 1, description: 'The aud claim.' }),
      lifetime: Duration({ default: '60s', description: 'The token is valid for so long.' }),
    }, { description: 'A signed JWT (RFC 7519) about the person for the CRM.' })),
  }, { default: {}, description: 'How the CRM learns who it is. A client\'s own headers of these names never pass.' }),
  cacheable: Type.Array(RoutePattern(), { default: [], description: 'Routes whose answers browsers may keep: logos, public pictures. Styles, scripts and fonts that the CRM serves as files are kept in any case, everything else is sent with Cache-Control: no-store.' }),
  webSocketOrigins: Type.Array(Type.String({ format: 'web-origin' }), { default: [], description: 'Further origins that may open a WebSocket, beside the public address.' }),
}, { description: 'The CRM.' })
export type UpstreamConfig = Static<typeof UpstreamConfig>
