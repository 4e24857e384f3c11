// READ FIRST, for mail. The way of a mail of the CRM: who gets it, what each class of them may read, redact and look again, on record, into the queue. It is accepted when it
// cannot be lost any more; what cannot be judged is held, and what may not be read is replaced by a notice.
import type { AssociateConfig } from './associates/config.ts'
import { describeHold, describeRelease } from './describe.ts'
import { othersName, type MailCopy } from './mail/mail.ts'
import { placeInQuarantine } from './place-in-quarantine.ts'
import type { DestinationFacts, MailParts, OutboundRooms } from './rooms.ts'
import { agreementUsed } from './still-covered.ts'
import type { MailEnvelope, StoredMessage } from './stored-message.ts'
import { Failure } from '../shared/errors.ts'

export interface IncomingMail {
  readonly id: string
  readonly envelope: MailEnvelope
  readonly address: string | undefined
  readonly body: Buffer
}

interface Origin {
  readonly address: string | undefined
  /** Somebody let it go on out of the quarantine. */
  readonly isApproved: boolean
}

const mailType = 'message/rfc822'

/** Resolves when every copy is in the queue or in the quarantine. Throws a Failure. */
export async function acceptMail ({ id, envelope, address, body }: IncomingMail, rooms: OutboundRooms): Promise<void> {
  const parts = rooms.mail as MailParts
  parts.queue.requireRoom()
  const copies = parts.room.split(envelope.to)
  const acceptedAt = rooms.clock.now()
  const outgoing: StoredMessage[] = []
  for (const [index, copy] of copies.entries()) {
    const message = { id: copies.length === 1 ? id : `${id}-${index + 1}`, destination: copy.name, path: '', type: mailType, acceptedAt, body, envelope: { from: envelope.from, to: copy.to } }
    const judged = await judgeMail(message, { address, isApproved: false }, rooms)
    if (judged !== undefined) outgoing.push(judged)
  }
  await store(outgoing, rooms)
}

/** A mail that somebody let go out of the quarantine: once more through everything, or as it was redacted. */
export async function sendApprovedMail (message: StoredMessage & { readonly stage: 'redaction' | 'delivery' }, rooms: OutboundRooms): Promise<void> {
  const { stage, id, destination, path, type, body, envelope, underAgreement } = message
  const fresh = { id, destination, path, type, body, envelope, underAgreement, acceptedAt: rooms.clock.now() }
  rooms.mail?.queue.requireRoom()
  const judged = stage === 'delivery' ? fresh : await judgeMail(fresh, { address: undefined, isApproved: true }, rooms)
  if (judged !== undefined) await store([judged], rooms)
}

async function store (mails: readonly StoredMessage[], rooms: OutboundRooms): Promise<void> {
  if (mails.length === 0) return
  try { await rooms.mail?.queue.enqueue(mails) } catch (error) {
    const code = error instanceof Failure ? error.code : 'delivery.notStored'
    for (const mail of mails) {
      rooms.audit.note({ kind: 'message.failed', time: rooms.clock.now(), id: mail.id, what: { kind: 'export', method: 'SMTP', route: `mail ${mail.destination}` }, outcome: { reason: code, source: 'store' } })
    }
    throw error
  }
}

/** What goes into the queue, on record; undefined when it is held, which is on record too. */
async function judgeMail (message: StoredMessage, { address, isApproved }: Origin, rooms: OutboundRooms): Promise<StoredMessage | undefined> {
  const { room, facts } = rooms.mail as MailParts
  const { destination, acceptedAt, body } = message
  const envelope = message.envelope as MailEnvelope
  const copy = room.copyFor(destination, envelope.to)
  if (copy === undefined || (copy.action === 'hold' && !isApproved)) return await hold(message, { reason: copy === undefined ? 'byRule' : 'byClass', address }, rooms)
  const { associate } = rooms.associates.coverageOf(destination, acceptedAt)
  const about = { facts: facts.get(copy.name) as DestinationFacts, associate, patients: room.findPatients(body), time: rooms.clock.now(), address, isApproved }
  const notice = whyNotice(copy, associate)
  if (notice !== undefined) return await release({ ...about, message, manifest: undefined, notice, body: room.notice(envelope.to, acceptedAt, message.id) }, rooms)
  const order = { destination, isLive: true, isApproved, type: mailType, body, mail: room.peopleOf(envelope) }
  const redacted = await rooms.redaction.redact(order)
  if (redacted.held !== undefined) return await hold(message, { reason: redacted.held, address }, rooms)
  return await release({ ...about, message, manifest: redacted.manifest, body: redacted.body }, rooms)
}

/** Undefined: the mail itself goes, redacted. */
function whyNotice ({ name, who, action }: MailCopy, associate: AssociateConfig | undefined): string | undefined {
  if (name === othersName || action !== 'redact') return action === 'notice' ? 'by class' : 'nothing else may go'
  return who === 'vendor' && associate === undefined ? 'no agreement' : undefined
}

async function release (about: Parameters<typeof describeRelease>[0], rooms: OutboundRooms): Promise<StoredMessage> {
  const body = await (rooms.mail as MailParts).room.sign(about.body)
  await Promise.all(describeRelease({ ...about, body }).map(event => rooms.audit.record(event)))
  if (about.manifest !== undefined) rooms.metrics.redacted(about.manifest.kinds)
  rooms.metrics.message(about.message.destination, about.notice === undefined ? 'released' : 'notice')
  const { manifest, facts } = about
  return { ...about.message, body, underAgreement: manifest === undefined || facts.isOwn === true ? undefined : agreementUsed(manifest) }
}

async function hold (message: StoredMessage, { reason, address }: { readonly reason: string, readonly address: string | undefined }, rooms: OutboundRooms): Promise<undefined> {
  const time = rooms.clock.now()
  await placeInQuarantine({ ...message, heldAt: time, reason, stage: 'redaction', approvals: [] }, rooms)
  await rooms.audit.record(describeHold(message, { time, reason: `redaction.${reason}`, address }))
  rooms.metrics.message(message.destination, 'held')
}
