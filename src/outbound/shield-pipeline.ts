// READ FIRST, for mail from outside. The way of a mail to an alias: may it be forged, redact and look again, on record, into the queue to the CRM's mailbox. It is accepted when it
// cannot be lost any more. What may not go on lies in the quarantine, and where the alias says so, the mailbox is told that something came.
import { describeHold, describeRelease } from './describe.ts'
import { placeInQuarantine } from './place-in-quarantine.ts'
import type { DestinationFacts, OutboundRooms, ShieldParts } from './rooms.ts'
import type { AliasConfig } from './shield/config.ts'
import type { Examined } from './shield/shield.ts'
import type { MailEnvelope, ShieldMail, StoredMessage } from './stored-message.ts'
import { Failure } from '../shared/errors.ts'
import { agreementUsed } from './still-covered.ts'

export interface ExaminedMail extends Examined {
  readonly aliases: readonly AliasConfig[]
  /** Of the connection. */
  readonly address: string
}

type ShieldMessage = StoredMessage & { readonly envelope: MailEnvelope, readonly shield: ShieldMail }

interface Origin {
  readonly address: string | undefined
  /** Somebody let it go on out of the quarantine. */
  readonly isApproved: boolean
  readonly held: 'byDmarc' | undefined
}

/** Resolves when every copy is in the queue or in the quarantine. Throws a Denial or a Failure. */
export async function acceptShieldMail ({ aliases, address, body, mail }: ExaminedMail, rooms: OutboundRooms): Promise<void> {
  const { queue, room } = rooms.shield as ShieldParts
  queue.requireRoom()
  const held = room.requireGenuine(mail)
  const acceptedAt = rooms.clock.now()
  const outgoing: StoredMessage[] = []
  for (const [index, alias] of aliases.entries()) {
    const id = aliases.length === 1 ? mail.id : `${mail.id}-${index + 1}`
    // No sender: the CRM's mailbox has nobody to write to, and a mail that comes back to an alias is none that was answered by itself (RFC 5321 section 4.5.5).
    const envelope = { from: '', to: [alias.mailbox] }
    const message = { id, destination: alias.name, path: '', type: 'message/rfc822', acceptedAt, body, envelope, shield: mail }
    outgoing.push(...await judge(message, { address, isApproved: false, held }, rooms))
  }
  await store(outgoing, rooms)
}

/** A mail that somebody let go out of the quarantine: once more through everything, or as it was redacted. */
export async function sendApprovedShieldMail (message: ShieldMessage & { readonly stage: 'redaction' | 'delivery' }, rooms: OutboundRooms): Promise<void> {
  const { stage, id, destination, path, type, body, envelope, shield } = message
  const fresh = { id, destination, path, type, body, envelope, shield, acceptedAt: rooms.clock.now() }
  rooms.shield?.queue.requireRoom()
  await store(stage === 'delivery' ? [fresh] : await judge(fresh, { address: undefined, isApproved: true, held: undefined }, rooms), rooms)
}

async function store (mails: readonly StoredMessage[], rooms: OutboundRooms): Promise<void> {
  if (mails.length === 0) return
  try { await rooms.shield?.queue.enqueue(mails) } catch (error) {
    const code = error instanceof Failure ? error.code : 'delivery.notStored'
    for (const { id, destination } of mails) {
      rooms.audit.note({ kind: 'message.failed', time: rooms.clock.now(), id, what: { kind: 'create', method: 'SMTP', route: `shield ${destination}` }, outcome: { reason: code, source: 'store' } })
    }
    throw error
  }
}

/** What goes into the queue, on record. */
async function judge (message: ShieldMessage, origin: Origin, rooms: OutboundRooms): Promise<readonly StoredMessage[]> {
  const { room } = rooms.shield as ShieldParts
  const alias = room.findAlias(message.destination)
  if (alias === undefined) { await hold(message, 'byRule', { origin, rooms }); return [] }
  const { associate, kinds } = rooms.associates.coverageOf(alias.name, message.acceptedAt)
  const why = whyHeld(alias, { ...origin, isCovered: alias.associate === undefined || associate !== undefined })
  if (why !== undefined) {
    await hold(message, why, { origin, rooms })
    return alias.action === 'hold' || why === 'byDmarc' || origin.isApproved ? [] : [await tell(message, why, rooms)]
  }
  const mayNameSender = alias.associate === undefined || kinds.includes('email')
  const people = room.peopleOf(alias, message.shield, mayNameSender)
  const redacted = await rooms.redaction.redact({ destination: alias.name, isLive: true, isApproved: origin.isApproved, type: message.type, body: message.body, mail: people })
  if (redacted.held !== undefined) { await hold(message, redacted.held, { origin, rooms }); return [] }
  const named = people.addresses.length - 1
  const { manifest } = redacted
  const released = named === 0 ? manifest.released : { ...manifest.released, email: (manifest.released.email ?? 0) + named }
  const body = room.addTrace(alias, message.shield, redacted.body)
  const about = { facts: factsOf(alias, rooms), associate, patients: [], time: rooms.clock.now(), address: origin.address, isApproved: origin.isApproved }
  await Promise.all(describeRelease({ ...about, message, manifest: { ...manifest, released }, body }).map(event => rooms.audit.record(event)))
  rooms.metrics.redacted(manifest.kinds)
  rooms.metrics.message(alias.name, 'released')
  return [{ ...message, body, underAgreement: alias.associate === undefined ? undefined : agreementUsed({ ...manifest, released }) }]
}

/** Undefined: the mail itself goes, redacted. */
function whyHeld ({ action }: AliasConfig, { isApproved, held, isCovered }: Origin & { readonly isCovered: boolean }): string | undefined {
  if (!isCovered) return 'byAgreement'
  if (isApproved) return undefined
  return held ?? (action === 'redact' ? undefined : 'byAlias')
}

const factsOf = ({ name }: AliasConfig, rooms: OutboundRooms) => rooms.shield?.facts.get(name) as DestinationFacts

/** The notice, on record. */
async function tell (message: ShieldMessage, why: string, rooms: OutboundRooms): Promise<StoredMessage> {
  const { room, notice } = rooms.shield as ShieldParts
  const body = notice(message.envelope.to, message.acceptedAt, message.id)
  const told = { ...message, id: `${message.id}-notice` }
  const facts = factsOf(room.findAlias(message.destination) as AliasConfig, rooms)
  const about = { facts, associate: undefined, patients: [], time: rooms.clock.now(), address: undefined, isApproved: false }
  await Promise.all(describeRelease({ ...about, message: told, manifest: undefined, notice: why, body }).map(event => rooms.audit.record(event)))
  rooms.metrics.message(message.destination, 'notice')
  return { ...told, body }
}

async function hold (message: ShieldMessage, reason: string, { origin, rooms }: { readonly origin: Origin, readonly rooms: OutboundRooms }): Promise<void> {
  const time = rooms.clock.now()
  await placeInQuarantine({ ...message, heldAt: time, reason, stage: 'redaction', approvals: [] }, rooms)
  await rooms.audit.record(describeHold(message, { time, reason: `redaction.${reason}`, address: origin.address }))
  rooms.metrics.message(message.destination, 'held')
}
