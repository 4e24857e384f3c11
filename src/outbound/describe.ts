// What the trail says of a message: destination, associate, kinds and numbers, digests. Never a value, and of the receiver's address only the origin.
import { createHash } from 'node:crypto'
import type { AuditEvent } from '../audit/audit.ts'
import type { Manifest } from '../phi/phi.ts'
import type { Ending } from './delivery/delivery.ts'
import type { DestinationFacts } from './rooms.ts'
import type { StoredMessage } from './stored-message.ts'

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
  /** Of a request through the proxy. */
  readonly call?: { readonly method: string } | undefined
}

type Facts = NonNullable<AuditEvent['facts']>

type About = Pick<StoredMessage, 'destination'> & { readonly envelope?: StoredMessage['envelope'] | undefined, readonly call?: { readonly method: string } | undefined }

/** `path`: as it came; of a mail, the recipients or the sender that were refused. */
const whatOf = (about: About | undefined, { isMail = about?.envelope !== undefined, path }: { readonly isMail?: boolean, readonly path?: string | undefined } = {}): NonNullable<AuditEvent['what']> => ({
  kind: 'export',
  method: about?.call?.method ?? (isMail ? 'SMTP' : 'POST'),
  ...(about === undefined ? {} : { route: `${about.call !== undefined ? 'proxy' : isMail ? 'mail' : 'outbound'} ${about.destination}` }),
  ...(path === undefined ? {} : { path: path.slice(0, 2048) }),
})

export function describeRefusal ({ id, time, address, destination, wireTarget, isMail, call }: Known, reason: string): AuditEvent {
  return {
    kind: 'message.refused',
    time,
    id,
    ...(address === undefined ? {} : { from: { address } }),
    what: whatOf(destination === undefined ? undefined : { destination, call }, { isMail: isMail === true, path: wireTarget }),
    decision: { reason },
    ...(destination === undefined ? {} : { facts: { destination } }),
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
    facts: { destination: message.destination },
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
