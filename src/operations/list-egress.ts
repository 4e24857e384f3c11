// Which hosts did the CRM want to reach through the proxy? The trail says it. The look into the trail is on record like every question; whoever asked decides what goes into
// outbound.proxy.hosts.
import { loadConfigToAsk } from '../config/config.ts'
import { askRecorded, type AuditEvent, type Told } from './ask-trail.ts'

export interface EgressRequest {
  readonly configFile: string
  readonly reason: string
  /** Milliseconds since the epoch; `to` does not belong to the range. */
  readonly from: number | undefined
  readonly to: number
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface SeenHost {
  /** `api.vendor.example:443` */
  readonly host: string
  /** Whether it stands in outbound.proxy.hosts today. */
  readonly isKnown: boolean
  readonly opened: number
  readonly tunnelled: number
  /** Let through although it was not in the list. */
  readonly reported: number
  readonly refused: number
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  readonly lastAt: number
}

export interface SeenHosts extends Told {
  /** Unknown ones first, most often called first. */
  readonly hosts: readonly SeenHost[]
  /** There were more hosts than are kept apart. */
  readonly isCut: boolean
}

const mostHosts = 5000

type Counts = { -readonly [K in keyof SeenHost]: SeenHost[K] }

function count (entry: Counts, { kind, time, decision, facts, count: times = 1 }: AuditEvent): void {
  entry.firstAt = Math.min(entry.firstAt, time)
  entry.lastAt = Math.max(entry.lastAt, time)
  if (kind === 'connection.refused') entry.refused += times
  else if (decision?.reason === 'proxy.unknownHost') entry.reported += times
  else if (facts?.['mode'] === 'tunnel') entry.tunnelled += times
  else entry.opened += times
}

/** Throws a ConfigurationError or an OperationError. */
export async function listEgress ({ configFile, reason, from, to, onProgress }: EgressRequest): Promise<SeenHosts> {
  const { config } = await loadConfigToAsk(configFile)
  const known = new Set((config.outbound?.proxy?.hosts ?? []).map(({ host }) => host))
  const seen = new Map<string, Counts>()
  let isCut = false
  const told = await askRecorded(config, { name: 'egress.seen', query: { kind: 'connection', from, to }, reason, onProgress }, async answer => {
    for await (const { event } of answer.found) {
      const host = event.what?.method === 'CONNECT' ? event.what.host : undefined
      if (host === undefined || event.kind === 'connection.closed') continue
      const entry = seen.get(host) ?? { host, isKnown: known.has(host.slice(0, host.lastIndexOf(':'))), opened: 0, tunnelled: 0, reported: 0, refused: 0, firstAt: event.time, lastAt: event.time }
      if (!seen.has(host) && seen.size >= mostHosts) { isCut = true; continue }
      seen.set(host, entry)
      count(entry, event)
    }
    return { hosts: seen.size }
  })
  const calls = ({ opened, tunnelled, reported, refused }: SeenHost) => opened + tunnelled + reported + refused
  return { ...told, isCut, hosts: [...seen.values()].sort((one, other) => Number(one.isKnown) - Number(other.isKnown) || calls(other) - calls(one)) }
}
