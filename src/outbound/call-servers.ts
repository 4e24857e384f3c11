// The HTTP/1.1 and the HTTP/2 server behind one handler, for connections that are handed to them. They listen nowhere and judge nothing; here are their
// limits, and what Node leaves open.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createServer as createHttp1 } from '../shared/node-http.ts'
import { proxyReasons } from './proxy/proxy.ts'

export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse
export type CallRefusal = 'proxy.malformed' | 'proxy.upgrade'

export interface CallHandlers {
  /** `expects`: the client waits before it sends the body. */
  call (request: Request, response: Response, expects: boolean): void
  /** What no handler can take. `carrier`: the connection, or the session on it. */
  refused (carrier: object, code: CallRefusal): void
}

export interface Carriers {
  /** Begins HTTP; `adopt` is told the connection or the session on it, before any request. */
  take (socket: TLSSocket, adopt: (carrier: object) => void): void
  close (): void
}

const headersTimeoutMs = 15_000
const keepAliveMs = 60_000
const mostStreams = 64
const maxHeaderBytes = 16_384

const isGone = ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET' || code === 'EPIPE'

/** The connection or the session that a request came on. */
export function carrierOf (request: Request): object | undefined {
  return 'stream' in request ? request.stream.session : request.socket
}

function startHttp1 ({ call, refused }: CallHandlers) {
  const limits = { maxHeaderSize: maxHeaderBytes, headersTimeout: headersTimeoutMs, requestTimeout: 0, keepAliveTimeout: keepAliveMs, connectionsCheckingInterval: 1000 }
  const server = createHttp1({ ...limits, insecureHTTPParser: false, requireHostHeader: false }, (request, response) => { call(request, response, false) })
  const end = (socket: Socket, code: CallRefusal) => {
    refused(socket, code)
    const { status, publicText } = proxyReasons.table[code]
    if (socket.writable) socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${publicText.length}\r\n\r\n${publicText}`)
    else socket.destroy()
  }
  // Starts Node's check of slow headers, which otherwise waits for a server that listens itself.
  server.emit('listening')
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => { call(request, response, true) })
  // Without a listener Node would answer by itself, off the record.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => { call(request, response, false) })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => { if (isGone(error)) socket.destroy(); else end(socket, 'proxy.malformed') })
  for (const event of ['upgrade', 'connect']) server.on(event, (_request: IncomingMessage, socket: Socket) => { end(socket, 'proxy.upgrade') })
  return server
}

function startHttp2 ({ call, refused }: CallHandlers) {
  const server = createHttp2({
    maxHeaderListPairs: 100,
    settings: { maxHeaderListSize: maxHeaderBytes, maxConcurrentStreams: mostStreams, enablePush: false },
    unknownProtocolTimeout: 1000,
    // Rapid reset (CVE-2023-44487)
    streamResetBurst: 200,
    streamResetRate: 20,
  }, (request, response) => { call(request, response, false) })
  server.on('checkContinue', (request: Http2ServerRequest, response: Http2ServerResponse) => { call(request, response, true) })
  server.on('connect', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    refused(carrierOf(request) ?? {}, 'proxy.upgrade')
    response.writeHead(proxyReasons.table['proxy.upgrade'].status)
    response.end()
  })
  server.on('sessionError', (error: NodeJS.ErrnoException, session) => { if (!isGone(error)) refused(session, 'proxy.malformed') })
  return server
}

export function startCallServers (handlers: CallHandlers): Carriers {
  const http1 = startHttp1(handlers)
  const http2 = startHttp2(handlers)
  const sessions = new Set<ServerHttp2Session>()
  http2.on('session', session => {
    sessions.add(session)
    session.once('close', () => { sessions.delete(session) })
  })
  return {
    take (socket, adopt) {
      if (socket.alpnProtocol !== 'h2') {
        adopt(socket)
        http1.emit('connection', socket)
        return
      }
      // The session begins in the same turn: it can be told whose connection it is.
      http2.once('session', adopt)
      http2.emit('connection', socket)
      http2.off('session', adopt)
    },
    close () {
      for (const session of sessions) session.destroy()
      http1.closeAllConnections()
    },
  }
}
