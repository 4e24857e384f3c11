// Requests within opened connections: what the servers hand over is made ready for the pipeline, and its answer given back. A body is read only when the pipeline asks for it.
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { createRequestId } from '../shared/ids.ts'
import { carrierOf, startCallServers, type CallRefusal, type Request, type Response } from './call-servers.ts'
import type { CallEnd } from './delivery/delivery.ts'
import { describeRefusal } from './describe.ts'
import { explainRefusal } from './explain-refusal.ts'
import { proxyReasons, type OpenedHost } from './proxy/proxy.ts'
import { passCall } from './proxy-pipeline.ts'
import { readBounded } from './read-bounded.ts'
import { outboundReasons } from './reasons.ts'
import type { OutboundRooms } from './rooms.ts'

export interface OpenedConnection {
  readonly address: string | undefined
  readonly port: number
  readonly opened: OpenedHost
}

export interface Calls {
  /** Begins HTTP on a connection whose handshake is done. */
  take (socket: TLSSocket, connection: OpenedConnection): void
  close (): void
}

const bodyTimeoutMs = 30_000
const mostAtOnce = 64
const busyRetrySeconds = 2
const deny = { tooSlow: () => proxyReasons.deny('proxy.tooSlow'), tooLarge: () => proxyReasons.deny('proxy.tooLarge'), brokenOff: () => proxyReasons.deny('proxy.brokenOff') }

type Headers = Readonly<Record<string, readonly string[] | undefined>>

/** Names in small letters with every value. */
function distinctOf (rawHeaders: readonly string[]): Headers {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) (headers[(rawHeaders[at] as string).toLowerCase()] ??= []).push(rawHeaders[at + 1] as string)
  return headers
}

function saysBody (request: Request, headers: Headers): boolean {
  if ('stream' in request) return !request.stream.endAfterHeaders
  return headers['transfer-encoding'] !== undefined || (headers['content-length']?.[0] ?? '0') !== '0'
}

type OwnAnswer = ReturnType<typeof explainRefusal>

function refuseCall (response: Response, { status, headers, body }: OwnAnswer, request: Request): void {
  // What was not read is not waited for.
  const closing = request.httpVersionMajor === 1 && !request.complete ? { connection: 'close' } : {}
  ;(response as ServerResponse).writeHead(status, { ...headers, 'content-length': String(body.length), ...closing })
  response.end(body)
}

function passAnswer (response: Response, end: Extract<CallEnd, { readonly is: 'answered' }>, id: string): void {
  (response as ServerResponse).writeHead(end.status, { ...end.headers, 'sallyport-message-id': id })
  pipeline(end.body, response as ServerResponse, () => { /* whoever broke it off knows */ })
}

export function createCalls (rooms: OutboundRooms, { mostBytes }: { readonly mostBytes: number }): Calls {
  const { clock, log, audit, metrics } = rooms
  const connections = new WeakMap<object, OpenedConnection>()
  let underWay = 0
  const handle = async (request: Request, response: Response, expects: boolean): Promise<void> => {
    const connection = connections.get(carrierOf(request) ?? {})
    if (connection === undefined) { response.destroy(); return }
    const id = createRequestId()
    const headers = distinctOf(request.rawHeaders)
    const gone = new AbortController()
    response.once('close', () => { gone.abort() })
    response.on('error', () => { /* whoever broke it off knows */ })
    const readBody = () => {
      if (expects) response.writeContinue()
      return readBounded(request, { clock, mostBytes, timeoutMs: bodyTimeoutMs, announced: Number(request.headers['content-length'] ?? 0), deny })
    }
    const raw = { method: request.method ?? '', target: request.url ?? '', rawHeaders: request.rawHeaders }
    underWay += 1
    try {
      if (underWay > mostAtOnce) throw outboundReasons.fail('outbound.busy', 'gateway', { retryAfterSeconds: busyRetrySeconds })
      passAnswer(response, await passCall({ ...connection, id, headers, hasBody: saysBody(request, headers), signal: gone.signal, request: raw, readBody }, rooms), id)
    } catch (error) {
      refuseCall(response, explainRefusal(error, id, log), request)
    } finally { underWay -= 1 }
  }
  const servers = startCallServers({
    call (request, response, expects) {
      handle(request, response, expects).catch((error: unknown) => { log.bug('proxy.callBroke', error); response.destroy() })
    },
    refused (carrier, code: CallRefusal) {
      const connection = connections.get(carrier)
      metrics.denied(code)
      audit.note(describeRefusal({ id: createRequestId(), time: clock.now(), address: connection?.address, destination: connection?.opened.config.name, call: { method: 'unknown' } }, code))
    },
  })
  return {
    take (socket, connection) { servers.take(socket, carrier => { connections.set(carrier, connection) }) },
    close: () => { servers.close() },
  }
}
