// What can be asked of a trail, and whether an event is an answer. Pure; a source may look up faster, but this decides.
import { accessKinds, eventKinds, type AuditEvent } from '../event.ts'
import type { AuditRecord } from '../record-form.ts'
import type { Tokeniser, TokenName } from '../tokens.ts'

export interface TrailQuery {
  readonly patient?: string | undefined
  readonly person?: string | undefined
  readonly record?: { readonly type: string, readonly id: string } | undefined
  readonly address?: string | undefined
  /** Of a request, a connection or an operation; an ending has the id of its beginning. */
  readonly id?: string | undefined
  /** A kind of event (`request.denied`), a family of them (`session`), or a kind of access (`read`). */
  readonly kind?: string | undefined
  /** One of `outcomeWords`, a status (`404`), a class of them (`5xx`) or a reason (`session.idle`). */
  readonly outcome?: string | undefined
  /** Milliseconds since the epoch; `from` belongs to the range, `to` does not. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** For each name the tokens of which one must stand in a record; several after a change of keys. */
export type WantedTokens = Readonly<Partial<Record<TokenName, readonly string[]>>>

export const kindWords: readonly string[] = [...new Set([...eventKinds, ...eventKinds.map(kind => familyOf(kind)), ...accessKinds])]

/** How something ended, in one word. `open`: nothing on record says how. */
const endWords = ['admitted', 'completed', 'refused', 'failed', 'abandoned', 'done'] as const
export type OutcomeWord = typeof endWords[number]

/** What a rule, mask or allowlist with `mode: report` would have done; facts of that name. */
const trialWords = ['wouldRefuse', 'wouldAllow', 'wouldMask']

/** What can be asked for as an outcome, beside statuses and reasons. */
export const outcomeWords: readonly string[] = [...endWords, ...trialWords]

function familyOf (kind: string): string {
  return kind.slice(0, kind.indexOf('.'))
}

const outcomes: Readonly<Partial<Record<AuditEvent['kind'], OutcomeWord>>> = {
  'request.admitted': 'admitted',
  'request.denied': 'refused',
  'request.completed': 'completed',
  'request.failed': 'failed',
  'request.abandoned': 'abandoned',
  'connection.opened': 'admitted',
  'connection.closed': 'completed',
  'connection.refused': 'refused',
  'session.refused': 'refused',
  'configuration.refused': 'refused',
  'message.accepted': 'admitted',
  'message.quarantined': 'refused',
  'message.refused': 'refused',
  'message.failed': 'failed',
}

export function outcomeOf (event: AuditEvent): OutcomeWord {
  if (event.kind === 'operation.run') return event.facts?.['step'] === 'failed' ? 'failed' : event.facts?.['step'] === 'asked' ? 'admitted' : 'done'
  return outcomes[event.kind] ?? 'done'
}

export function wantedTokens (query: TrailQuery, tokenisers: readonly Tokeniser[]): WantedTokens {
  const { patient, person, record, address } = query
  const all = (name: TokenName, ...parts: readonly string[]) => ({ [name]: tokenisers.map(tokeniser => tokeniser.tokenOf(name, ...parts)) })
  return {
    ...(patient === undefined ? {} : all('patient', patient)),
    ...(person === undefined ? {} : all('person', person)),
    ...(record === undefined ? {} : all('record', record.type, record.id)),
    ...(address === undefined ? {} : all('address', address)),
  }
}

/** An event with what is known of it: its record, and, for an ending, how the exchange began. */
export interface Seen {
  readonly event: AuditEvent
  readonly record: AuditRecord | undefined
  readonly begun: { readonly event: AuditEvent, readonly record: AuditRecord | undefined } | undefined
}

/** Whether it is an answer. What a token says counts as well as what the event says: a shortened event may have lost its own word. */
export function isAnswer (seen: Seen, query: TrailQuery, tokens: WantedTokens): boolean {
  if (query.id !== undefined && seen.event.id !== query.id) return false
  return isAbout(seen, query, tokens) && isOfKind(seen, query.kind) && hasOutcome(seen.event, query.outcome) && isInRange(seen, query)
}

function isAbout ({ event, record, begun }: Seen, query: TrailQuery, tokens: WantedTokens): boolean {
  const { who = begun?.event.who, from = begun?.event.from, what = begun?.event.what } = event
  const has = (name: TokenName): boolean => [record, begun?.record].some(one => tokens[name]?.includes(one?.tokens[name] ?? '') === true)
  const agrees = (name: TokenName, wanted: string | undefined, found: string | undefined) => wanted === undefined || wanted === found || has(name)
  return agrees('patient', query.patient, what?.record?.patient) &&
    agrees('person', query.person, who?.id) &&
    agrees('address', query.address, from?.address) &&
    (query.record === undefined || isSameRecord(what?.record, query.record) || has('record'))
}

function isSameRecord (one: { readonly type: string, readonly id?: string } | undefined, other: { readonly type: string, readonly id: string }): boolean {
  return one?.type === other.type && one.id === other.id
}

function isOfKind ({ event, begun }: Seen, kind: string | undefined): boolean {
  const { what = begun?.event.what } = event
  return kind === undefined || event.kind === kind || familyOf(event.kind) === kind || what?.kind === kind
}

function hasOutcome (event: AuditEvent, outcome: string | undefined): boolean {
  if (outcome === undefined || outcomeOf(event) === outcome) return true
  if (trialWords.includes(outcome)) return event.facts?.[outcome] !== undefined
  const status = event.outcome?.status
  if (/^[1-5]\d\d$/.test(outcome)) return status === Number(outcome)
  if (/^[1-5]xx$/.test(outcome)) return status !== undefined && Math.floor(status / 100) === Number(outcome[0])
  return event.outcome?.reason === outcome || event.decision?.reason === outcome
}

/** An ending belongs to where its exchange began. */
function isInRange ({ event, begun }: Seen, { from = -Infinity, to = Infinity }: TrailQuery): boolean {
  const at = begun?.event.time ?? event.time
  return at >= from && at < to
}
