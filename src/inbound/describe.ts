// Turns what the rooms found out about an exchange into audit events. Pure; it decides nothing.
import type { AuditEvent } from '../audit/audit.ts'
import type { AccessDecision, Question, RecordView } from './access/access.ts'
import type { CanonicalTarget } from './canonical/canonical.ts'
import type { MaskVerdict } from './masking/masking.ts'
import type { ClientAddress } from './client-ip/client-ip.ts'
import type { Session } from './session/session.ts'

/** What is known of a request so far; a refused one may know little. */
export interface Known {
  readonly id: string
  readonly time: number
  readonly client: ClientAddress
  readonly method: string
  readonly protocol: string
  readonly host: string | undefined
  readonly userAgent: string | undefined
  /** The target as it came; recorded only when there is no canonical one. */
  readonly wireTarget: string
  readonly target?: CanonicalTarget | undefined
  readonly session?: Session | undefined
  /** Sent after a sign-in: the number of the request that was refused when the session had ended. */
  readonly keptFrom?: string | undefined
  /** What the access room was asked. */
  readonly question?: Question | undefined
  readonly decision?: AccessDecision | undefined
  /** What of the answer the person may not see. */
  readonly mask?: MaskVerdict | undefined
  /** Why a mask with `mode: report` would have refused it. */
  readonly wouldRefuse?: string | undefined
  /** Of a refused one, as far as it is known: the person's roles, the rule that denied it, and what it was about. */
  readonly refused?: {
    readonly roles: readonly string[]
    readonly rule: string | undefined
    readonly record: RecordView | undefined
    /** A rule with `mode: report` that would have allowed it. */
    readonly wouldAllow?: string | undefined
  } | undefined
  /** True for the gateway's own pages. */
  readonly isOwn?: boolean | undefined
}

const none: readonly string[] = Object.freeze([])

type Kind = NonNullable<AuditEvent['what']>['kind']

const kinds: Readonly<Record<string, Kind>> = {
  GET: 'read',
  HEAD: 'read',
  OPTIONS: 'read',
  PROPFIND: 'list',
  REPORT: 'search',
  SEARCH: 'search',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
  MKCOL: 'create',
  COPY: 'create',
  MOVE: 'update',
  PROPPATCH: 'update',
}

// Of a target that is refused; one that is admitted is recorded whole (canonical/ sees to its length).
const longest = 2048

/** The event of a request at the moment of its decision. */
export function describeRequest (kind: 'request.admitted' | 'request.denied', known: Known, reason?: string): AuditEvent {
  const { session, decision, refused } = known
  return {
    kind,
    time: known.time,
    id: known.id,
    ...(session === undefined ? {} : { who: describePerson(session, decision?.roles ?? refused?.roles ?? none) }),
    from: {
      address: known.client.address,
      ...(known.client.peer === known.client.address ? {} : { peer: known.client.peer }),
      ...(known.userAgent === undefined ? {} : { userAgent: known.userAgent.slice(0, 512) }),
    },
    what: describeTarget(known),
    decision: describeDecision(known, reason),
    ...describeFacts(known),
  }
}

function describeFacts ({ client, decision, mask, refused, wouldRefuse, keptFrom }: Known): { readonly facts?: NonNullable<AuditEvent['facts']> } {
  const wouldBe = client.wouldRefuse ?? decision?.wouldRefuse ?? wouldRefuse
  const facts = {
    ...(keptFrom === undefined ? {} : { keptFrom }),
    ...(decision?.isUnclassified === true ? unclassified : {}),
    ...(mask?.enforced === undefined ? {} : { masks: mask.enforced.settings }),
    ...(wouldBe === undefined ? {} : { wouldRefuse: wouldBe }),
    ...(refused?.wouldAllow === undefined ? {} : { wouldAllow: refused.wouldAllow }),
  }
  const names = Object.keys(facts)
  if (names.length === 0) return {}
  return { facts: names.length === 1 && decision?.isUnclassified === true ? unclassified : facts }
}

function describeTarget (known: Known): NonNullable<AuditEvent['what']> {
  const { target, isOwn = false } = known
  const record = known.decision?.record ?? known.refused?.record
  const route = known.decision?.route ?? record?.route
  return {
    kind: isOwn ? 'gateway' : record?.kind ?? kinds[known.method] ?? 'unknown',
    method: known.method.slice(0, 64),
    path: target?.path ?? known.wireTarget.slice(0, longest),
    // Nobody's own doing at the CRM: what a stranger writes behind our own pages is not worth the disk.
    ...(isOwn ? {} : describeQuery(target)),
    ...(route === undefined ? {} : { route }),
    ...(known.host === undefined ? {} : { host: known.host.slice(0, 255) }),
    protocol: known.protocol,
    ...(record === undefined ? {} : { record: describeRecord(record) }),
  }
}

function describeQuery (target: CanonicalTarget | undefined): { readonly query?: string } {
  return target === undefined || target.query === '' ? {} : { query: target.query }
}

/** The further records that a request names: an event for each, so that each can be asked for. */
export function describeFurtherRecords (known: Known): readonly AuditEvent[] {
  return (known.decision?.more ?? []).map(record => describeSeenRecord(known, record))
}

/** A record that an exchange was about beside the one that it was admitted for. */
export function describeSeenRecord (known: Known, record: RecordView): AuditEvent {
  const { session, decision, client } = known
  return {
    kind: 'record.seen',
    time: known.time,
    id: known.id,
    ...(session === undefined ? {} : { who: describePerson(session, decision?.roles ?? none) }),
    from: { address: client.address, ...(client.peer === client.address ? {} : { peer: client.peer }) },
    what: { kind: record.kind, method: known.method, route: record.route, record: describeRecord(record) },
  }
}

/** One object for all: the trail then writes it out once. */
const unclassified = Object.freeze({ unclassified: true })

function describeRecord ({ type, id, patient }: RecordView): NonNullable<NonNullable<AuditEvent['what']>['record']> {
  return { type, ...(id === undefined ? {} : { id }), ...(patient === undefined ? {} : { patient }) }
}

function describeDecision ({ decision, refused }: Known, reason: string | undefined): NonNullable<AuditEvent['decision']> {
  const rule = decision?.rule ?? refused?.rule
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(reason === undefined ? {} : { reason }),
  }
}

type Who = NonNullable<AuditEvent['who']>

const described = new WeakMap<Session['principal'], { readonly session: string, readonly roles: readonly string[], readonly who: Who }>()

/** Frozen, and the same object for the same person of the same session with the same roles: the trail then writes it out once. */
export function describePerson (session: Session, roles: readonly string[]): Who {
  const { principal, key } = session
  const known = described.get(principal)
  if (known !== undefined && known.session === key && known.roles === roles) return known.who
  const who: Who = Object.freeze({ id: principal.id, name: principal.name, roles: Object.freeze([...roles]) as string[], idp: principal.idp, session: key })
  described.set(principal, { session: key, roles, who })
  return who
}

export interface Ending {
  readonly kind: 'request.completed' | 'request.failed' | 'request.abandoned' | 'connection.closed'
  readonly time: number
  readonly status: number | undefined
  readonly bytesOut: number
  readonly durationMs: number
  readonly reason?: string | undefined
  readonly source?: string | undefined
  readonly bytesIn?: number | undefined
  /** WebSocket messages. */
  readonly messagesIn?: number | undefined
  readonly messagesOut?: number | undefined
  readonly facts?: AuditEvent['facts'] | undefined
}

/** The ending of an exchange; it names its admitted event by the same id. */
export function describeEnding (known: Known, ending: Ending): AuditEvent {
  const { session } = known
  return {
    kind: ending.kind,
    time: ending.time,
    id: known.id,
    ...(session === undefined ? {} : { who: describePerson(session, known.decision?.roles ?? none) }),
    from: { address: known.client.address },
    outcome: {
      ...(ending.status === undefined ? {} : { status: ending.status }),
      ...(ending.bytesIn === undefined ? {} : { bytesIn: ending.bytesIn }),
      bytesOut: ending.bytesOut,
      durationMs: ending.durationMs,
      ...(ending.messagesIn === undefined ? {} : { messagesIn: ending.messagesIn }),
      ...(ending.messagesOut === undefined ? {} : { messagesOut: ending.messagesOut }),
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      ...(ending.source === undefined ? {} : { source: ending.source }),
    },
    ...(ending.facts === undefined ? {} : { facts: ending.facts }),
  }
}
