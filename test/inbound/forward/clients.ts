// Clients of the forward room's tests: HTTP/1.1 on a connection of its own, HTTP/2, and a bare TLS socket for what no client library sends.
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { connect as connectHttp2, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpStatusHeader } from 'node:http2'
import { request as requestHttps } from 'node:https'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { createHash, randomBytes } from 'node:crypto'
import WebSocket, { type ClientOptions } from 'ws'
import type { ForwardApp } from './forward-app.ts'

export interface ClientRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

export interface ClientAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly trailers: NodeJS.Dict<string>
  readonly body: Buffer
}

/** One request over HTTP/1.1. Rejects when the answer is not whole. */
export async function ask (app: ForwardApp, request: ClientRequest = {}): Promise<ClientAnswer> {
  const { method = 'GET', path = '/', headers = {}, body } = request
  const call = requestHttps({ host: '127.0.0.1', port: app.port, servername: 'localhost', ca: app.authority.caPem, agent: false, method, path, headers })
  call.end(body)
  const [answer] = await once(call, 'response') as [import('node:http').IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode ?? 0, headers: answer.headers, rawHeaders: answer.rawHeaders, trailers: answer.trailers, body: Buffer.concat(chunks) }
}

/** An HTTP/2 connection; close it. */
export function openHttp2 (app: ForwardApp): ClientHttp2Session {
  const session = connectHttp2(`https://localhost:${app.port}`, { ca: app.authority.caPem, lookup: (_name, _options, done) => { (done as (error: null, address: { address: string, family: number }[]) => void)(null, [{ address: '127.0.0.1', family: 4 }]) } })
  session.on('error', () => { /* a test that needs it listens itself */ })
  return session
}

export interface Http2Answer extends Omit<ClientAnswer, 'rawHeaders' | 'trailers'> {
  readonly trailers: IncomingHttpHeaders
  /** RFC 9113 section 7. */
  readonly resetCode: number
}

/** One request over HTTP/2; resolves when the stream is closed, however it ended. */
export async function askHttp2 (session: ClientHttp2Session, request: ClientRequest = {}): Promise<Http2Answer> {
  const { method = 'GET', path = '/', headers = {}, body } = request
  const stream: ClientHttp2Stream = session.request({ ...headers, ':method': method, ':path': path, ':authority': 'crm.clinic.test' }, { endStream: body === undefined })
  const chunks: Buffer[] = []
  let answerHeaders: IncomingHttpHeaders & IncomingHttpStatusHeader = {}
  let trailers: IncomingHttpHeaders = {}
  stream.on('response', received => { answerHeaders = received })
  stream.on('trailers', received => { trailers = received })
  stream.on('data', (chunk: Buffer) => { chunks.push(chunk) })
  stream.on('error', () => { /* told by resetCode */ })
  if (body !== undefined) stream.end(body)
  await once(stream, 'close').catch(() => { /* told by resetCode */ })
  return { status: answerHeaders[':status'] ?? 0, headers: answerHeaders, trailers, body: Buffer.concat(chunks), resetCode: stream.rstCode ?? constants.NGHTTP2_NO_ERROR }
}

export interface RawClient {
  readonly socket: TLSSocket
  /** Resets the TCP connection below. */
  reset(): void
  /** Waits until what arrived so far matches; returns all of it. */
  until(pattern: RegExp): Promise<string>
  /** Waits for the end of the connection; returns all that arrived, as latin1. */
  ended(): Promise<string>
}

/** A TLS connection that writes what the test writes. */
export async function openRaw (app: ForwardApp): Promise<RawClient> {
  const tcp = connectTcp({ host: '127.0.0.1', port: app.port })
  tcp.on('error', () => { /* the end tells */ })
  const socket = connectTls({ socket: tcp, servername: 'localhost', ca: app.authority.caPem, ALPNProtocols: ['http/1.1'] })
  let text = ''
  socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
  socket.on('error', () => { /* the end tells */ })
  const closed = new Promise<void>(resolve => { socket.once('close', () => { resolve() }) })
  await once(socket, 'secureConnect')
  return {
    socket,
    reset () {
      tcp.resetAndDestroy()
      socket.destroy()
    },
    async until (pattern) {
      while (!pattern.test(text)) {
        if (socket.destroyed) throw new Error(`closed before ${pattern.source}: ${text}`)
        await Promise.race([once(socket, 'data'), closed])
      }
      return text
    },
    async ended () {
      await closed
      return text
    },
  }
}

/** A WebSocket handshake as text, with further header lines. */
export function handshake (lines: readonly string[] = [], options: { readonly key?: string, readonly connection?: string, readonly path?: string } = {}): string {
  const { key = randomBytes(16).toString('base64'), connection = 'Upgrade', path = '/live' } = options
  const head = [`GET ${path} HTTP/1.1`, 'Host: crm.clinic.test', 'Upgrade: websocket', `Connection: ${connection}`, `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', ...lines]
  return `${head.join('\r\n')}\r\n\r\n`
}

/** What a server answers to a key (RFC 6455 section 4.2.2). */
handshake.acceptOf = (key: string): string => createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** A real WebSocket client through the room. */
export function openWebSocket (app: ForwardApp, options: ClientOptions & { readonly protocols?: string[] } = {}): WebSocket {
  const { protocols = [], ...rest } = options
  const client = new WebSocket(`wss://127.0.0.1:${app.port}/live`, protocols, { ca: app.authority.caPem, ...rest })
  client.on('error', () => { /* the close code tells */ })
  return client
}

/** Resolves once `isTrue` holds; for conditions on real sockets that have no event of their own. */
export async function eventually (isTrue: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 20_000
  while (!isTrue()) {
    if (performance.now() > giveUpAt) throw new Error(`never came true: ${isTrue.toString()}`)
    await new Promise(resolve => { setImmediate(resolve) })
  }
}
