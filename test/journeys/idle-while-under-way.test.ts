// What is long under way when nobody is there: downloads, uploads, event streams and WebSockets move nothing by their bytes, and are cut within a second of the end.
import { once, type EventEmitter } from 'node:events'
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import t, { type Test } from 'tap'
import WebSocket from 'ws'
import { startJourney, type Journey } from '../support/journey.ts'
import type { Browser } from '../support/browser.ts'
import { startUpstream } from '../support/upstream.ts'

const minute = 60_000

/** `once` would take the error before it for its own. */
const closeOf = (emitter: EventEmitter) => new Promise<void>(resolve => { emitter.once('close', () => { resolve() }) })
const scripts = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }

async function start (t: Test) {
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  return { crm, journey, browser }
}

function send (journey: Journey, browser: Browser, { path, method = 'GET' }: { readonly path: string, readonly method?: string }): ClientRequest {
  return httpsRequest({
    ...{ host: '127.0.0.1', port: journey.port, servername: 'crm.clinic.test', ca: journey.authority.caPem, agent: false, path, method },
    headers: { ...scripts, host: journey.host, cookie: browser.cookies('crm.clinic.test'), origin: journey.url },
  })
}

/** How long the session has left, asked without moving it. */
const leftOf = async (journey: Journey, browser: Browser) => (JSON.parse((await browser.fetch(`${journey.url}/_sallyport/session`)).body) as { leftMs: number }).leftMs

const endingOf = async (journey: Journey, path: string) => {
  const trail = await journey.trail()
  const admitted = trail.find(event => event.kind === 'request.admitted' && event.what?.path === path)
  return trail.find(event => event.id === admitted?.id && /^request\.(?:completed|failed|abandoned)$/.test(event.kind))
}

for (const [name, path, type] of [['a download', '/export.csv', 'text/csv'], ['an event stream', '/stream', 'text/event-stream']] as const) {
  t.test(`${name} that goes on and on moves nothing and is cut within a second of the end`, async t => {
    const { crm, journey, browser } = await start(t)
    let source: ServerResponse | undefined
    crm.answer((_request, response) => { source = response.writeHead(200, { 'content-type': type }); response.write('data: begin\n\n') })
    const sent = send(journey, browser, { path }).end()
    const [answer] = await once(sent, 'response') as [IncomingMessage]
    answer.on('error', () => undefined)
    let received = ''
    answer.on('data', (chunk: Buffer) => { received += chunk.toString() })
    for (let at = 1; at < 15; at += 1) {
      await journey.clock.advance(minute)
      source?.write(`data: minute ${at}\n\n`)
      while (!received.includes(`minute ${at}\n`)) await once(answer, 'data')
    }
    t.equal(await leftOf(journey, browser), minute, 'the time runs')
    await journey.clock.advance(59_000)
    t.notOk(answer.destroyed, 'at 14:59 it goes on')
    const gone = closeOf(answer)
    const told = closeOf(source as ServerResponse)
    await journey.clock.advance(1000)
    await journey.clock.advance(1000)
    await Promise.all([gone, told])
    t.notOk(answer.complete, 'broken off, so that nobody takes it for the whole')
    t.match(await endingOf(journey, path), { kind: 'request.abandoned', outcome: { reason: 'session.idle' } })
  })
}

t.test('an upload counts when it begins, its bytes do not, and it is cut within a second of the end: the CRM never takes it for the whole', async t => {
  const { crm, journey, browser } = await start(t)
  const got: string[] = []
  crm.answer((request, response) => { request.on('data', (chunk: Buffer) => { got.push(chunk.toString()) }); request.on('error', () => response.destroy()) })
  await journey.clock.advance(10 * minute)
  const sent = send(journey, browser, { path: '/scans', method: 'POST' })
  sent.on('error', () => undefined)
  sent.write('begin;')
  while (got.length === 0) await new Promise(resolve => { setTimeout(resolve, 5) })
  t.equal(await leftOf(journey, browser), 15 * minute, 'a person sent it')
  for (let at = 1; at <= 14 * 6; at += 1) {
    await journey.clock.advance(10_000)
    const before = got.length
    sent.write(`${at};`)
    while (got.length === before) await new Promise(resolve => { setTimeout(resolve, 2) })
  }
  t.equal(await leftOf(journey, browser), minute)
  for (let at = 0; at < 6; at += 1) {
    await journey.clock.advance(at === 5 ? 9000 : 10_000)
    sent.write('.')
    await new Promise(resolve => { setTimeout(resolve, 5) })
  }
  t.notOk(sent.destroyed)
  const gone = closeOf(sent)
  await journey.clock.advance(1000)
  await journey.clock.advance(1000)
  await gone
  const body = crm.received.find(({ target }) => target === '/scans')?.body
  await t.rejects(body as Promise<Buffer>)
  t.match(await endingOf(journey, '/scans'), { kind: 'request.abandoned', outcome: { reason: 'session.idle' } })
})

t.test('frames of a WebSocket, in both directions, move nothing; it is closed with 4401 within a second of the end', async t => {
  const { journey, browser } = await start(t)
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  for (let at = 0; at < 14; at += 1) {
    await journey.clock.advance(minute)
    const echoed = once(socket, 'message')
    socket.send(`minute ${at}`)
    await echoed
  }
  t.equal(await leftOf(journey, browser), minute)
  await journey.clock.advance(59_000)
  t.equal(socket.readyState, WebSocket.OPEN)
  const closed = once(socket, 'close')
  await journey.clock.advance(1000)
  await journey.clock.advance(1000)
  const [code, reason] = await closed as [number, Buffer]
  t.equal(code, 4401)
  t.match(reason.toString(), 'idle')
})
