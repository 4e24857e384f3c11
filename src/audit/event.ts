// What can be on record: one list of events. Values of PHI are never in a clear field; the whole event is sealed.
import { Type, type Static } from '../shared/schema.ts'

const Text = Type.String({ maxLength: 2048 })
const Maybe = <S extends Parameters<typeof Type.Optional>[0]>(schema: S) => Type.Optional(schema)

/** The person. */
export const Who = Type.Object({
  id: Text,
  name: Maybe(Text),
  roles: Type.Array(Text),
  idp: Maybe(Text),
  /** Session.key */
  session: Maybe(Text),
})

/** The connection. */
export const From = Type.Object({ address: Text, peer: Maybe(Text), userAgent: Maybe(Text) })

export const accessKinds = ['create', 'read', 'update', 'delete', 'execute', 'search', 'list', 'export', 'download', 'play', 'sign-in', 'sign-out', 'gateway', 'unknown'] as const

/** What was asked for. `path`, `query` and `host` are as canonical; they may hold PHI and are only in the sealed part. */
export const What = Type.Object({
  kind: Type.Enum(accessKinds),
  method: Text,
  route: Maybe(Text),
  path: Maybe(Text),
  query: Maybe(Type.String({ maxLength: 4096 })),
  host: Maybe(Text),
  protocol: Maybe(Text),
  record: Maybe(Type.Object({ type: Text, id: Maybe(Text), patient: Maybe(Text), fields: Maybe(Type.Array(Text)) })),
})

/** What left the house, to whom and why: the columns of 45 CFR 164.528(b)(2). The patient is in `what.record`; a message about several has an event for each. */
export const Disclosure = Type.Object({
  recipient: Text,
  /** Of the recipient: a postal, e-mail or web address. */
  address: Maybe(Text),
  description: Text,
  purpose: Text,
})

export const eventKinds = [
  'request.admitted', 'request.denied', 'request.completed', 'request.failed', 'request.abandoned',
  // A record that an exchange was about beside the one its `request.admitted` names; it has the exchange's id.
  'record.seen',
  'session.began', 'session.ended', 'session.refused',
  'connection.opened', 'connection.closed', 'connection.refused',
  'message.accepted', 'message.released', 'message.quarantined', 'message.refused', 'message.delivered', 'message.failed',
  'operation.run', 'configuration.loaded', 'configuration.refused',
  'gateway.started', 'gateway.stopped', 'gateway.gap', 'gateway.checkpoint',
] as const

export const AuditEvent = Type.Object({
  kind: Type.Enum(eventKinds),
  /** Milliseconds since the epoch, UTC. */
  time: Type.Integer(),
  /** Request or connection id; the ending has the id of its admitted. */
  id: Text,
  who: Maybe(Who),
  from: Maybe(From),
  what: Maybe(What),
  decision: Maybe(Type.Object({ rule: Maybe(Text), reason: Maybe(Text) })),
  outcome: Maybe(Type.Object({
    status: Maybe(Type.Integer()),
    bytesIn: Maybe(Type.Integer()),
    bytesOut: Maybe(Type.Integer()),
    durationMs: Maybe(Type.Number()),
    reason: Maybe(Text),
    source: Maybe(Text),
    messagesIn: Maybe(Type.Integer()),
    messagesOut: Maybe(Type.Integer()),
  })),
  disclosure: Maybe(Disclosure),
  /** How many alike were counted together (floods of refusals). */
  count: Maybe(Type.Integer()),
  /** Further bounded facts: digests, versions, causes. Never PHI. */
  facts: Maybe(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
})
export type AuditEvent = Static<typeof AuditEvent>
