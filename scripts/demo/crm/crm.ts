// Harbor Clinic CRM: a small CRM with invented people, to stand behind a gateway in the demo and in tests. It knows nothing of Sallyport:
// it listens on loopback, believes the identity headers of whatever is in front of it, and has a session cookie of its own.
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import formbody from '@fastify/formbody'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { registerApiRoutes } from './api-routes.ts'
import { registerAttachmentRoutes } from './attachment-routes.ts'
import { registerFileRoutes } from './file-routes.ts'
import { registerHomeRoutes } from './home-routes.ts'
import { sendPlainPage, type CrmContext } from './layout.ts'
import { registerLeadRoutes } from './lead-routes.ts'
import { attachLive, registerEvents } from './live.ts'
import { registerPatientRoutes } from './patient-routes.ts'
import { registerRecordingRoutes } from './recording-routes.ts'
import { createRecords } from './records.ts'
import { createVisitors } from './visitors.ts'

/** A request as the CRM got it, upgrades included. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

export interface Crm {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Every request since the start (or since `forget`), oldest first; the last 10,000. */
  seen(): readonly SeenRequest[]
  forget(): void
  close(): Promise<void>
}

export interface CrmOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Where /logout sends people, a path or an address: most CRMs with header sign-on have such a setting. Default: a page of the CRM. */
  readonly afterSignOut?: string
}

const mostSeen = 10_000
const openPaths = ['/assets/', '/api/files', '/signed-out', '/health']
const assets = { 'crm.css': 'text/css; charset=utf-8', 'crm.js': 'text/javascript; charset=utf-8', 'logo.svg': 'image/svg+xml' } as const

const wantsJson = (request: FastifyRequest) => request.url.startsWith('/api/') || request.headers.accept === 'application/json'

function refuse (request: FastifyRequest, reply: FastifyReply, page: { status: number, title: string, text: string }) {
  return wantsJson(request) ? reply.code(page.status).send({ error: page.title, detail: page.text }) : sendPlainPage(reply, page)
}

function addErrorPages (app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => refuse(request, reply, { status: 404, title: 'Nothing here', text: 'This page does not exist, or the record was removed.' }))
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) return refuse(request, reply, { status: 500, title: 'Something broke', text: 'The CRM could not do that. The administrator was told.' })
    return refuse(request, reply, { status, title: 'That did not work', text: error.validation === undefined ? 'The request could not be read.' : 'A field is missing or not as it should be.' })
  })
}

async function addAssets (app: FastifyInstance): Promise<void> {
  for (const [name, type] of Object.entries(assets)) {
    const content = await readFile(new URL(`assets/${name}`, import.meta.url))
    app.get(`/assets/${name}`, async (_request, reply) => reply.type(type).header('cache-control', 'max-age=300').send(content))
  }
}

function rememberRequests (app: FastifyInstance) {
  let seen: SeenRequest[] = []
  const remember = ({ method = '', url = '', httpVersion, headers, rawHeaders }: IncomingMessage) => {
    seen.push({ method, url, httpVersion, headers: { ...headers }, rawHeaders: [...rawHeaders] })
    if (seen.length > mostSeen * 1.1) seen = seen.slice(-mostSeen)
  }
  app.server.prependListener('request', remember)
  app.server.prependListener('upgrade', remember)
  return { list: () => seen as readonly SeenRequest[], forget: () => { seen = [] } }
}

/** Starts the CRM. It keeps uploads in a temporary directory that `close` removes. */
export async function startCrm (options: CrmOptions = {}): Promise<Crm> {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1024 ** 2 })
  const seen = rememberRequests(app)
  let url = ''
  const uploads = await mkdtemp(join(tmpdir(), 'harbor-crm-'))
  const removeNow = () => { rmSync(uploads, { recursive: true, force: true }) }
  process.once('exit', removeNow) // a process that is ended from outside does not close anything
  const context: CrmContext = { records: createRecords(), visitors: createVisitors(), uploads, ownOrigin: () => url, afterSignOut: options.afterSignOut ?? '/signed-out' }

  app.addHook('onRequest', async (request, reply) => {
    if (openPaths.some(path => request.url.startsWith(path))) return
    if (context.visitors.enter(request, reply)) return
    return refuse(request, reply, { status: 401, title: 'Not signed in', text: 'Harbor Clinic CRM is reached through the front door of your organisation. It did not say who you are.' })
  })
  addErrorPages(app)
  await addAssets(app)
  await app.register(formbody)
  app.get('/health', async () => ({ ok: true }))
  registerHomeRoutes(app, context)
  registerLeadRoutes(app, context)
  registerPatientRoutes(app, context)
  registerRecordingRoutes(app, context)
  registerEvents(app, context)
  await app.register(async scope => { registerApiRoutes(scope, context) })
  await app.register(async scope => registerAttachmentRoutes(scope, context))
  await registerFileRoutes(app)
  const endLive = attachLive(app.server)

  await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
  const { address, port, family } = app.server.address() as AddressInfo
  url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  return {
    url,
    seen: seen.list,
    forget: seen.forget,
    async close () {
      endLive()
      await app.close()
      await rm(uploads, { recursive: true, force: true })
      process.off('exit', removeNow)
    },
  }
}
