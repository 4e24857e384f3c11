// The peer to measure against: @fastify/http-proxy with TLS and no control at all. Arguments: upstream URL, certificate, key. Prints its port.
import { readFileSync } from 'node:fs'
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const [upstream = '', certificate = '', key = ''] = process.argv.slice(2)
const app = Fastify({ https: { cert: readFileSync(certificate), key: readFileSync(key) } })
await app.register(proxy, { upstream })
await app.listen({ host: '127.0.0.1', port: 0 })
console.log((app.server.address() as { port: number }).port)
