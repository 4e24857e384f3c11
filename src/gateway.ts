// Composition root: builds every room once and wires them. Nothing else builds rooms.
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { createAuditTrail, openFeeds, spoolDirectory, type AuditTrail } from './audit/start.ts'
import { createFaces } from './build-faces.ts'
import type { Outbound } from './build-outbound.ts'
import { compareConfig, type GatewayConfig } from './config/config.ts'
import { createHealthListener, type HealthListener } from './health/health.ts'
import { createAccessRoom } from './inbound/access/access.ts'
import { createAttemptLimit, ownPagesPerMinute, returnPathsPerMinute } from './inbound/attempt-limit.ts'
import { createCanonicalRoom } from './inbound/canonical/canonical.ts'
import { acceptProxyProtocol, createAddressTest, createClientIpRoom, createNetworkOf } from './inbound/client-ip/client-ip.ts'
import { createConnectionRoom, type ConnectionRoom } from './inbound/connection/connection.ts'
import { createForwardRoom } from './inbound/forward/forward.ts'
import { createMaskingRoom } from './inbound/masking/masking.ts'
import { createPublicListener, type PublicListener } from './inbound/listener.ts'
import { createRateRoom } from './inbound/rate/rate.ts'
import { createUnsentRoom, unsentCookieNames } from './inbound/unsent/unsent.ts'
import type { Principal } from './inbound/principal.ts'
import type { InboundRooms } from './inbound/rooms.ts'
import { createSamlRoom } from './inbound/saml/saml.ts'
import { createSessionRoom, registerSessionCookies } from './inbound/session/session.ts'
import { describePerson } from './inbound/describe.ts'
import { freshMarkName } from './inbound/fresh-mark.ts'
import { judgeAgain } from './inbound/open.ts'
import type { Clock } from './shared/clock.ts'
import { createRequestId } from './shared/ids.ts'
import { deriveKey } from './shared/keys.ts'
import type { Logger } from './shared/log.ts'
import { createMetrics } from './shared/metrics.ts'
import { createRoster } from './shared/roster.ts'
import { durationMs, sizeBytes } from './shared/schema.ts'
import { createTraces } from './shared/traces.ts'

export interface Gateway {
  /** Opens the listeners; resolves when people can come in. */
  listen(): Promise<{ readonly publicPort: number, readonly healthPort: number } & Record<'outboundPort' | 'mailPort' | 'shieldPort' | 'proxyPort', number | undefined>>
  /** Readiness red, no new connections, open exchanges finish within the drain timeout, the trail is flushed. */
  close(): Promise<void>
  /** Takes a new configuration over as a whole, or changes nothing when a setting in it needs a restart. On record either way. */
  reload(next: { readonly config: GatewayConfig, readonly digest: string }): Promise<void>
  /** A configuration that could not be used, for the record. */
  refuseReload(facts: Readonly<Record<string, string | number>>): Promise<void>
  readonly rooms: InboundRooms
  readonly connection: ConnectionRoom
  /** Undefined when the configuration has no outbound door. */
  readonly outbound: Outbound | undefined
}

export interface GatewayDeps {
  readonly clock: Clock
  readonly log: Logger
  /** SHA-256 of the configuration, for the trail. */
  readonly configDigest: string
  readonly version: string
  /** One process of several: which it is, from 1. They share the public port; its health port is its own. */
  readonly worker?: number | undefined
}

const drainStepMs = 50
const noPorts = { port: undefined, mailPort: undefined, shieldPort: undefined, proxyPort: undefined }

export async function createGateway (config: GatewayConfig, deps: GatewayDeps): Promise<Gateway> {
  const { clock, log } = deps
  const { worker } = deps
  const directory = spoolDirectory(config.gateway.dataDirectory, worker ?? 1)
  const facts = { version: deps.version, config: deps.configDigest, ...(worker === undefined ? {} : { worker }), ...acknowledged(config) }
  const audit = await createAuditTrail(config.audit, { clock, log, directory, checkpointDirectory: join(config.gateway.dataDirectory, 'checkpoints'), gateway: config.gateway.name, facts })
  const feeds = await openFeeds(config.audit.feeds ?? [], {
    clock, log, directory, key: config.audit.key, gateway: config.gateway.name, host: new URL(config.gateway.publicUrl).hostname, version: deps.version,
  })
  const rooms = await buildRooms(config, { ...deps, audit })
  // One process writes the queue of messages.
  const outbound = config.outbound === undefined || (worker ?? 1) > 1 ? undefined : await (await import('./build-outbound.ts')).buildOutbound(config, { clock, log, audit: rooms.audit, metrics: rooms.metrics })
  const running = { config }
  const built: { connection?: ConnectionRoom } = {}
  const listener = await createPublicListener(config.listeners.public, {
    rooms, methods: config.access.methods, connection: () => built.connection as ConnectionRoom,
  })
  const opened = createConnectionRoom(config.listeners.public, { clock, log, sharesPort: worker !== undefined, handlers: connectionHandlers(running, { rooms, listener, clock }) })
  built.connection = opened
  let state: 'starting' | 'open' | 'closing' = 'starting'
  const parts = { gateway: () => ({ ok: state === 'open', detail: state }), ...partsOf({ rooms, audit, outbound }) }
  const health = createHealthListener(worker === undefined ? config.listeners.health : { host: '127.0.0.1', port: 0 }, { metrics: rooms.metrics, parts })
  rooms.metrics.gauge('sallyport_ready', '1 when every part is ready, else 0.', () => Object.values(parts).every(ask => ask().ok) ? 1 : 0)
  addGauges(rooms, opened)
  rooms.metrics.gauge('sallyport_audit_feeds_down', 'Live feeds whose receiver cannot be reached.', () => feeds.down())
  return {
    rooms,
    connection: opened,
    outbound,
    ...createReload(running, { rooms, log, connection: opened, outbound }),
    async listen () {
      const healthBound = await health.listen()
      const bound = await opened.listen()
      const { port: outboundPort, mailPort, shieldPort, proxyPort } = await outbound?.listen() ?? noPorts
      state = 'open'
      log.info('gateway.started', { port: bound.port, health: healthBound.port, outbound: outboundPort, mail: mailPort, shield: shieldPort, proxy: proxyPort })
      return { publicPort: bound.port, healthPort: healthBound.port, outboundPort, mailPort, shieldPort, proxyPort }
    },
    async close () {
      if (state === 'closing') return
      state = 'closing'
      opened.stopAccepting()
      listener.drain()
      rooms.forward.drain()
      const drainMs = durationMs(config.listeners.public.drainTimeout)
      await Promise.all([waitUntilIdle(opened, clock, drainMs), outbound?.close(drainMs)])
      await listener.close()
      await opened.close()
      rooms.rate.close()
      await rooms.session.close()
      await rooms.saml.close()
      await rooms.forward.close()
      await audit.flush({ timeoutMs: 2000, ship: true })
      await feeds.close()
      await audit.close()
      await rooms.traces?.close()
      await health.close()
      log.info('gateway.stopped')
    },
  }
}

/** Where several processes are asked as one. */
export function createWorkersHealth ({ listeners }: GatewayConfig, deps: Parameters<typeof createHealthListener>[1]): HealthListener {
  return createHealthListener(listeners.health, deps)
}

function partsOf ({ rooms, audit, outbound }: { readonly rooms: InboundRooms, readonly audit: AuditTrail, readonly outbound: Outbound | undefined }) {
  return {
    audit: () => audit.ready(),
    sessions: () => rooms.session.ready(),
    signIn: () => rooms.saml.ready(),
    ...(outbound === undefined ? {} : { outbound: () => outbound.ready() }),
  }
}

type MutableRooms = { -readonly [K in keyof InboundRooms]: InboundRooms[K] }

interface ReloadDeps { readonly rooms: MutableRooms, readonly log: Logger, readonly connection: ConnectionRoom, readonly outbound: Outbound | undefined }

/** Swaps the rooms that a policy change is about, between two requests: a request is judged by the old ones or by the new ones. */
function createReload (running: { config: GatewayConfig }, deps: ReloadDeps): Pick<Gateway, 'reload' | 'refuseReload'> {
  const { rooms, log, connection, outbound } = deps
  const refuseReload: Gateway['refuseReload'] = async facts => {
    log.error('configuration.refused', facts)
    await rooms.audit.record({ kind: 'configuration.refused', time: rooms.clock.now(), id: createRequestId(), facts })
  }
  return {
    refuseReload,
    async reload ({ config: next, digest }) {
      connection.refreshCertificates()
      const { changed: settings, needsRestart } = compareConfig(running.config, next)
      const policies = await outbound?.readAgain(next)
      const changed = [...settings, ...(policies?.isChanged === true ? ['redaction policies or lists'] : [])]
      if (changed.length === 0) return
      if (needsRestart.length > 0) { await refuseReload({ config: digest, needsRestart: needsRestart.join(', ') }); return }
      const fresh = {
        clientIp: createClientIpRoom(next.clientIp),
        access: createAccessRoom(next.access, { createAddressTest, profile: next.profile }),
        masking: createMasking(next, rooms.clock),
        ...createFaces(next),
      }
      // No record, no change.
      await rooms.audit.record({ kind: 'configuration.loaded', time: rooms.clock.now(), id: createRequestId(), facts: { config: digest, changed: changed.join(', ') } })
      Object.assign(rooms, fresh)
      policies?.use()
      running.config = next
      log.info('configuration.loaded', { changed: changed.join(', '), cut: judgeAgain(rooms) })
    },
  }
}

/** Acceptances that the law wants to see on record. */
function acknowledged (config: GatewayConfig): Record<string, string> {
  return config.session.idleTimeoutReason === undefined ? {} : { idleTimeout: config.session.idleTimeout, idleTimeoutReason: config.session.idleTimeoutReason.slice(0, 500) }
}

async function buildRooms (config: GatewayConfig, deps: GatewayDeps & { readonly audit: AuditTrail }): Promise<MutableRooms> {
  const { clock, log, audit } = deps
  const { publicUrl, name, dataDirectory } = config.gateway
  const { traces } = config.operations
  const metrics = createMetrics()
  const cookies = await registerSessionCookies({ key: deriveKey(config.session.secret, 'session-cookie') })
  // The roles of the rules of now: a reload swaps the room.
  const rolesOf = (principal: Principal) => rooms.access.rolesOf(principal)
  const session = await createSessionRoom(config.session, { clock, log, directory: dataDirectory, gateway: name, cookies, binding: { rolesOf, createNetworkOf } })
  const saml = await createSamlRoom(config.signIn.saml, {
    clock, log, store: session.oneTime, publicUrl, signInKey: deriveKey(config.session.secret, 'sign-in-cookie'),
  })
  const access = createAccessRoom(config.access, { createAddressTest, profile: config.profile })
  const unsent = config.unsent.enabled ? createUnsentRoom(config.unsent, { clock, store: session.oneTime, key: deriveKey(config.session.secret, 'unsent-cookie') }) : undefined
  session.onEnded((ended, cause) => {
    const endedAt = Math.min(ended.lastActiveAt + durationMs(config.session.idleTimeout), ended.endsAt)
    // Lost, nothing is kept for the person; the end itself stands.
    if (cause === 'idle' || cause === 'absolute') unsent?.remember(ended, endedAt).catch(() => { log.warn('unsent.notRemembered') })
    metrics.sessionEnded(cause)
    audit.note({ kind: 'session.ended', time: clock.now(), id: createRequestId(), who: describePerson(ended, access.rolesOf(ended.principal)), facts: { cause } })
  })
  const rooms: MutableRooms = {
    clock,
    log,
    metrics,
    traces: traces === undefined ? undefined : await createTraces(traces, { name, version: deps.version, log }),
    session,
    saml,
    access,
    masking: createMasking(config, clock),
    mayAskOwnPage: createAttemptLimit({ clock, perMinute: ownPagesPerMinute }),
    mayLeaveReturnPath: createAttemptLimit({ clock, perMinute: returnPathsPerMinute }),
    rate: createRateRoom(config.listeners.public.rates, {
      clock, key: deriveKey(config.session.secret, 'rate-names'), gateway: name, redis: 'redis' in config.session.store ? config.session.store.redis : undefined,
    }),
    ...createFaces(config),
    unsent,
    open: createRoster(),
    audit: measured(audit, clock, metrics),
    canonical: createCanonicalRoom({ publicUrl, methods: config.access.methods }),
    clientIp: createClientIpRoom(config.clientIp),
    forward: createForwardRoom(config.upstream, {
      clock,
      publicUrl,
      reservedCookieNames: [...session.reservedCookieNames, ...saml.reservedCookieNames, freshMarkName, ...unsentCookieNames],
      maxBodySize: sizeBytes(config.listeners.public.limits.maxBodySize),
      bodyIdleTimeoutMs: durationMs(config.listeners.public.limits.bodyIdleTimeout),
    }),
    publicOrigin: new URL(publicUrl).origin,
    standingHeaders: strictTransport(config.listeners.public.hsts),
  }
  return rooms
}

function createMasking ({ masking, session }: GatewayConfig, clock: Clock) {
  return createMaskingRoom(masking, { clock, tokenKey: deriveKey(session.secret, 'masking-tokens') })
}

/** RFC 6797; empty when it is switched off. */
function strictTransport (hsts: GatewayConfig['listeners']['public']['hsts']): Record<string, string> {
  const maxAge = durationMs(hsts.maxAge) / 1000
  return maxAge === 0 ? {} : { 'strict-transport-security': `max-age=${maxAge}${hsts.includeSubDomains ? '; includeSubDomains' : ''}` }
}

/** The gate, with its time measured. */
function measured (audit: AuditTrail, clock: Clock, metrics: InboundRooms['metrics']): AuditTrail {
  return {
    async record (event) {
      const began = clock.now()
      await audit.record(event)
      metrics.gate(clock.now() - began)
    },
    recordEnding: event => audit.recordEnding(event),
    note: event => { audit.note(event) },
    ready: () => audit.ready(),
    depth: () => audit.depth(),
    checkpoints: () => audit.checkpoints(),
    flush: options => audit.flush(options),
    close: () => audit.close(),
  }
}

interface SeenPeer { readonly remoteAddress: string, readonly proxiedSource: string | undefined }

function connectionHandlers (running: { readonly config: GatewayConfig }, deps: { readonly rooms: InboundRooms, readonly listener: PublicListener, readonly clock: Clock }) {
  const { rooms, listener, clock } = deps
  const proxyTimeoutMs = durationMs(running.config.listeners.public.limits.headersTimeout)
  return {
    http1: (socket: object) => { listener.http1.emit('connection', socket) },
    http2: (socket: Socket) => { listener.takeHttp2(socket) },
    isProxyProtocolPeer: (address: string) => rooms.clientIp.isProxyProtocolPeer(address),
    mayConnect: (peer: SeenPeer) => running.config.clientIp.refuse === 'page' || rooms.clientIp.mayConnect(peer.proxiedSource ?? peer.remoteAddress),
    readProxyHeader: (socket: Parameters<typeof acceptProxyProtocol>[0]) => acceptProxyProtocol(socket, { clock, timeoutMs: proxyTimeoutMs }),
    refused (peer: SeenPeer, reason: string) {
      rooms.metrics.connectionRefused(reason)
      const { address, peer: socketPeer } = rooms.clientIp.resolve(peer, {})
      rooms.audit.note({ kind: 'connection.refused', time: clock.now(), id: createRequestId(), from: { address, peer: socketPeer }, decision: { reason } })
    },
  }
}

function addGauges (rooms: InboundRooms, connection: ConnectionRoom): void {
  const { metrics, audit, session } = rooms
  metrics.gauge('sallyport_audit_waiting', 'Events waiting for the disk.', () => audit.depth().waiting)
  metrics.gauge('sallyport_audit_unshipped', 'Events on disk that Redis does not have yet.', () => audit.depth().unshipped)
  metrics.gauge('sallyport_audit_checkpoint_seconds', 'When every place last kept a checkpoint, seconds since the epoch; 0 before the first.', () => Math.floor((audit.checkpoints().keptAt ?? 0) / 1000))
  metrics.gauge('sallyport_audit_checkpoints_failing', 'Places that do not keep checkpoints now.', () => audit.checkpoints().failing.length)
  metrics.gauge('sallyport_connections_open', 'Open client connections.', () => connection.openConnections())
  metrics.gauge('sallyport_certificate_expires_seconds', 'When the first certificate ends, seconds since the epoch.', () => Math.floor(connection.certificateExpiresAt() / 1000))
  metrics.gauge('sallyport_memory_bytes', 'Memory of the process (resident).', () => process.memoryUsage.rss())
  metrics.gauge('sallyport_sessions', 'Live sessions.', () => session.count().catch(() => Number.NaN))
}

/** Waits for the open exchanges to finish, at most so long. */
async function waitUntilIdle (connection: ConnectionRoom, clock: Clock, timeoutMs: number): Promise<void> {
  const end = clock.now() + timeoutMs
  while (connection.openConnections() > 0 && clock.now() < end) await new Promise<void>(resolve => { clock.after(drainStepMs, resolve) })
}
