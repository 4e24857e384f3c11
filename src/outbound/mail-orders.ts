// What the command line asks for about mail that waits: try it now, or drop it. That somebody asked is on record before the order lies here; what came of it is recorded here.
import type { SealedFiles } from '../audit/audit.ts'
import { describeDrop } from './describe.ts'
import type { OutboundRooms } from './rooms.ts'
import type { MailOrder } from './stored-message.ts'

async function follow ({ id, order }: MailOrder, { mail, shield, audit, clock, log }: OutboundRooms): Promise<void> {
  const queues = [mail?.queue, shield?.queue]
  if (order === 'retry') { if (!queues.some(queue => queue?.retry(id) === true)) log.warn('mail.orderWithoutMail', { id, order }); return }
  const dropped = await Promise.all(queues.map(async queue => await queue?.drop(id) === true))
  if (!dropped.includes(true)) { log.warn('mail.orderWithoutMail', { id, order }); return }
  await audit.recordEnding(describeDrop(id, clock.now()))
}

/** `orders`: where the command line puts them. */
export async function takeMailOrders (orders: SealedFiles, rooms: OutboundRooms): Promise<void> {
  for (const { name } of await orders.list()) {
    try {
      const bytes = await orders.read(name)
      if (bytes !== undefined) await follow(JSON.parse(bytes.toString('utf8')) as MailOrder, rooms)
    } catch (error) { rooms.log.bug('mail.orderUnreadable', error, { file: name }) }
    await orders.remove(name)
  }
}
