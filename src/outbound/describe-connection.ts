// What the trail says of a connection through the proxy: host, way, how much passed, why it ended. Never a byte of what passed.
import type { AuditEvent } from '../audit/audit.ts'
import type { Endpoint } from './proxy/proxy.ts'

export interface Connection {
  readonly id: string
  readonly time: number
  /** The connection of the CRM. */
  readonly address: string | undefined
  /** Undefined until it is known which host it is for. */
  readonly endpoint: Endpoint | undefined
  /** As CONNECT or an http:// address came; it may hold anything and is only in the sealed part. */
  readonly wireTarget?: string | undefined
}

/** Name of the host; undefined for one that is not in the list. */
export interface Passage { readonly mode: 'open' | 'tunnel' | 'report', readonly name: string | undefined, readonly associate?: string | undefined }

function whatOf ({ endpoint, wireTarget }: Connection, name?: string): NonNullable<AuditEvent['what']> {
  return {
    kind: 'export',
    method: 'CONNECT',
    route: `proxy${name === undefined ? '' : ` ${name}`}`,
    ...(endpoint === undefined ? {} : { host: `${endpoint.host}:${endpoint.port}` }),
    ...(wireTarget === undefined ? {} : { path: wireTarget.slice(0, 2048) }),
  }
}

const fromOf = ({ address }: Connection) => address === undefined ? {} : { from: { address } }

export function describeRefusedConnection (connection: Connection, reason: string): AuditEvent {
  return { kind: 'connection.refused', time: connection.time, id: connection.id, ...fromOf(connection), what: whatOf(connection), decision: { reason } }
}

export function describeOpening (connection: Connection, { mode, name, associate }: Passage): AuditEvent {
  return {
    kind: 'connection.opened',
    time: connection.time,
    id: connection.id,
    ...fromOf(connection),
    what: whatOf(connection, name),
    ...(mode === 'report' ? { decision: { reason: 'proxy.unknownHost' } } : {}),
    facts: { mode, ...(name === undefined ? {} : { destination: name }), ...(associate === undefined ? {} : { associate }) },
  }
}

/** `bytesOut`: from the CRM to the host. */
export interface Closing { readonly time: number, readonly bytesIn: number, readonly bytesOut: number, readonly reason: string | undefined }

export function describeClosing (connection: Connection, { mode, name }: Passage, { time, bytesIn, bytesOut, reason }: Closing): AuditEvent {
  return {
    kind: 'connection.closed',
    time,
    id: connection.id,
    ...fromOf(connection),
    what: whatOf(connection, name),
    outcome: { bytesIn, bytesOut, durationMs: time - connection.time, ...(reason === undefined ? {} : { reason, source: 'gateway' }) },
    facts: { mode, ...(name === undefined ? {} : { destination: name }) },
  }
}
