// A CRM that a test programs: HTTP/1.1 on loopback, plain or TLS. It records what arrived, byte for byte, and answers what it was told to.
import { once } from 'node:events'
import { createServer as createHttp, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { IssuedCertificate } from './certificates.ts'

export interface Received {
  readonly method: string
  /** The request target as it was on the wire. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value as they were on the wire. */
  readonly rawHeaders: readonly string[]
  /** The whole body; rejects when it broke off. */
  readonly body: Promise<Buffer>
  /** The connection went before the answer was whole. */
  isCut: boolean
}

export type Answer = (request: IncomingMessage, response: ServerResponse, received: Received) => void

export interface Upstream {
  readonly url: string
  readonly port: number
  /** Requests and upgrades in the order of their arrival. */
  readonly received: Received[]
  /** What is answered from now on; the first answer is 200 `ok` after the whole body. */
  answer(answer: Answer): void
  /** What happens with WebSockets from now on; the first behaviour is an echo. */
  onSocket(action: (socket: WebSocket, request: IncomingMessage) => void): void
  /** Takes over upgrades whole. */
  onUpgrade(action: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void
  openConnections(): number
  close(): Promise<void>
}

export interface UpstreamOptions {
  readonly tls?: IssuedCertificate
  readonly host?: string
}

async function readBody (request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function record (request: IncomingMessage, body: Promise<Buffer>): Received {
  body.catch(() => { /* the test asks for it, or does not */ })
  return { method: request.method ?? '', target: request.url ?? '', headers: request.headers, rawHeaders: request.rawHeaders, body, isCut: false }
}

function urlOf (server: Server | ReturnType<typeof createTcp>, options: UpstreamOptions): { url: string, port: number } {
  const { port } = server.address() as AddressInfo
  const host = options.host ?? '127.0.0.1'
  return { url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`, port }
}

/** `readBodies: false` leaves the body to the answer. */
export async function startUpstream (options: UpstreamOptions & { readonly readBodies?: boolean } = {}): Promise<Upstream> {
  const received: Received[] = []
  let answer: Answer = (_request, response, { body }) => { body.then(() => response.end('ok'), () => response.destroy()) }
  let onSocket: (socket: WebSocket, request: IncomingMessage) => void = socket => {
    socket.on('message', (data, isBinary) => { socket.send(data, { binary: isBinary }) })
  }
  const webSockets = new WebSocketServer({ noServer: true })
  let onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    webSockets.handleUpgrade(request, socket, head, webSocket => { onSocket(webSocket, request) })
  }
  const listener: RequestListener = (request, response) => {
    const entry = record(request, options.readBodies === false ? Promise.resolve(Buffer.alloc(0)) : readBody(request))
    received.push(entry)
    response.once('close', () => { entry.isCut = !response.writableFinished })
    answer(request, response, entry)
  }
  const server = options.tls === undefined
    ? createHttp({ keepAliveTimeout: 60_000 }, listener)
    : createHttps({ cert: options.tls.certPem, key: options.tls.keyPem, keepAliveTimeout: 60_000 }, listener)
  const sockets = trackSockets(server)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => { socket.destroy() })
    received.push(record(request, Promise.resolve(head)))
    onUpgrade(request, socket, head)
  })
  server.listen(0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  return {
    ...urlOf(server, options),
    received,
    answer (next) { answer = next },
    onSocket (next) { onSocket = next },
    onUpgrade (next) {
      onUpgrade = (request, socket, head) => {
        next(request, socket, head)
        // Whoever holds an upgraded socket reads it, else its end is never seen.
        socket.on('end', () => { socket.destroy() })
        socket.resume()
      }
    },
    openConnections: () => sockets.size,
    close: () => closeServer(server, sockets),
  }
}

function trackSockets (server: Server | ReturnType<typeof createTcp>): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
  })
  return sockets
}

async function closeServer (server: Server | ReturnType<typeof createTcp>, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets) socket.destroy()
  await closed
}

export interface RawUpstream {
  readonly url: string
  readonly port: number
  /** How many connections came. */
  connections(): number
  close(): Promise<void>
}

/** A server that speaks whatever the test writes: called once per connection, with the first bytes. */
export async function startRawUpstream (speak: (socket: Duplex, firstBytes: string) => void, options: UpstreamOptions = {}): Promise<RawUpstream> {
  let connections = 0
  const onConnection = (socket: Duplex) => {
    connections += 1
    socket.on('error', () => { socket.destroy() })
    socket.once('data', (bytes: Buffer) => { speak(socket, bytes.toString('latin1')) })
  }
  const server = options.tls === undefined ? createTcp(onConnection) : createTls({ cert: options.tls.certPem, key: options.tls.keyPem }, onConnection)
  server.on('tlsClientError', () => { /* a client that does not trust us hangs up */ })
  const sockets = trackSockets(server)
  server.listen(0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  return { ...urlOf(server, options), connections: () => connections, close: () => closeServer(server, sockets) }
}
