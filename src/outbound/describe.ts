// What the trail says of a message: destination, associate, kinds and numbers, digests. Never a value, and of the receiver's address only the origin.
import { createHash } from 'node:crypto'
import type { AuditEvent } from '../audit/audit.ts'
import type { Manifest } from '../phi/phi.ts'
import type { Ending } from './delivery/delivery.ts'
import type { DestinationFacts } from './rooms.ts'
import type { ShieldMail, StoredMessage } from './stored-message.ts'

export interface Known {
  readonly id: string
  readonly time: number
  /** The connection of the CRM. */
  readonly address: string | undefined
  /** Undefined until it is known to be one of ours. */
  readonly destination: string | undefined
  /** As it came; it may hold anything and is only in the sealed part. */
  readonly wireTarget?: string | undefined
  readonly isMail?: boolean
  /** Of a mail from outside, as far as it is known. */
  readonly shield?: Shield | undefined
  /** Of a request through the proxy. */
  readonly call?: { readonly method: string } | undefined
}

type Facts = NonNullable<AuditEvent['facts']>

interface Shield { readonly senderDomain: string | undefined, readonly verdicts?: ShieldMail['verdicts'] | undefined }
type About = Pick<StoredMessage, 'destination'> & { readonly envelope?: StoredMessage['envelope'] | undefined, readonly call?: { readonly method: string } | undefined, readonly shield?: Shield | undefined }

/** The domain of who wrote can be somebody's name: it is only in the sealed part. */
function whatOfShield (destination: string | undefined, { senderDomain }: Shield, path: string | undefined): NonNullable<AuditEvent['what']> {
  return {
    kind: 'create',
    method: 'SMTP',
    route: destination === undefined ? 'shield' : `shield ${destination}`,
    ...(path === undefined ? {} : { path: path.slice(0, 2048) }),
    ...(senderDomain === undefined ? {} : { host: senderDomain }),
  }
}

/** What the domains say of themselves, in words. */
function factsOfVerdicts (shield: Shield | undefined): Facts {
  if (shield?.verdicts === undefined) return {}
  const { spf, dkim, dmarc } = shield.verdicts
  return { spf: spf.result, dkim: dkim.result, dmarc: dmarc.result, ...(dmarc.policy === undefined ? {} : { dmarcPolicy: dmarc.policy }) }
}

interface Seen { readonly isMail?: boolean, readonly path?: string | undefined }

/** `path`: as it came; of a mail, the recipients or the sender that were refused. */
function whatOf (about: About | undefined, { isMail = about?.envelope !== undefined, path }: Seen = {}): NonNullable<AuditEvent['what']> {
  if (about?.shield !== undefined) return whatOfShield(about.destination, about.shield, path)
  return {
    kind: 'export',
    method: about?.call?.method ?? (isMail ? 'SMTP' : 'POST'),
    ...(about === undefined ? {} : { route: `${about.call !== undefined ? 'proxy' : isMail ? 'mail' : 'outbound'} ${about.destination}` }),
    ...(path === undefined ? {} : { path: path.slice(0, 2048) }),
  }
}

export function describeRefusal ({ id, time, address, destination, wireTarget, isMail, call, shield }: Known, reason: string): AuditEvent {
  const about = destination === undefined ? undefined : { destination, call }
  const facts = { ...(destination === undefined ? {} : { destination }), ...factsOfVerdicts(shield) }
  return {
    kind: 'message.refused',
    time,
    id,
    ...(address === undefined ? {} : { from: { address } }),
    what: shield === undefined ? whatOf(about, { isMail: isMail === true, path: wireTarget }) : whatOfShield(destination, shield, wireTarget),
    decision: { reason },
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  }
}

function listKinds (kinds: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`).join(', ')
}

export interface Release {
  readonly message: StoredMessage
  /** What goes out. */
  readonly body: Buffer
  /** Undefined: nothing of the message goes out. */
  readonly manifest: Manifest | undefined
  readonly facts: DestinationFacts
  readonly associate: { readonly name: string, readonly vendor: string } | undefined
  readonly patients: readonly string[]
  readonly time: number
  readonly address: string | undefined
  readonly isApproved: boolean
  /** Why another message went in its place. */
  readonly notice?: string | undefined
}

/** 45 CFR 164.528(b)(2) wants date, recipient, description and purpose of what identifies somebody. */
function describeDisclosure ({ message, manifest, facts, associate }: Release): AuditEvent['disclosure'] {
  if (manifest === undefined || facts.isOwn === true) return undefined
  const parts = [...(Object.keys(manifest.released).length === 0 ? [] : [listKinds(manifest.released)]), ...(manifest.prose === 0 ? [] : [`free text ${manifest.prose}`])]
  if (parts.length === 0) return undefined
  const address = message.envelope === undefined ? facts.origin : [...new Set(message.envelope.to.map(to => to.slice(to.lastIndexOf('@') + 1)))].join(', ').slice(0, 500)
  return { recipient: associate?.vendor ?? facts.origin, address, description: `${message.call !== undefined ? 'request' : message.envelope === undefined ? 'webhook' : 'mail'} with ${parts.join(', ')} (policy ${manifest.policy} ${manifest.version})`, purpose: facts.purpose }
}

const factsOfShield = ({ shield }: StoredMessage): Facts => shield === undefined ? {} : { ...factsOfVerdicts(shield), encrypted: shield.isEncrypted, intake: shield.id }

const recipientsOf = ({ envelope }: StoredMessage): Facts => envelope === undefined ? {} : { recipients: envelope.to.length }

function factsOf (manifest: Manifest): Facts {
  return {
    policy: manifest.policy,
    policyVersion: manifest.version,
    profile: manifest.profile,
    released: listKinds(manifest.released),
    prose: manifest.prose,
    removed: listKinds(manifest.kinds),
    manifest: createHash('sha256').update(JSON.stringify(manifest)).digest('hex'),
  }
}

/** One event; when it is a disclosure about several patients, one for each. */
export function describeRelease (release: Release): readonly AuditEvent[] {
  const { message, body, manifest, associate, patients, time, address } = release
  const facts: Facts = {
    destination: message.destination,
    mode: release.facts.mode,
    ...(associate === undefined ? {} : { associate: associate.name }),
    ...(manifest === undefined ? {} : factsOf(manifest)),
    ...(release.notice === undefined ? {} : { notice: release.notice }),
    ...recipientsOf(message),
    ...factsOfShield(message),
    body: createHash('sha256').update(body).digest('hex'),
    ...(release.isApproved ? { fromQuarantine: true } : {}),
  }
  const disclosure = describeDisclosure(release)
  const event: AuditEvent = {
    kind: 'message.released',
    time,
    id: message.id,
    ...(address === undefined ? {} : { from: { address } }),
    what: whatOf(message),
    outcome: { bytesIn: message.body.length, bytesOut: body.length },
    facts,
    ...(disclosure === undefined ? {} : { disclosure }),
  }
  if (disclosure === undefined || patients.length === 0) return [event]
  return patients.map(patient => ({ ...event, what: { ...whatOf(message), record: { type: 'patient', id: patient, patient } } }))
}

interface Holding { readonly time: number, readonly reason: string, readonly address?: string | undefined }

/** A message that goes to the quarantine. */
export function describeHold (message: StoredMessage, { time, reason, address }: Holding): AuditEvent {
  return {
    kind: 'message.quarantined',
    time,
    id: message.id,
    ...(address === undefined ? {} : { from: { address } }),
    what: whatOf(message),
    decision: { reason },
    outcome: { bytesIn: message.body.length },
    facts: { destination: message.destination, ...factsOfShield(message) },
  }
}

export function describeEnding (message: StoredMessage, ending: Ending, time: number): AuditEvent {
  const { isDelivered, code, status, attempts, isTriedAgain } = ending
  return {
    kind: isDelivered ? 'message.delivered' : 'message.failed',
    time,
    id: message.id,
    what: whatOf(message),
    outcome: { ...(status === undefined ? {} : { status }), ...(code === undefined ? {} : { reason: code, source: 'destination' }), bytesOut: message.body.length, durationMs: time - message.acceptedAt },
    facts: { destination: message.destination, attempts, ...recipientsOf(message), ...(isTriedAgain ? { triedAgain: true } : {}) },
  }
}

/** Somebody took a mail out of the queue. */
export function describeDrop (id: string, time: number): AuditEvent {
  return { kind: 'message.failed', time, id, what: { kind: 'export', method: 'SMTP' }, outcome: { reason: 'mail.dropped', source: 'gateway' } }
}
