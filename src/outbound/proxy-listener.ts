// The listener of the forward proxy: CONNECT, then a tunnel or a TLS handshake with the gateway's own certificate. Whoever comes in is judged by the pipeline; no byte goes on
// before that.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { createRequestId } from '../shared/ids.ts'
import { createServer } from '../shared/node-http.ts'
import { sizeBytes } from '../shared/schema.ts'
import type { OutboundAnswer } from './answer.ts'
import { describeClosing, describeRefusedConnection } from './describe-connection.ts'
import { explainRefusal } from './explain-refusal.ts'
import { createCalls, type Calls } from './proxy-calls.ts'
import type { ProxyConfig } from './proxy/config.ts'
import { proxyReasons, readServerName, type Way } from './proxy/proxy.ts'
import { admitConnection, codeOfError, refuseConnection, requirePassage, type AdmittedConnection } from './proxy-pipeline.ts'
import type { OutboundRooms, ProxyParts } from './rooms.ts'

export interface ProxyListener {
  listen (): Promise<{ readonly port: number }>
  /** Cuts what may not be open any more. */
  judgeAgain (): void
  /** No new connections; what is open is cut after `withinMs`. */
  close (withinMs: number): Promise<void>
}

const greetingTimeoutMs = 15_000
const headersTimeoutMs = 15_000
const longestSilenceMs = 300_000
const lookAgainMs = 10_000
const mostConnections = 512

function write (socket: Socket, { status, headers, body }: OutboundAnswer): void {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length), connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  if (socket.writable) socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Refused\r\n${lines}\r\n`), body]))
  else socket.destroy()
}

function explain (error: unknown, id: string, rooms: OutboundRooms): OutboundAnswer {
  const answer = explainRefusal(error, id, rooms.log)
  return answer.status === 407 ? { ...answer, headers: { ...answer.headers, 'proxy-authenticate': 'Basic realm="Sallyport"' } } : answer
}

/** Waits for the client's first words and puts them back. Throws a Denial. */
async function requireGreeting (socket: Socket, host: string, { clock }: Pick<OutboundRooms, 'clock'>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let bytes = Buffer.alloc(0)
  const timer = clock.after(greetingTimeoutMs, () => { reject(proxyReasons.deny('proxy.notTls')) })
  const closed = () => { reject(proxyReasons.deny('proxy.brokenOff')) }
  let last = Promise.resolve()
  const take = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    last = last.then(async () => {
      const greeting = await readServerName(bytes)
      if (greeting.is === 'notTls') reject(proxyReasons.deny('proxy.notTls'))
      if (greeting.is === 'hello') { if (greeting.name === host) resolve(); else reject(proxyReasons.deny('proxy.otherName')) }
    })
  }
  socket.on('data', take)
  socket.once('close', closed)
  socket.once('end', closed)
  try { await promise } finally {
    timer.cancel()
    socket.off('data', take)
    socket.off('close', closed)
    socket.off('end', closed)
    socket.pause()
    if (bytes.length > 0 && !socket.destroyed) socket.unshift(bytes)
  }
}

interface Handshake {
  readonly leaf: { readonly cert: string, readonly key: string }
  /** In the same turn, before anybody reads a first word of HTTP. */
  readonly take: (secure: TLSSocket) => void
}

/** A server for one connection, so that it is known whose handshake broke. Throws a Failure. */
async function shakeHands (socket: Socket, { leaf, take }: Handshake): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const broken = () => { reject(proxyReasons.fail('proxy.notTrusted', 'client')) }
  const server = createTlsServer({ ...leaf, minVersion: 'TLSv1.2', ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: greetingTimeoutMs }, secure => { take(secure); resolve() })
  server.once('tlsClientError', broken)
  socket.once('close', broken)
  server.emit('connection', socket)
  await promise
}

interface OpenConnection {
  readonly admitted: AdmittedConnection
  cut (error: unknown): void
  /** Ends it when no byte passed for five minutes. */
  endSilent (now: number): void
}

/** What a connection was opened under. */
const describeWay = (way: Way) => JSON.stringify(way.is === 'open' ? way.opened.config : way.is === 'tunnel' ? way.config : undefined)

class ProxyDoor {
  readonly #rooms: OutboundRooms
  readonly #calls: Calls
  readonly #open = new Set<OpenConnection>()

  constructor (rooms: OutboundRooms, calls: Calls) {
    this.#rooms = rooms
    this.#calls = calls
  }

  async connect (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const id = createRequestId()
    socket.on('error', () => { /* told by its end */ })
    if (head.length > 0) socket.unshift(head)
    const incoming = { id, address: socket.remoteAddress, target: request.url ?? '', authorization: request.headersDistinct['proxy-authorization'] ?? [] }
    let admitted: AdmittedConnection
    try { admitted = await admitConnection(incoming, this.#rooms) } catch (error) { write(socket, explain(error, id, this.#rooms)); return }
    const opened = this.#track(admitted, socket)
    try {
      if (admitted.way.is === 'open') await this.#unlock(admitted, socket)
      else await this.#tunnel(admitted, socket)
    } catch (error) {
      if (socket.bytesWritten === 0) write(socket, explain(error, id, this.#rooms))
      opened.cut(error)
    }
  }

  /** Its end is on record, whoever ends it. */
  #track (admitted: AdmittedConnection, socket: Socket): OpenConnection {
    const { clock, audit, metrics, log } = this.#rooms
    let reason: string | undefined
    let heard = { at: clock.now(), bytes: 0 }
    const opened: OpenConnection = {
      admitted,
      cut (error) {
        reason ??= codeOfError(error)
        metrics.denied(reason)
        if (reason === 'outbound.bug') log.bug('proxy.broke', error)
        if (socket.writableEnded) socket.destroySoon()
        else socket.destroy()
      },
      endSilent (now) {
        const bytes = socket.bytesRead + socket.bytesWritten
        if (bytes !== heard.bytes) heard = { at: now, bytes }
        else if (now - heard.at >= longestSilenceMs) socket.destroy()
      },
    }
    this.#open.add(opened)
    socket.once('close', () => {
      this.#open.delete(opened)
      audit.note(describeClosing(admitted.connection, admitted.passage, { time: clock.now(), bytesIn: socket.bytesWritten, bytesOut: socket.bytesRead, reason }))
    })
    return opened
  }

  async #tunnel ({ endpoint }: AdmittedConnection, socket: Socket): Promise<void> {
    const outside = await (this.#rooms.proxy as ProxyParts).openTunnel(endpoint)
    outside.on('error', () => { /* told by its end */ })
    socket.once('close', () => { outside.destroy() })
    outside.once('close', () => { socket.destroySoon() })
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    await requireGreeting(socket, endpoint.host, this.#rooms)
    for (const [from, to] of [[socket, outside], [outside, socket]] as const) pipeline(from, to, () => { /* both ends go together */ })
  }

  async #unlock ({ connection, endpoint, way }: AdmittedConnection, socket: Socket): Promise<void> {
    const { leaves } = this.#rooms.proxy as ProxyParts
    if (leaves === undefined || way.is !== 'open') throw new TypeError('no authority')
    const leaf = await leaves.leafFor(endpoint.host)
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    await requireGreeting(socket, endpoint.host, this.#rooms)
    await shakeHands(socket, { leaf, take: secure => { this.#calls.take(secure, { address: connection.address, port: endpoint.port, opened: way.opened }) } })
  }

  /** Cuts what may not be open any more: an agreement ended, the configuration is another. */
  judgeAgain (): void {
    const { clock } = this.#rooms
    const { room } = this.#rooms.proxy as ProxyParts
    for (const { admitted: { endpoint, passage, way: before }, cut } of this.#open) {
      try {
        const way = room.requireWay(endpoint, clock.now())
        const now = requirePassage(way, clock.now(), this.#rooms)
        if (now.mode !== passage.mode || now.associate !== passage.associate || describeWay(way) !== describeWay(before)) throw proxyReasons.deny('proxy.agreementEnded')
      } catch { cut(proxyReasons.deny('proxy.agreementEnded')) }
    }
  }

  endSilent (): void {
    for (const { endSilent } of this.#open) endSilent(this.#rooms.clock.now())
  }

  cutAll (): void {
    for (const { cut } of this.#open) cut(proxyReasons.deny('proxy.brokenOff'))
  }
}

/** What is not CONNECT: plain http, or a request to the proxy itself. */
function refusePlain (request: IncomingMessage, rooms: OutboundRooms): OutboundAnswer {
  const id = createRequestId()
  const connection = { id, time: rooms.clock.now(), address: request.socket.remoteAddress, endpoint: undefined, wireTarget: request.url ?? '' }
  try {
    (rooms.proxy as ProxyParts).room.requireClient(request.headersDistinct['proxy-authorization'] ?? [])
    throw proxyReasons.deny(/^http:\/\//i.test(request.url ?? '') ? 'proxy.plain' : 'proxy.malformed')
  } catch (error) {
    refuseConnection(error, connection, rooms)
    return explain(error, id, rooms)
  }
}

export function createProxyListener ({ listener }: ProxyConfig, rooms: OutboundRooms): ProxyListener {
  const { clock, log } = rooms
  const calls = createCalls(rooms, { mostBytes: sizeBytes(listener.maxBodySize) })
  const proxy = new ProxyDoor(rooms, calls)
  const limits = { headersTimeout: headersTimeoutMs, requestTimeout: headersTimeoutMs, connectionsCheckingInterval: 1000, insecureHTTPParser: false, requireHostHeader: false }
  const server = createServer(limits, (request, response) => {
    const { status, headers, body } = refusePlain(request, rooms)
    response.writeHead(status, { ...headers, connection: 'close' })
    response.end(body)
  })
  server.maxConnections = mostConnections
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    proxy.connect(request, socket, head).catch((error: unknown) => { log.bug('proxy.broke', error); socket.destroy() })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') { socket.destroy(); return }
    const id = createRequestId()
    const denial = proxyReasons.deny('proxy.malformed')
    rooms.audit.note(describeRefusedConnection({ id, time: clock.now(), address: socket.remoteAddress, endpoint: undefined }, denial.code))
    write(socket, explain(denial, id, rooms))
  })
  const timer = clock.every(lookAgainMs, () => { proxy.judgeAgain(); proxy.endSilent() })
  return {
    judgeAgain () { proxy.judgeAgain() },
    async listen () {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      server.once('error', reject)
      server.listen(listener.port, listener.host, resolve)
      await promise
      const bound = server.address()
      if (bound === null || typeof bound === 'string') throw new TypeError('listener has no address')
      return { port: bound.port }
    },
    async close (withinMs) {
      timer.cancel()
      const closed = new Promise<void>(resolve => { server.close(() => { resolve() }) })
      const cutting = clock.after(withinMs, () => { calls.close(); proxy.cutAll(); server.closeAllConnections() })
      try { await closed } finally { cutting.cancel(); calls.close(); proxy.cutAll() }
    },
  }
}
