// The forward room behind a Fastify server as the public listener builds it: TLS, HTTP/1.1 and HTTP/2, no body parsers, one error handler.
// The judgement before it is replaced by a context that takes every target as it came.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'
import Fastify, { type FastifyInstance } from 'fastify'
import { createForwardRoom, type ForwardContext, type ForwardDeps, type ForwardRoom } from '../../../src/inbound/forward/forward.ts'
import type { UpstreamConfig } from '../../../src/inbound/forward/config.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import type { Failure } from '../../../src/shared/errors.ts'
import { createTestAuthority, type TestAuthority } from '../../support/certificates.ts'
import { currentWay } from './both-ways.ts'
import { startUpstream, type Upstream } from '../../support/upstream.ts'

export interface RelayRecord {
  answered: number[]
  /** One entry for each call of `finished`. */
  finished: Parameters<Parameters<ForwardRoom['relay']>[1]['finished']>[0][]
  close: (reason: string) => void
}

export interface ForwardApp {
  readonly port: number
  readonly url: string
  readonly publicUrl: string
  readonly authority: TestAuthority
  readonly room: ForwardRoom
  readonly app: FastifyInstance
  /** What reached the error handler. */
  readonly failures: Failure[]
  /** What the context was told after the answer's headers. */
  readonly brokenAnswers: Failure[]
  readonly relays: RelayRecord[]
  /** Everything that was logged, when `log` was asked for. */
  readonly logLines: string[]
  close(): Promise<void>
}

export interface ForwardAppOptions {
  readonly upstream: string
  readonly config?: Partial<UpstreamConfig>
  readonly deps?: Partial<ForwardDeps>
  readonly context?: Partial<ForwardContext>
  /** Authority of the CRM's certificate. */
  readonly upstreamAuthority?: string
  readonly log?: boolean
  readonly methods?: readonly string[]
  /** Leaves 100 Continue to the room, as the public listener does. */
  readonly ownContinue?: boolean
  /** A hook that holds every answer until this resolves, as masking does. */
  readonly beforeSend?: () => Promise<void>
}

export const reservedCookie = '__Host-sallyport'
const person = { id: 'nurse-7', name: 'Nell Nurse', email: 'nurse-7@clinic.example', groups: ['nurses', 'ward 3'] }

export function upstreamConfig (url: string, config: Partial<UpstreamConfig> = {}): UpstreamConfig {
  return {
    url,
    host: 'public',
    connectTimeout: '5s',
    answerTimeout: '30s',
    maxConnections: 64,
    identity: { user: 'X-Forwarded-User', email: 'X-Forwarded-Email', groups: 'X-Forwarded-Groups' },
    cacheable: [],
    webSocketOrigins: [],
    ...config,
  }
}

export async function startForwardApp (options: ForwardAppOptions): Promise<ForwardApp> {
  const authority = await createTestAuthority()
  const { certPem, keyPem } = await authority.issue({ names: ['crm.clinic.test', 'localhost'], addresses: ['127.0.0.1'] })
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-forward-'))
  const authorityFile = join(directory, 'upstream-ca.pem')
  if (options.upstreamAuthority !== undefined) writeFileSync(authorityFile, options.upstreamAuthority)
  const publicUrl = options.deps?.publicUrl ?? 'https://crm.clinic.test'
  const room = createForwardRoom(upstreamConfig(options.upstream, { ...(options.upstreamAuthority === undefined ? {} : { authority: authorityFile }), ...options.config }), {
    clock: createSystemClock(),
    publicUrl,
    reservedCookieNames: [reservedCookie, '__Host-sallyport-sign-in'],
    maxBodySize: 4 * 1024 ** 3,
    bodyIdleTimeoutMs: 60_000,
    ...options.deps,
  })
  const contextOf = (id: string, raw: IncomingMessage): ForwardContext => ({
    id,
    href: raw.url ?? '/',
    method: raw.method ?? 'GET',
    clientAddress: '203.0.113.9',
    person,
    failed: failure => { brokenAnswers.push(failure) },
    ...(currentWay() === 'short' && options.beforeSend === undefined ? { straight: () => ({}) } : {}),
    ...options.context,
  })
  const failures: Failure[] = []
  const brokenAnswers: Failure[] = []
  const relays: RelayRecord[] = []
  const logLines: string[] = []
  const app = Fastify({
    http2: true,
    https: { allowHTTP1: true, cert: certPem, key: keyPem },
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    logger: options.log === true ? { level: 'trace', stream: { write: (line: string) => { logLines.push(line) } } } : false,
    genReqId: () => `request-${Math.random().toString(36).slice(2)}`,
  } as object) as unknown as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => { done(null, payload) })
  for (const method of options.methods ?? []) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  app.setErrorHandler((error: Failure, _request, reply) => {
    failures.push(error)
    const status = 'reason' in error ? error.reason.status : 500
    void reply.code(status).header('content-type', 'application/problem+json').send(JSON.stringify({ code: error.code }))
  })
  if (options.beforeSend !== undefined) app.addHook('onSend', options.beforeSend)
  await room.register(app, request => contextOf((request as { id: string }).id, (request as { raw: IncomingMessage }).raw))
  const handler = app.server.listeners('request')[0] as (...args: unknown[]) => void
  if (options.ownContinue === true) app.server.on('checkContinue', handler)
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const entry: RelayRecord = { answered: [], finished: [], close: () => { /* replaced at once */ } }
    relays.push(entry)
    entry.close = room.relay({ request, socket, head, context: contextOf('upgrade-1', request) }, {
      answered: status => { entry.answered.push(status) },
      finished: result => { entry.finished.push(result) },
    })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    publicUrl,
    authority,
    room,
    app,
    failures,
    brokenAnswers,
    relays,
    logLines,
    async close () {
      await room.close()
      app.server.closeAllConnections?.()
      await app.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A CRM and the room before it, both gone when the test is. */
export async function setUp (t: Test, options: Omit<ForwardAppOptions, 'upstream'> = {}): Promise<{ upstream: Upstream, app: ForwardApp }> {
  const upstream = await startUpstream()
  const app = await startForwardApp({ ...options, upstream: upstream.url })
  t.teardown(async () => {
    await app.close()
    await upstream.close()
  })
  return { upstream, app }
}

/** The room before a CRM that the test has started by itself. */
export async function setUpBefore (t: Test, upstream: { readonly url: string, close(): Promise<void> }, options: Omit<ForwardAppOptions, 'upstream'> = {}): Promise<ForwardApp> {
  const app = await startForwardApp({ ...options, upstream: upstream.url })
  t.teardown(async () => {
    await app.close()
    await upstream.close()
  })
  return app
}
