// Liveness, readiness and metrics on a port of their own, for the orchestrator and not for people. It says what is wrong, never about whom.
import Fastify from 'fastify'
import type { Metrics } from '../shared/metrics.ts'
import { plainFastify } from '../shared/plain-fastify.ts'

export interface Readiness { readonly ok: boolean, readonly detail: string }

export interface HealthDeps {
  readonly metrics: Pick<Metrics, 'contentType' | 'render'>
  readonly parts: Readonly<Record<string, () => Readiness | Promise<Readiness>>>
}

export interface HealthListener {
  listen(): Promise<{ readonly host: string, readonly port: number }>
  close(): Promise<void>
}

/** `parts` are asked at each request; all must be ok. */
export function createHealthListener (
  config: { readonly host: string, readonly port: number },
  deps: HealthDeps,
): HealthListener {
  // A scraper that stopped in the middle of a request must not keep the process.
  const app = Fastify({ ...plainFastify, forceCloseConnections: true })
  // A part that breaks while it is asked is not ready; what it said about it stays here.
  app.setErrorHandler(async (_error, _request, reply) => reply.code(503).header('cache-control', 'no-store').send({ status: 'not ready' }))
  app.get('/live', async () => ({ status: 'live' }))
  app.get('/ready', async (_request, reply) => {
    const parts = await Promise.all(Object.entries(deps.parts).map(async ([name, ask]) => ({ name, ...await ask() })))
    const ok = parts.every(part => part.ok)
    return reply.code(ok ? 200 : 503).header('cache-control', 'no-store').send({ status: ok ? 'ready' : 'not ready', parts })
  })
  app.get('/metrics', async (_request, reply) => reply.header('content-type', deps.metrics.contentType).send(await deps.metrics.render()))
  return {
    async listen () {
      await app.listen({ host: config.host, port: config.port })
      const bound = app.server.address()
      if (bound === null || typeof bound === 'string') throw new TypeError('listener has no address')
      return { host: config.host, port: bound.port }
    },
    close: () => app.close(),
  }
}
