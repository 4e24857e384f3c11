// The listener of the outbound door: one way in, for every path. It reads a body only when the pipeline asks for it, bounded in size and time, and decides nothing itself.
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { IncomingMessage as Request } from 'node:http'
import { TLSSocket } from 'node:tls'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { Clock } from '../shared/clock.ts'
import { Denial, Failure } from '../shared/errors.ts'
import { createRequestId } from '../shared/ids.ts'
import { sizeBytes } from '../shared/schema.ts'
import { problem, type OutboundAnswer } from './answer.ts'
import type { OutboundConfig } from './config.ts'
import { accept } from './pipeline.ts'
import { outboundReasons } from './reasons.ts'
import type { OutboundRooms } from './rooms.ts'
import { webhookReasons } from './webhook/webhook.ts'

export interface RelayListener {
  listen (): Promise<{ readonly port: number }>
  /** No new connections; resolves when what is under way has been answered, at most after `withinMs`. */
  close (withinMs: number): Promise<void>
}

const bodyTimeoutMs = 30_000
const headersTimeoutMs = 15_000
const mostAtOnce = 64
const mostConnections = 512
const busyRetrySeconds = 2

/** SHA-256 of the client certificate, when the handshake proved that the peer has its key and it is valid today. */
function readFingerprint (socket: Socket, now: number): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const isValid = certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime()
  return isValid ? certificate.fingerprint256.replaceAll(':', '').toLowerCase() : undefined
}

function readBody (request: Request, { clock, mostBytes }: { readonly clock: Clock, readonly mostBytes: number }): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let length = 0
  const timer = clock.after(bodyTimeoutMs, () => { reject(webhookReasons.deny('webhook.tooSlow')) })
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) reject(webhookReasons.deny('webhook.tooLarge'))
  else {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > mostBytes) { request.pause(); reject(webhookReasons.deny('webhook.tooLarge')) } else chunks.push(chunk)
    })
    request.once('end', () => { resolve(Buffer.concat(chunks, length)) })
    request.once('close', () => { reject(webhookReasons.deny('webhook.brokenOff')) })
    request.once('error', () => { reject(webhookReasons.deny('webhook.brokenOff')) })
  }
  return promise.finally(() => { timer.cancel() })
}

function explain (error: unknown, id: string, log: OutboundRooms['log']): OutboundAnswer {
  if (error instanceof Denial || error instanceof Failure) {
    log[error instanceof Failure ? 'warn' : 'info']('message.refused', { id, code: error.code })
    return problem(error.code, error.reason, { id, retryAfterSeconds: error.retryAfterSeconds })
  }
  log.bug('message.bug', error, { id })
  return problem('outbound.bug', outboundReasons.table['outbound.bug'], { id })
}

function createServer (config: OutboundConfig['listener']): FastifyInstance {
  const settings = {
    logger: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: createRequestId,
    bodyLimit: sizeBytes(config.maxBodySize),
    return503OnClosing: false,
    // The target is the webhook room's to read: no spelling of it meets a router.
    rewriteUrl: () => '/',
  } as const
  if (config.tls === undefined) return Fastify(settings)
  const { certificate, key } = config.tls
  // Whose certificate it must be stands in the configuration by its fingerprint, so no authority has to vouch for it.
  return Fastify({ ...settings, https: { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false } }) as unknown as FastifyInstance
}

export function createRelayListener (config: OutboundConfig['listener'], rooms: OutboundRooms): RelayListener {
  const { clock } = rooms
  const app = createServer(config)
  const mostBytes = sizeBytes(config.maxBodySize)
  let underWay = 0
  app.server.headersTimeout = headersTimeoutMs
  app.server.maxConnections = mostConnections
  const answer = async (request: Request, id: string, target: string): Promise<OutboundAnswer> => {
    if (underWay >= mostAtOnce) throw outboundReasons.fail('outbound.busy', 'gateway', { retryAfterSeconds: busyRetrySeconds })
    underWay += 1
    try {
      const claim = { method: request.method ?? '', target, headers: request.headersDistinct, fingerprint: readFingerprint(request.socket, clock.now()) }
      return await accept({ id, claim, address: request.socket.remoteAddress, readBody: () => readBody(request, { clock, mostBytes }) }, rooms)
    } finally { underWay -= 1 }
  }
  app.removeAllContentTypeParsers()
  app.addHook('onRequest', async (request, reply: FastifyReply) => {
    const { id, raw } = request
    const { status, headers, body } = await answer(raw, id, request.originalUrl).catch((error: unknown) => explain(error, id, rooms.log))
    // What was not read is not waited for.
    if (!raw.complete) reply.header('connection', 'close')
    await reply.code(status).headers(headers).send(body)
    return reply
  })
  app.all('/', async () => '')
  return {
    async listen () {
      await app.listen({ host: config.host, port: config.port })
      const bound = app.server.address()
      if (bound === null || typeof bound === 'string') throw new TypeError('listener has no address')
      return { port: bound.port }
    },
    async close (withinMs) {
      const timer = clock.after(withinMs, () => { app.server.closeAllConnections() })
      try { await app.close() } finally { timer.cancel() }
    },
  }
}
