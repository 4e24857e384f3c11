// The configuration as a whole: the rooms' sections under their top-level keys.
import { AccessConfig } from '../inbound/access/config.ts'
import { AuditConfig } from '../audit/config.ts'
import { AssociatesConfig } from '../outbound/associates/config.ts'
import { OutboundConfig } from '../outbound/config.ts'
import { ClientIpConfig } from '../inbound/client-ip/config.ts'
import { MaskingConfig } from '../inbound/masking/config.ts'
import { PagesConfig } from '../inbound/pages/config.ts'
import { ListenersConfig } from '../inbound/listener-config.ts'
import { SessionConfig } from '../inbound/session/config.ts'
import { SignInConfig } from '../inbound/saml/config.ts'
import { UnsentConfig } from '../inbound/unsent/config.ts'
import { UpstreamConfig } from '../inbound/forward/config.ts'
import type { LoadedProfile } from './load-profile.ts'
import type { PageFiles } from './load-pages.ts'
import { TracesConfig } from '../shared/traces-config.ts'
import { DirectoryPath, Optional, Section, Type, type Static } from '../shared/schema.ts'

export const GatewayConfig = Section({
  gateway: Section({
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$', default: 'sallyport', description: 'Name of this gateway in the trail and in Redis keys; replicas of one gateway share it.' }),
    publicUrl: Type.String({ format: 'https-origin', description: 'The address that people type: https, host, and port when it is not 443; no path.' }),
    dataDirectory: DirectoryPath({ default: './data', description: 'Directory for the audit spool and the embedded session store; on a disk that survives a restart.' }),
    workers: Type.Integer({ minimum: 1, maximum: 64, default: 1, description: 'Processes that share the public port, one a core at most. Each is a writer of the trail with a spool of its own, and limits of size and of attempts are those of one process. A process that dies is started again.' }),
  }, { description: 'The gateway itself.' }),
  listeners: ListenersConfig,
  upstream: UpstreamConfig,
  clientIp: ClientIpConfig,
  signIn: SignInConfig,
  session: SessionConfig,
  unsent: UnsentConfig,
  pages: PagesConfig,
  access: AccessConfig,
  masking: MaskingConfig,
  outbound: Optional(OutboundConfig),
  associates: AssociatesConfig,
  audit: AuditConfig,
  operations: Section({
    logLevel: Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')], { default: 'info', description: 'How much the log says. It never holds PHI.' }),
    traces: Optional(TracesConfig),
  }, { default: {}, description: 'How the gateway is run.' }),
}, { description: 'Configuration of a Sallyport gateway.' })
export type GatewayConfig = Static<typeof GatewayConfig> & {
  /** What access.profile names, read. Not a setting. */
  readonly profile?: LoadedProfile | undefined
  /** What pages names, read. Not a setting. */
  readonly pageFiles?: PageFiles | undefined
}
