// The rooms that the outbound way passes, as one bundle. They are built beside gateway.ts; nothing else does.
import type { Socket } from 'node:net'
import type { AuditTrail } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import type { Metrics } from '../shared/metrics.ts'
import type { AssociatesRoom } from './associates/associates.ts'
import type { CallSender, DeliveryRoom, MailQueue } from './delivery/delivery.ts'
import type { MailRoom } from './mail/mail.ts'
import type { Endpoint, LeafMaker, ProxyRoom } from './proxy/proxy.ts'
import type { QuarantineRoom } from './quarantine/quarantine.ts'
import type { RedactionRoom } from './redaction/redaction.ts'
import type { SenderRoom } from './sender/sender.ts'
import type { ShieldRoom, VerdictThread } from './shield/shield.ts'
import type { WebhookRoom } from './webhook/webhook.ts'

/** What is told about a destination when something went there. */
export interface DestinationFacts {
  readonly mode: 'queue' | 'pass'
  /** Scheme and host; the rest of the address can be a secret. */
  readonly origin: string
  readonly purpose: string
  /** Who gets it is a part of the house, or the patient: no disclosure (45 CFR 164.528(a)(1)). */
  readonly isOwn?: boolean
}

export interface MailParts {
  readonly room: MailRoom
  readonly queue: MailQueue
  /** By the name of the class. */
  readonly facts: ReadonlyMap<string, DestinationFacts>
}

export interface ShieldParts {
  readonly room: ShieldRoom
  readonly queue: MailQueue
  readonly verdicts: VerdictThread
  notice (to: readonly string[], now: number, id: string): Buffer
  /** By the name of the alias. */
  readonly facts: ReadonlyMap<string, DestinationFacts>
}

export interface ProxyParts {
  readonly room: ProxyRoom
  /** Undefined: no host is opened. */
  readonly leaves: LeafMaker | undefined
  /** Of an opened host, by its name and port. */
  senderFor (name: string, port: number): CallSender
  /** Throws a Failure. */
  openTunnel (endpoint: Endpoint): Promise<Socket>
  /** By the name of the host. */
  readonly facts: ReadonlyMap<string, DestinationFacts>
  /** What a body says of itself, and whose record it is about. */
  readonly content: Pick<WebhookRoom, 'requireType' | 'findPatients'>
  /** What is under way ends by itself. */
  drain (): Promise<void>
  close (): Promise<void>
}

export interface OutboundRooms {
  readonly webhook: WebhookRoom
  readonly sender: SenderRoom
  readonly associates: AssociatesRoom
  readonly redaction: RedactionRoom
  readonly quarantine: QuarantineRoom
  readonly delivery: DeliveryRoom
  readonly audit: Pick<AuditTrail, 'record' | 'recordEnding' | 'note'>
  readonly destinations: ReadonlyMap<string, DestinationFacts>
  /** Undefined: no mail is taken in. */
  readonly mail: MailParts | undefined
  /** Undefined: no mail from outside is taken in. */
  readonly shield: ShieldParts | undefined
  /** Undefined: there is no proxy. */
  readonly proxy: ProxyParts | undefined
  readonly maxQuarantineBytes: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}
