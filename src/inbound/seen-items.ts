// Puts on record whose data a list's or a search's answer shows, before the answer goes out: an event for each item. An answer that cannot be taken apart goes
// out too, and leaves an event that says so.
import type { AuditEvent } from '../audit/audit.ts'
import type { RecordView } from './access/access.ts'
import { describeSeenRecord } from './describe.ts'
import type { ForwardContext } from './forward/forward.ts'
import type { Admitted } from './pipeline.ts'
import type { InboundRooms } from './rooms.ts'

const mostBytes = 2 * 1024 * 1024

/** Undefined: nothing has to look at the answer. */
export function inspectItems (admitted: Admitted, rooms: InboundRooms): ForwardContext['inspect'] {
  const { record } = admitted.decision
  if (record?.items === undefined || admitted.method === 'HEAD') return undefined
  const { access } = admitted.judgedBy
  const single = (value: string | string[] | undefined) => typeof value === 'string' ? value : ''
  return {
    mostBytes,
    wants: ({ statusCode, headers }) => statusCode === 200 && access.isReadableAnswer(single(headers['content-type'])),
    async look ({ statusCode, headers }, content) {
      if (statusCode >= 400 || (statusCode >= 300 && statusCode !== 304) || statusCode === 204) return
      const found = content === undefined
        ? undefined
        : await access.readItems(record, { bytes: content, type: single(headers['content-type']), coding: single(headers['content-encoding']) })
      const events = found === undefined ? [describeUnread(admitted, record, statusCode)] : found.map(one => describeSeenRecord(admitted, one))
      await Promise.all(events.map(event => rooms.audit.record(event)))
    },
  }
}

/** The browser shows what it kept, or the answer is none that ids can be taken from. */
function describeUnread (admitted: Admitted, record: RecordView, status: number): AuditEvent {
  return { ...describeSeenRecord(admitted, record), facts: { items: status === 304 ? 'cached' : 'unread' } }
}
