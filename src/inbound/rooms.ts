// The rooms that the inbound way passes, as one bundle. gateway.ts builds them; nothing else does.
import type { AuditTrail } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import type { Metrics } from '../shared/metrics.ts'
import type { Roster } from '../shared/roster.ts'
import type { Traces } from '../shared/traces.ts'
import type { AccessRoom } from './access/access.ts'
import type { CanonicalRoom } from './canonical/canonical.ts'
import type { ClientIpRoom } from './client-ip/client-ip.ts'
import type { ForwardRoom } from './forward/forward.ts'
import type { IdleRoom } from './idle/idle.ts'
import type { MaskingRoom } from './masking/masking.ts'
import type { OpenAdmitted } from './open.ts'
import type { PagesRoom } from './pages/pages.ts'
import type { RateRoom } from './rate/rate.ts'
import type { SamlRoom } from './saml/saml.ts'
import type { SessionRoom } from './session/session.ts'
import type { UnsentRoom } from './unsent/unsent.ts'

export interface InboundRooms {
  readonly canonical: CanonicalRoom
  readonly clientIp: ClientIpRoom
  readonly session: SessionRoom
  readonly saml: SamlRoom
  readonly access: AccessRoom
  readonly masking: MaskingRoom
  readonly forward: ForwardRoom
  readonly pages: PagesRoom
  readonly audit: AuditTrail
  readonly rate: RateRoom
  /** Whether this client address may ask for one more of our own pages, or leave one more path to come back to, within this minute. */
  readonly mayAskOwnPage: (address: string) => boolean
  readonly mayLeaveReturnPath: (address: string) => boolean
  /** What is admitted and has not ended. */
  /** Undefined when the script is switched off. */
  readonly idle: IdleRoom | undefined
  /** Undefined when nothing is kept. */
  readonly unsent: UnsentRoom | undefined
  readonly open: Roster<OpenAdmitted>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Undefined when nothing is traced. */
  readonly traces: Traces | undefined
  /** Origin of the public address, `https://crm.clinic.example`. */
  readonly publicOrigin: string
  /** Headers of every answer, ours and the CRM's: Strict-Transport-Security. */
  readonly standingHeaders: Readonly<Record<string, string>>
}
