// READ FIRST. The way of a message of the CRM: which destination, is it our CRM, read, redact and look again, on record, deliver. Each step needs what the one before it found.
// What cannot be judged is held; nothing goes out that was not looked at, and nothing before it is on record.
import { Denial, Failure } from '../shared/errors.ts'
import { problem, receipt, type OutboundAnswer } from './answer.ts'
import { deliveryReasons, type Attempt } from './delivery/delivery.ts'
import { describeEnding, describeHold, describeRefusal, describeRelease, type Known } from './describe.ts'
import { placeInQuarantine } from './place-in-quarantine.ts'
import { outboundReasons } from './reasons.ts'
import type { DestinationFacts, OutboundRooms } from './rooms.ts'
import type { Claim } from './sender/sender.ts'
import { agreementUsed } from './still-covered.ts'
import type { StoredMessage } from './stored-message.ts'

export interface IncomingMessage {
  readonly id: string
  readonly claim: Claim
  readonly address: string | undefined
  /** Nothing is read before it is called. Throws a Denial. */
  readBody (): Promise<Buffer>
}

/** Judges a message that the CRM hands in. Throws a Denial or a Failure, which is on record then. */
export async function accept (incoming: IncomingMessage, rooms: OutboundRooms): Promise<OutboundAnswer> {
  const { id, claim, address } = incoming
  let known: Known = { id, time: rooms.clock.now(), address, destination: undefined, wireTarget: claim.target }
  try {
    const { destination, path } = rooms.webhook.requireTarget(claim.method, claim.target)
    known = { ...known, destination, wireTarget: undefined }
    const proof = rooms.sender.require(destination, claim)
    const type = rooms.webhook.requireType(claim.headers)
    const body = await incoming.readBody()
    if (proof.requireBody(body).isRepeated) {
      rooms.audit.note(describeRefusal(known, 'sender.repeated'))
      return receipt(200, id, 'repeated')
    }
    let isTaken = false
    try {
      const judged = await judge({ id, destination, path, type, acceptedAt: known.time, body }, { address, isApproved: false }, rooms)
      isTaken = judged.isTaken
      return judged.answer
    } finally { proof.settle(isTaken) }
  } catch (error) {
    recordRefusal(error, known, rooms)
    throw error
  }
}

interface Judged {
  readonly answer: OutboundAnswer
  /** Sent, queued or held: the CRM need not send it again. */
  readonly isTaken: boolean
}

interface Origin {
  /** Of the CRM's connection. */
  readonly address: string | undefined
  /** Somebody let it go on out of the quarantine. */
  readonly isApproved: boolean
}

/** The second half of the way; a message that somebody let go out of the quarantine takes it once more. */
export async function judge (message: StoredMessage, { address, isApproved }: Origin, rooms: OutboundRooms): Promise<Judged> {
  const { destination } = message
  const facts = rooms.destinations.get(destination) as DestinationFacts
  const isQueued = isApproved || facts.mode === 'queue'
  if (isQueued) rooms.delivery.requireRoom()
  const { associate } = rooms.associates.coverageOf(destination, message.acceptedAt)
  const redacted = await rooms.redaction.redact({ destination, isLive: associate !== undefined, isApproved, type: message.type, body: message.body })
  if (redacted.held !== undefined) return await hold(message, { reason: redacted.held, address, isQueued }, rooms)
  const { body, manifest } = redacted
  const patients = rooms.webhook.findPatients(destination, message.type, message.body)
  const release = { message, body, manifest, facts, associate, patients, time: rooms.clock.now(), address, isApproved }
  await Promise.all(describeRelease(release).map(event => rooms.audit.record(event)))
  rooms.metrics.message(destination, 'released')
  rooms.metrics.redacted(manifest.kinds)
  return await deliver({ ...message, body, underAgreement: agreementUsed(manifest) }, isQueued, rooms)
}

async function deliver (message: StoredMessage, isQueued: boolean, rooms: OutboundRooms): Promise<Judged> {
  if (isQueued) {
    try { await rooms.delivery.enqueue(message) } catch (error) {
      const code = error instanceof Failure ? error.code as 'delivery.notStored' : 'delivery.notStored'
      rooms.audit.note(describeEnding(message, { isDelivered: false, code, status: undefined, attempts: 0, isTriedAgain: false }, rooms.clock.now()))
      throw error
    }
    return { isTaken: true, answer: receipt(202, message.id, 'queued') }
  }
  const attempt = await rooms.delivery.send(message)
  const isDelivered = attempt.is === 'delivered'
  const ending = { isDelivered, code: attempt.is === 'delivered' ? undefined : attempt.code, status: attempt.answer?.status, attempts: 1, isTriedAgain: false }
  rooms.audit.note(describeEnding(message, ending, rooms.clock.now()))
  rooms.metrics.message(message.destination, isDelivered ? 'delivered' : 'failed')
  return { isTaken: isDelivered, answer: answerOf(attempt, message.id) }
}

/** The receiver's own answer, except for a redirect, which would lead the CRM past the gateway. */
function answerOf (attempt: Attempt, id: string): OutboundAnswer {
  const { answer } = attempt
  if (answer !== undefined && (attempt.is === 'delivered' || attempt.code !== 'delivery.redirected')) {
    return { status: answer.status, headers: { ...(answer.type === undefined ? {} : { 'content-type': answer.type }), 'sallyport-message-id': id }, body: answer.body }
  }
  const code = attempt.is === 'delivered' ? 'delivery.unavailable' : attempt.code
  return problem(code, deliveryReasons.table[code], { id })
}

interface Holding { readonly reason: string, readonly address: string | undefined, readonly isQueued: boolean }

async function hold (message: StoredMessage, { reason, address, isQueued }: Holding, rooms: OutboundRooms): Promise<Judged> {
  const { clock, audit, metrics } = rooms
  const time = clock.now()
  await placeInQuarantine({ ...message, heldAt: time, reason, stage: 'redaction', approvals: [] }, rooms)
  await audit.record(describeHold(message, { time, reason: `redaction.${reason}`, address }))
  metrics.message(message.destination, 'held')
  // A queue that says "try again" would bring the same message again and again.
  if (isQueued) return { isTaken: true, answer: receipt(202, message.id, 'held') }
  return { isTaken: true, answer: problem('outbound.held', outboundReasons.table['outbound.held'], { id: message.id }) }
}

/** A refusal is on record too. When the trail itself is what failed, there is nowhere to write it. */
function recordRefusal (error: unknown, known: Known, rooms: OutboundRooms): void {
  const code = error instanceof Denial || error instanceof Failure ? error.code : 'outbound.bug'
  rooms.metrics.denied(code)
  if (code !== 'audit.unavailable') rooms.audit.note(describeRefusal(known, code))
}
