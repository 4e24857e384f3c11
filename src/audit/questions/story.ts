// The story of one patient: who did what when from where, what was refused and what was sent out, by day and person. It counts and groups; the words are
// the business of whoever shows it. An exchange without an ending counts as disclosed (45 CFR 164.414(b): the burden of proof is ours).
import type { AuditEvent } from '../event.ts'
import type { ZonedDay } from '../../shared/time-zone.ts'
import { exchangeOf, isEnding } from '../open-exchanges.ts'
import type { Found } from './answer.ts'
import { wholeEvent } from './row.ts'

export type AccessKind = NonNullable<AuditEvent['what']>['kind']

/** done: the CRM answered. answered: the CRM said no (status). refused: the gateway said no. broken: it was cut off midway. open: nothing says how it ended. */
export type DeedResult = 'done' | 'answered' | 'refused' | 'failed' | 'broken' | 'open'

export interface Deed {
  readonly is: 'access' | 'message' | 'question'
  readonly kind: AuditEvent['kind']
  readonly access: AccessKind
  readonly time: number
  readonly what: AuditEvent['what']
  readonly result: DeedResult
  readonly status: number | undefined
  /** A code: why it was refused or how it failed. */
  readonly reason: string | undefined
  readonly isDisclosed: boolean
  readonly disclosure: AuditEvent['disclosure']
  /** How many alike were counted together in one record. */
  readonly count: number
  /** What an administrator gave as the reason for a question. */
  readonly asked: { readonly operation: string, readonly reason: string } | undefined
}

export interface PersonOfDay {
  readonly who: AuditEvent['who']
  readonly addresses: readonly string[]
  readonly deeds: readonly Deed[]
}

export interface PatientStory {
  readonly patient: string
  readonly days: ReadonlyArray<{ readonly day: string, readonly people: readonly PersonOfDay[] }>
  readonly people: ReadonlyArray<Readonly<PersonInAll>>
  readonly totals: Readonly<Totals>
}

interface PersonInAll { who: AuditEvent['who'], byAccess: Partial<Record<AccessKind, number>>, refused: number, last: number }
/** `days`: on which somebody got to the data. */
interface Totals { accesses: number, days: number, refused: number, failed: number, open: number, sent: number, heldBack: number, questions: number }

const messageResults: Readonly<Partial<Record<AuditEvent['kind'], DeedResult>>> = { 'message.quarantined': 'refused', 'message.refused': 'refused', 'message.failed': 'failed' }

function resultOf (event: AuditEvent): DeedResult {
  const { kind, outcome } = event
  if (kind.endsWith('.denied') || kind === 'connection.refused') return 'refused'
  if (kind === 'request.failed') return 'failed'
  if (kind === 'request.abandoned') return event.facts?.['disclosed'] === 'no' ? 'refused' : 'broken'
  if (kind === 'request.admitted' || kind === 'connection.opened') return 'open'
  return outcome?.status !== undefined && outcome.status >= 400 ? 'answered' : 'done'
}

function toDeed (found: Found): Deed {
  const event = wholeEvent(found)
  const { kind, what, outcome, facts, disclosure, count = 1 } = event
  const isMessage = kind.startsWith('message.')
  const result = isMessage ? messageResults[kind] ?? 'done' : resultOf(event)
  return {
    is: isMessage ? 'message' : kind === 'operation.run' ? 'question' : 'access',
    kind,
    access: what?.kind ?? 'unknown',
    time: found.begun?.event.time ?? event.time,
    what,
    result,
    status: outcome?.status,
    reason: reasonOf(event),
    isDisclosed: result === 'done' || result === 'broken' || result === 'open',
    disclosure,
    count,
    asked: kind === 'operation.run' ? { operation: String(facts?.['operation'] ?? ''), reason: String(facts?.['reason'] ?? '') } : undefined,
  }
}

function reasonOf ({ outcome, decision }: AuditEvent): string | undefined {
  return outcome?.reason ?? decision?.reason
}

/** An exchange is one deed, told by its ending when there is one; of an operation only that it was asked for. */
function takeDeeds (all: readonly Found[]): ReadonlyArray<{ readonly deed: Deed, readonly event: AuditEvent }> {
  const ended = new Set(all.flatMap(({ event }) => isEnding(event.kind) ? exchangeOf(event) ?? [] : []))
  const isTold = ({ event }: Found) => {
    if (event.kind === 'operation.run') return event.facts?.['step'] === 'asked'
    return isEnding(event.kind) || !ended.has(exchangeOf(event) ?? '')
  }
  return all.filter(isTold).map(found => ({ deed: toDeed(found), event: wholeEvent(found) })).sort((a, b) => a.deed.time - b.deed.time)
}

export function tellStory (patient: string, all: readonly Found[], dayOf: ZonedDay): PatientStory {
  const days = new Map<string, Map<string, { who: AuditEvent['who'], addresses: Set<string>, deeds: Deed[] }>>()
  const people = new Map<string, PersonInAll>()
  const accessDays = new Set<string>()
  const totals: Totals = { accesses: 0, days: 0, refused: 0, failed: 0, open: 0, sent: 0, heldBack: 0, questions: 0 }
  for (const { deed, event } of takeDeeds(all)) {
    const { who, from } = event
    const name = who?.id ?? ''
    const ofDay = getOrAdd(days, dayOf(deed.time), () => new Map<string, { who: AuditEvent['who'], addresses: Set<string>, deeds: Deed[] }>())
    const personOfDay = getOrAdd(ofDay, name, () => ({ who, addresses: new Set<string>(), deeds: [] }))
    if (from !== undefined) personOfDay.addresses.add(from.address)
    personOfDay.deeds.push(deed)
    count(deed, totals)
    if (deed.is !== 'access') continue
    const person = getOrAdd<string, PersonInAll>(people, name, () => ({ who, byAccess: {}, refused: 0, last: deed.time }))
    person.last = deed.time
    if (deed.isDisclosed) totals.days = accessDays.add(dayOf(deed.time)).size
    if (deed.isDisclosed) person.byAccess[deed.access] = (person.byAccess[deed.access] ?? 0) + deed.count
    else if (deed.result === 'refused') person.refused += deed.count
  }
  return {
    patient,
    days: [...days].map(([day, ofDay]) => ({ day, people: [...ofDay.values()].map(({ addresses, ...rest }) => ({ ...rest, addresses: [...addresses] })) })),
    people: [...people.values()],
    totals,
  }
}

function count (deed: Deed, totals: Totals): void {
  if (deed.is === 'question') totals.questions += 1
  else if (deed.is === 'message') {
    if (deed.result === 'refused') totals.heldBack += 1
    else if (deed.result === 'failed') totals.failed += 1
    else if (deed.kind === 'message.released') totals.sent += 1
  } else if (deed.result === 'refused') totals.refused += deed.count
  else if (deed.result === 'failed' || deed.result === 'answered') totals.failed += deed.count
  else {
    totals.accesses += deed.count
    if (deed.result === 'open') totals.open += 1
  }
}

function getOrAdd<K, V> (map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
