// One answer as one flat row: the same field names in JSON Lines, CSV and the table. The names are a promise; new ones may be added at the end.
import type { AuditEvent } from '../event.ts'
import type { Found } from './answer.ts'
import { outcomeOf } from './query.ts'

export const rowFields = [
  'time', 'kind', 'outcome', 'status', 'reason', 'rule', 'person', 'name', 'roles', 'address', 'access', 'method', 'host', 'path', 'query', 'route',
  'recordType', 'record', 'patient', 'fields', 'bytesIn', 'bytesOut', 'durationMs', 'recipient', 'recipientAddress', 'description', 'purpose', 'facts', 'count',
  'id', 'writer', 'epoch', 'seq', 'problems',
] as const
export type RowField = typeof rowFields[number]
export type Row = Readonly<Partial<Record<RowField, string | number | readonly string[] | AuditEvent['facts']>>>

/** What an event says of itself, and for an ending what its beginning said. */
export function wholeEvent ({ event, begun }: Pick<Found, 'event' | 'begun'>): AuditEvent {
  if (begun === undefined) return event
  const { who, from, what, decision } = begun.event
  return {
    ...event,
    ...(who === undefined || event.who !== undefined ? {} : { who }),
    // The address of an ending is that of its beginning, which knows more.
    ...(from === undefined ? {} : { from }),
    ...(what === undefined || event.what !== undefined ? {} : { what }),
    ...(decision === undefined || event.decision !== undefined ? {} : { decision }),
  }
}

/** Fields without a value are left out. `time` is ISO 8601 in UTC. */
export function toRow (found: Found): Row {
  const event = wholeEvent(found)
  const row: Record<RowField, Row[RowField] | undefined> = {
    time: new Date(event.time).toISOString(),
    kind: event.kind,
    ...rowOfOutcome(found.event, event),
    ...rowOfPerson(event),
    ...rowOfTarget(event.what),
    ...rowOfDisclosure(event.disclosure),
    facts: event.facts,
    count: event.count,
    id: event.id,
    writer: found.writer,
    epoch: found.epoch,
    seq: found.seq,
    problems: found.problems.length === 0 ? undefined : found.problems,
  }
  return Object.fromEntries(rowFields.flatMap(name => row[name] === undefined ? [] : [[name, row[name]]])) as Row
}

function rowOfOutcome (event: AuditEvent, { outcome, decision }: AuditEvent) {
  const { status, bytesIn, bytesOut, durationMs } = outcome ?? {}
  return { outcome: outcomeOf(event), status, reason: outcome?.reason ?? decision?.reason, rule: decision?.rule, bytesIn, bytesOut, durationMs }
}

function rowOfPerson ({ who, from }: AuditEvent) {
  return { person: who?.id, name: who?.name, roles: who?.roles, address: from?.address }
}

function rowOfTarget ({ kind: access, method, host, path, query, route, record }: Partial<NonNullable<AuditEvent['what']>> = {}) {
  const { type: recordType, id, patient, fields } = record ?? {}
  return { access, method, host, path, query, route, recordType, record: id, patient, fields }
}

function rowOfDisclosure ({ recipient, address: recipientAddress, description, purpose }: Partial<NonNullable<AuditEvent['disclosure']>> = {}) {
  return { recipient, recipientAddress, description, purpose }
}
