// A process with nothing in it but a Fastify server and the forward room, so that its memory is theirs. Talks to its parent by IPC:
// `{ upstream, certPem, keyPem }` starts it, it answers with its port, and every further message with its peak memory.
import { once } from 'node:events'
import Fastify, { type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import { createForwardRoom } from '../../../src/inbound/forward/forward.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'

const [{ upstream, certPem, keyPem }] = await once(process, 'message') as [{ upstream: string, certPem: string, keyPem: string }]
const room = createForwardRoom({
  url: upstream,
  host: 'public',
  connectTimeout: '5s',
  answerTimeout: '30s',
  maxConnections: 64,
  identity: { user: 'X-Forwarded-User', email: 'X-Forwarded-Email', groups: 'X-Forwarded-Groups' },
  webSocketOrigins: [],
}, { clock: createSystemClock(), publicUrl: 'https://crm.clinic.test', reservedCookieNames: [], maxBodySize: 4 * 1024 ** 3, bodyIdleTimeoutMs: 60_000 })
const app = Fastify({ http2: true, https: { allowHTTP1: true, cert: certPem, key: keyPem } } as object) as unknown as FastifyInstance
await room.register(app, request => {
  const { id, raw } = request as { id: string, raw: { url: string, method: string } }
  return { id, href: raw.url, method: raw.method, clientAddress: '203.0.113.9', person: { id: 'nurse-7', name: 'Nell Nurse', email: undefined, groups: [] } }
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => { process.send?.({ peakBytes: process.resourceUsage().maxRSS * 1024 }) })
process.once('disconnect', () => { process.exit() })
process.send?.({ port: (app.server.address() as AddressInfo).port })
