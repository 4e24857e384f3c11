// The peer to measure against: @fastify/http-proxy with TLS and no control at all. Arguments: upstream URL, certificate, key, and `h2` for HTTP/2.
// Prints its port.
import { readFileSync } from 'node:fs'
import proxy from '@fastify/http-proxy'
import Fastify, { type FastifyInstance } from 'fastify'

const [upstream = '', certificate = '', key = '', protocol] = process.argv.slice(2)
const https = { cert: readFileSync(certificate), key: readFileSync(key) }
const app = (protocol === 'h2' ? Fastify({ http2: true, https }) : Fastify({ https })) as unknown as FastifyInstance
await app.register(proxy, { upstream, websocket: protocol !== 'h2' })
await app.listen({ host: '127.0.0.1', port: 0 })
console.log((app.server.address() as { port: number }).port)
