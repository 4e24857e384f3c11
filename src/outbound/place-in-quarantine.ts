// Puts a message into the quarantine when there is room for it. Who handed it in is asked to try again later otherwise.
import { Failure } from '../shared/errors.ts'
import type { HeldMessage } from './quarantine/quarantine.ts'
import { outboundReasons } from './reasons.ts'
import type { OutboundRooms } from './rooms.ts'

/** Throws a Failure. */
export async function placeInQuarantine (message: HeldMessage, { quarantine, maxQuarantineBytes }: Pick<OutboundRooms, 'quarantine' | 'maxQuarantineBytes'>): Promise<void> {
  try {
    if ((await quarantine.measure()).bytes >= maxQuarantineBytes) throw outboundReasons.fail('outbound.quarantineFull', 'gateway', { retryAfterSeconds: 60 })
    await quarantine.hold(message)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw outboundReasons.fail('outbound.notHeld', 'store', { cause, retryAfterSeconds: 10 })
  }
}
