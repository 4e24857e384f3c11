// The HTTP/1.1 and the HTTP/2 server behind one handler. Neither listens by itself: connections are handed to them. Here is what Node leaves
// open by default: connections that nobody ends, requests that it answers before anybody was asked, and upgrades behind an unanswered request.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createHttp2, type Http2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock } from '../shared/clock.ts'
import { createServer as createHttp1, METHODS } from '../shared/node-http.ts'
import { rememberByObject } from '../shared/remember.ts'
import { durationMs, sizeBytes } from '../shared/schema.ts'
import { CountedHttp2Response, CountedResponse } from './counted-response.ts'
import type { ListenersConfig } from './listener-config.ts'

export type Handler = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => void

export interface ServerEvents {
  /** A request that the router cannot take: CONNECT and methods that do not exist. */
  readonly unroutable: (request: Http2ServerRequest, response: Http2ServerResponse) => void
  /** An HTTP/2 connection that broke the protocol, or held us up. */
  readonly http2Refused: (session: ServerHttp2Session) => void
  /** The session's connection is `socket`, the stream's is its session: whose they are must be known after a reset. */
  readonly adopt: (upper: object, lower: object) => void
}

export interface Servers {
  readonly http1: Server
  readonly http2: Http2Server
  /** Begins an HTTP/2 session on a connection. */
  takeHttp2(socket: Socket): void
  readonly http2Sessions: ReadonlySet<ServerHttp2Session>
  /** Whether an earlier request on this connection has no answer yet. */
  isBusy(socket: object): boolean
}

const known: ReadonlySet<string> = new Set(METHODS.filter(method => method !== 'CONNECT'))

export function createServers (config: ListenersConfig['public'], handler: Handler, deps: { readonly clock: Clock, readonly events: ServerEvents }): Servers {
  const [{ limits }, { events }] = [config, deps]
  const unansweredOf = rememberByObject((_socket: object) => ({ count: 0 }))
  const take: Handler = (request, response) => {
    if ('stream' in request) {
      const { stream } = request
      // An answer before the end of the request's body: tell the client to stop sending (RFC 9113 section 8.1), or the stream stays open.
      response.once('finish', () => { if (!request.complete && !stream.closed) stream.close(0) })
      if (!known.has(request.method)) { events.unroutable(request, response as Http2ServerResponse); return }
    } else {
      const { socket } = request
      const open = unansweredOf(socket)
      open.count += 1
      response.on('close', () => { open.count -= 1 })
    }
    handler(request, response)
  }
  const http1 = createHttp1({
    ServerResponse: CountedResponse,
    maxHeaderSize: sizeBytes(limits.maxHeaderSize),
    headersTimeout: durationMs(limits.headersTimeout),
    connectionsCheckingInterval: 1000,
    // Uploads may take hours; a stalled one is ended by whoever reads it.
    requestTimeout: 0,
    keepAliveTimeout: durationMs(limits.keepAliveTimeout),
    insecureHTTPParser: false,
    requireHostHeader: false, // the canonical room refuses it, on record
  }, take)
  const http2 = createHttp2({
    Http2ServerResponse: CountedHttp2Response,
    maxHeaderListPairs: 200,
    maxSendHeaderBlockLength: sizeBytes(limits.maxHeaderSize),
    settings: { maxHeaderListSize: sizeBytes(limits.maxHeaderSize), maxConcurrentStreams: 100, enablePush: false },
    unknownProtocolTimeout: 1000,
    // Rapid reset (CVE-2023-44487): what a browser cancels fits, what an attack cancels does not.
    streamResetBurst: 200,
    streamResetRate: 20,
  }, take)
  // Starts Node's check of slow headers, which otherwise waits for a server that listens itself.
  http1.emit('listening')
  // Expectations go the same way as every request: judged first. Without listeners Node would answer before anybody was asked.
  for (const event of ['checkContinue', 'checkExpectation']) {
    http1.on(event, take)
    http2.on(event, take)
  }
  http2.on('connect', (request: Http2ServerRequest, response: Http2ServerResponse) => { events.unroutable(request, response) })
  const http2Sessions = new Set<ServerHttp2Session>()
  http2.on('session', session => {
    http2Sessions.add(session)
    session.once('close', () => { http2Sessions.delete(session) })
  })
  http2.on('sessionError', (error: NodeJS.ErrnoException, session) => {
    // A client that went away was not refused: curl, for one, resets the connection when it has its answer.
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') events.http2Refused(session)
  })
  const takeHttp2 = (socket: Socket) => {
    // The session begins in the same turn: it can be told whose connection it is.
    const adopt = (session: ServerHttp2Session) => {
      events.adopt(session, socket)
      limitSession({ session, socket }, { ...deps, headersTimeoutMs: durationMs(limits.headersTimeout), keepAliveTimeoutMs: durationMs(limits.keepAliveTimeout) })
    }
    http2.once('session', adopt)
    http2.emit('connection', socket)
    http2.off('session', adopt)
  }
  return { http1, http2, takeHttp2, http2Sessions, isBusy: socket => unansweredOf(socket).count > 0 }
}

interface Http2Connection { readonly session: ServerHttp2Session, readonly socket: Socket }

interface SessionLimits { readonly clock: Clock, readonly events: ServerEvents, readonly headersTimeoutMs: number, readonly keepAliveTimeoutMs: number }

/** A client has so long to close its side. */
const lingerMs = 2000

/** Node puts no limit on an HTTP/2 connection: one that never says its SETTINGS, and one on which nothing is open, end here. */
function limitSession ({ session, socket }: Http2Connection, { clock, events, headersTimeoutMs, keepAliveTimeoutMs }: SessionLimits): void {
  let open = 0
  const end = () => {
    if (session.destroyed) return
    events.http2Refused(session)
    session.destroy()
  }
  let timer = clock.after(headersTimeoutMs, end)
  const rest = () => {
    timer.cancel()
    // Idle is no offence: GOAWAY, and no record.
    if (open > 0) return
    timer = clock.after(keepAliveTimeoutMs, () => {
      session.close()
      // A client that never closes its side must not hold the connection.
      const linger = clock.after(lingerMs, () => { socket.destroy() })
      socket.once('close', () => { linger.cancel() })
    })
  }
  session.once('remoteSettings', rest)
  session.on('stream', stream => {
    events.adopt(stream, session)
    open += 1
    timer.cancel()
    stream.once('close', () => { open -= 1; rest() })
  })
  session.once('close', () => { timer.cancel() })
}
