// What happens to messages behind the way itself: how a queued one ended, and what somebody let go out of the quarantine. Nothing leaves the disk before it is on record.
import type { SealedFiles } from '../audit/audit.ts'
import { Failure } from '../shared/errors.ts'
import type { OnEnding } from './delivery/delivery.ts'
import { describeEnding, describeHold } from './describe.ts'
import { sendApprovedMail } from './mail-pipeline.ts'
import { judge } from './pipeline.ts'
import { sendApprovedCall } from './proxy-pipeline.ts'
import type { HeldMessage } from './quarantine/quarantine.ts'
import type { OutboundRooms } from './rooms.ts'
import { sendApprovedShieldMail } from './shield-pipeline.ts'
import { unpackMessage } from './stored-message.ts'

type EndingRooms = Pick<OutboundRooms, 'audit' | 'quarantine' | 'clock' | 'metrics'>

/** A final failure goes to the quarantine, full or not: it was accepted, so it may not get lost. */
export function createEnding ({ audit, quarantine, clock, metrics }: EndingRooms): OnEnding {
  return async (message, ending) => {
    const time = clock.now()
    if (ending.isTriedAgain) { audit.note(describeEnding(message, ending, time)); return }
    // What no agreement covers any more is judged again before it goes anywhere.
    const stage = ending.code === 'delivery.agreementEnded' ? 'redaction' : 'delivery'
    if (!ending.isDelivered) await quarantine.hold({ ...message, heldAt: time, reason: ending.code ?? 'delivery.givenUp', stage, approvals: [] })
    await audit.recordEnding(describeEnding(message, ending, time))
    if (!ending.isDelivered) await audit.recordEnding(describeHold(message, { time, reason: ending.code ?? 'delivery.givenUp' }))
    metrics.message(message.destination, ending.isDelivered ? 'delivered' : 'failed')
  }
}

async function goOn (held: HeldMessage, rooms: OutboundRooms): Promise<void> {
  if (held.shield !== undefined && held.envelope !== undefined) { await sendApprovedShieldMail({ ...held, envelope: held.envelope, shield: held.shield }, rooms); return }
  if (held.envelope !== undefined) { await sendApprovedMail(held, rooms); return }
  if (held.call !== undefined) { await sendApprovedCall({ ...held, call: held.call }, rooms); return }
  const { id, destination, path, type, body, underAgreement } = held
  const message = { id, destination, path, type, body, acceptedAt: rooms.clock.now() }
  if (held.stage === 'redaction') { await judge(message, { address: undefined, isApproved: true }, rooms); return }
  // PHI was taken out before, and that it was released is on record.
  rooms.delivery.requireRoom()
  await rooms.delivery.enqueue({ ...message, underAgreement })
}

/** Whether where it goes is still configured. */
function mayGoOn ({ destination, envelope, call, shield: mailFromOutside }: HeldMessage, { destinations, mail, proxy, shield }: OutboundRooms): boolean {
  if (mailFromOutside !== undefined) return shield?.room.findAlias(destination) !== undefined
  if (call !== undefined) return proxy?.facts.has(destination) === true
  return envelope === undefined ? destinations.has(destination) : mail?.room.copyFor(destination, envelope.to) !== undefined
}

/** Takes up what was let go. `approved`: where the command line puts it. Returns how many went on. */
export async function takeApproved (approved: SealedFiles, rooms: OutboundRooms): Promise<number> {
  let taken = 0
  for (const { name } of await approved.list()) {
    try {
      const bytes = await approved.read(name)
      if (bytes === undefined) continue
      const held = unpackMessage<HeldMessage>(bytes)
      const isKnown = mayGoOn(held, rooms)
      if (!isKnown) { rooms.log.error('outbound.approvedWithoutDestination', { id: held.id, destination: held.destination }); continue }
      await goOn(held, rooms)
      taken += 1
    } catch (error) {
      if (error instanceof Failure) rooms.log.warn('outbound.approvedWaits', { id: name, code: error.code })
      else rooms.log.bug('outbound.approvedUnreadable', error, { id: name })
      continue
    }
    await approved.remove(name)
  }
  return taken
}
