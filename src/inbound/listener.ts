// The public listener: Fastify over the connections that the connection room accepted. One onRequest hook judges every request before a
// body is read; one error handler answers every refusal. It decides nothing itself.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { createRequestId } from '../shared/ids.ts'
import { recordBreak, recordUnroutable } from './parser-errors.ts'
import { answerRefusal } from './answer.ts'
import { openExchange, type RawResponse } from './exchange.ts'
import type { ListenersConfig } from './listener-config.ts'
import { plainFastify } from '../shared/plain-fastify.ts'
import { durationMs } from '../shared/schema.ts'
import { createFormReader, fileFormLimits } from './read-form.ts'
import { holdContent } from './held-content.ts'
import { insertScript } from './insert-script.ts'
import { limitTaking } from './limit-taking.ts'
import { holdOpen } from './open.ts'
import { isRoutable } from './own-paths.ts'
import { admit, admitOwn } from './pipeline.ts'
import { connectionOf, describeWire, type InboundRequest } from './request.ts'
import { inboundReasons } from './reasons.ts'
import type { InboundRooms } from './rooms.ts'
import { registerOwnRoutes } from './routes.ts'
import type { ConnectionRoom } from './connection/connection.ts'
import { registerExchange, type Carried } from './carried.ts'
import { isCrmSignOut, signOutWithAnswer } from './crm-sign-out.ts'
import { inspectBoth, inspectTrial, maskAnswers } from './mask-answer.ts'
import { inspectItems } from './seen-items.ts'
import { createServers, type Handler, type ServerEvents, type Servers } from './servers.ts'
import { takeUnsent } from './send-unsent.ts'
import { clearingSend } from './unsent/unsent.ts'
import { traceRequest, watched } from './trace-request.ts'
import { handleUpgrade } from './upgrade.ts'

export interface PublicListener {
  readonly app: FastifyInstance
  readonly http1: Servers['http1']
  readonly takeHttp2: Servers['takeHttp2']
  /** Tells clients to go: HTTP/1.1 answers close their connections, HTTP/2 sessions get GOAWAY. */
  drain(): void
  isDraining(): boolean
  close(): Promise<void>
}

export interface ListenerDeps {
  readonly rooms: InboundRooms
  readonly connection: () => ConnectionRoom
  readonly methods: readonly string[]
}

export async function createPublicListener (config: ListenersConfig['public'], deps: ListenerDeps): Promise<PublicListener> {
  const { rooms } = deps
  const takeWithinMs = durationMs(config.limits.headersTimeout)
  let servers: Servers | undefined
  let draining = false
  const app = Fastify({
    serverFactory (handler) {
      servers = createServers(config, handler as unknown as Handler, { clock: rooms.clock, events: serverEvents(deps, takeWithinMs) })
      return servers.http1
    },
    ...plainFastify,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // The router sees either one of our own paths or `/`: what the target means is the canonical room's to say, and no odd spelling gets past
    // the hook by way of a router error. The wire target stays in `originalUrl`.
    rewriteUrl: request => isRoutable(request.url ?? '') ? request.url as string : '/',
    genReqId: createRequestId,
    requestIdHeader: false,
    clientErrorHandler (error, socket) {
      recordBreak(error as NodeJS.ErrnoException, socket, { rooms, connection: deps.connection(), isBehindAnother: servers?.isBusy(socket) === true })
    },
  })
  if (servers === undefined) throw new TypeError('no server')
  const { http1, takeHttp2, http2Sessions, isBusy } = servers
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => { done(null, payload) })
  for (const method of deps.methods) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  app.decorateRequest('carried', null)
  const closing = { ...rooms.standingHeaders, connection: 'close' }
  const ownHeaders: OwnHeaders = raw => draining && raw.httpVersionMajor === 1 ? closing : rooms.standingHeaders
  registerJudgement(app, deps, ownHeaders)
  app.addHook('onSend', async (request, reply, payload) => {
    reply.headers(ownHeaders(request.raw))
    // What is ours is short; the CRM's answers come as streams, and a person may pause a download.
    if (!(payload instanceof Readable)) limitTaking(reply.raw, { clock: rooms.clock, withinMs: takeWithinMs })
  })
  app.setErrorHandler((error: { readonly code?: unknown }, request, reply) => {
    const isMalformed = error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
    const peer = deps.connection().peerOf(connectionOf(request.raw))
    return answerRefusal(isMalformed ? inboundReasons.deny('inbound.contentType') : error, { request, reply, rooms, address: rooms.clientIp.resolve(peer, request.headers).address, peer })
  })
  await registerOwnRoutes(app, rooms)
  await app.register(async scope => { await rooms.forward.register(scope, request => (request as Carried).carried.forwardContext()) })
  await app.ready()
  http1.on('upgrade', (request: IncomingMessage, socket, head) => { void handleUpgrade({ request, socket, head }, { rooms, connection: deps.connection(), isBehindAnother: isBusy(socket) }) })
  http1.on('connect', (request, socket) => { recordBreak({ code: 'CONNECT' }, socket, { rooms, connection: deps.connection(), request, isBehindAnother: isBusy(socket) }) })
  return {
    app,
    http1,
    takeHttp2,
    drain () {
      draining = true
      for (const session of http2Sessions) session.close()
      http1.closeIdleConnections()
    },
    isDraining: () => draining,
    async close () {
      for (const session of http2Sessions) session.destroy()
      http1.closeAllConnections()
      await app.close()
    },
  }
}

/** What the servers refuse before the router: on record like everything else. */
function serverEvents (deps: ListenerDeps, takeWithinMs: number): ServerEvents {
  const { rooms } = deps
  return {
    unroutable (request, response) {
      limitTaking(response, { clock: rooms.clock, withinMs: takeWithinMs })
      recordUnroutable(request, response, { rooms, connection: deps.connection() })
    },
    adopt (upper, lower) { deps.connection().adopt(upper, lower) },
    http2Refused (session) {
      const { address, peer } = rooms.clientIp.resolve(deps.connection().peerOf(session), {})
      rooms.metrics.connectionRefused('connection.http2')
      rooms.audit.note({ kind: 'connection.refused', time: rooms.clock.now(), id: createRequestId(), from: { address, peer }, decision: { reason: 'connection.http2' } })
    },
  }
}

/** Of every answer, whoever writes it. */
type OwnHeaders = (request: { readonly httpVersionMajor: number }) => Readonly<Record<string, string>>

/** The one hook. What it found travels with the request as `carried`. */
function registerJudgement (app: FastifyInstance, deps: ListenerDeps, ownHeaders: OwnHeaders): void {
  const { rooms } = deps
  const readSmall = createFormReader({ clock: rooms.clock })
  const readFiles = createFormReader({ clock: rooms.clock, ...fileFormLimits })
  const readWhole: typeof readSmall = message => (/^multipart\/form-data(?:;|$)/i.test(message.headers['content-type'] ?? '') ? readFiles : readSmall)(message)
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    const wire = describeWire(raw as IncomingMessage, request.originalUrl)
    const content = holdContent(raw, { readWhole, invite: () => { reply.raw.writeContinue() } })
    const peer = deps.connection().peerOf(connectionOf(raw))
    const inbound: InboundRequest = { id: request.id, raw: wire, peer, isUpgrade: false, content: content.read, replaceContent: content.replace }
    const isOwn = isRoutable(request.originalUrl)
    const trace = rooms.traces === undefined
      ? undefined
      : traceRequest({ id: request.id, raw: wire, isOwn, whenAnswered: done => { reply.raw.once('close', () => { done(reply.raw.statusCode) }) } }, rooms.traces)
    if (isOwn) {
      const known = await watched(trace, admitOwn(inbound, rooms))
      const exchange = openExchange(known, reply.raw as RawResponse, { rooms, trace })
      registerExchange(request, { exchange, inbound, known })
      return exchange.isOver ? reply.hijack() : undefined
    }
    const taking = takeUnsent(raw as IncomingMessage, wire, { rooms, peer })
    const resent = taking === undefined ? undefined : await taking
    if (resent !== undefined) reply.header('set-cookie', clearingSend)
    const asked = resent === undefined ? inbound : { ...inbound, raw: resent.wire, kept: resent.kept, content: resent.content ?? content.read }
    const admitted = await watched(trace, admit(asked, rooms))
    const exchange = openExchange(admitted, reply.raw as RawResponse, { rooms, trace })
    const isSignOut = isCrmSignOut(admitted)
    registerExchange(request, {
      exchange,
      inbound,
      known: admitted,
      traceParent: trace?.parent(),
      // What was kept goes as it is, unless a mask took a field out of it.
      replay: () => resent?.replay !== undefined && content.replacedLength() === undefined ? resent.replay() : content.replay(),
      replacedLength: content.replacedLength,
      inspect: inspectBoth(inspectItems(admitted, rooms), inspectTrial(admitted, exchange)),
      rewrite: maskAnswers(admitted, { headers: raw.headers, exchange, response: reply.raw as RawResponse, rooms }),
      ...insertScript(admitted, raw.headers, { rooms, exchange }),
      // The short way writes past Fastify's headers, in which a sign-out has something to say.
      ...(isSignOut ? {} : { ownHeaders: () => ownHeaders(raw) }),
    })
    if (exchange.isOver) return reply.hijack()
    if (isSignOut) signOutWithAnswer(reply, admitted, rooms)
    const release = holdOpen({ admitted, cut: cause => { exchange.cut(cause) } }, rooms)
    reply.raw.on('close', release)
    return undefined
  })
  // What was read for the decision is gone from the request: forwarding finds it here.
  app.addHook('preParsing', (request, _reply, payload, done) => { done(null, (request as unknown as Partial<Carried>).carried?.replay?.() ?? payload) })
}
