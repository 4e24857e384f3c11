// After a client hangs up, Fastify's onResponse never runs, though the CRM executed the POST; and onSend may run twice. Whoever ends an exchange in
// those hooks loses the ending of what was done, or writes two. Ours is settled on the raw response's close.
import { once } from 'node:events'
import { createServer, request as plainRequest, type IncomingMessage, type Server } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'

const until = async (holds: () => Promise<boolean> | boolean) => {
  for (let tries = 0; tries < 250; tries += 1) {
    if (await holds()) return
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
  throw new Error('it did not happen within 5 s')
}

/** A CRM that says when a request is whole, and answers when it is told to. */
async function startSlowCrm (t: Test, answer: (message: IncomingMessage, server: Server) => string | undefined) {
  const done: string[] = []
  const server: Server = createServer((message, response) => {
    message.resume().on('end', () => {
      done.push(`${message.method} ${message.url}`)
      const text = answer(message, server)
      if (text !== undefined) response.end(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { done, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const endingsOf = async (journey: Journey, path: string) => {
  const trail = await journey.trail()
  const admitted = trail.filter(event => event.kind === 'request.admitted' && event.what?.path === path)
  return admitted.map(({ id }) => trail.filter(event => event.id === id && event.kind !== 'request.admitted').map(event => event.kind))
}

t.test('the fact: a hook of the framework does not hear of it', async t => {
  const heard: string[] = []
  const app = Fastify()
  app.addHook('onResponse', async () => { heard.push('onResponse') })
  const closed = new Promise<void>(resolve => { app.addHook('onRequest', async (_request, reply) => { reply.raw.once('close', resolve) }) })
  app.post('/', () => new Promise(() => { /* the CRM takes its time */ }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const outgoing = plainRequest({ host: '127.0.0.1', port: (app.server.address() as AddressInfo).port, method: 'POST' }).on('error', () => undefined)
  outgoing.end()
  await until(() => new Promise(resolve => { app.server.getConnections((_error, count) => { resolve(count === 1) }) }))
  outgoing.destroy()
  await closed
  for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => { setImmediate(resolve) })
  t.same(heard, [], 'close came, onResponse did not')
})

t.test('a POST that the CRM executed and nobody waited for has its one ending', async t => {
  const crm = await startSlowCrm(t, message => message.url === '/slow' ? undefined : 'ok')
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  const outgoing = request({
    host: '127.0.0.1',
    port: journey.port,
    path: '/slow',
    method: 'POST',
    servername: 'crm.clinic.test',
    ca: journey.authority.caPem,
    agent: false,
    headers: { host: journey.host, cookie: browser.cookies('crm.clinic.test'), 'content-length': 2 },
  }).on('error', () => undefined)
  outgoing.end('{}')
  await until(() => crm.done.includes('POST /slow'))
  outgoing.destroy()
  await until(async () => (await endingsOf(journey, '/slow'))[0]?.length === 1)
  t.same(await endingsOf(journey, '/slow'), [['request.abandoned']])
})

t.test('an answer whose sending breaks has one ending too, though it is sent twice', async t => {
  // The first answer cannot be sent on: its length is a lie. Ours comes in its place.
  const server = createServer((_message, response) => { response.writeHead(200, { 'content-length': '5', 'content-type': 'text/plain' }); response.write('ab'); response.destroy() }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } } })
  const browser = journey.browser()
  await journey.signIn(browser).catch(() => undefined)
  await browser.fetch(`${journey.url}/broken`).catch(() => undefined)
  await until(async () => (await endingsOf(journey, '/broken'))[0]?.length === 1)
  t.same(await endingsOf(journey, '/broken'), [['request.failed']])
})
