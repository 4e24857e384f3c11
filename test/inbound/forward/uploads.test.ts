// Request bodies: streamed at the CRM's speed, bounded in size, and given up when the client stops; the client always learns why.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import { createMovableClock } from '../../support/clock.ts'
import { startUpstream } from '../../support/upstream.ts'
import { ask, askHttp2, eventually, openHttp2, openRaw } from './clients.ts'
import { setUp, setUpBefore, type ForwardApp } from './forward-app.ts'
import { testBothWays } from './both-ways.ts'

const optionsFor = (app: ForwardApp): RequestOptions => ({ host: '127.0.0.1', port: app.port, servername: 'localhost', ca: app.authority.caPem, agent: false, method: 'POST' })

testBothWays('a body that declares too much is 413, and the CRM is never called', async t => {
  const { app, upstream } = await setUp(t, { deps: { maxBodySize: 10 } })
  t.equal((await ask(app, { method: 'POST', body: 'x'.repeat(11) })).status, 413)
  t.equal((await ask(app, { method: 'POST', body: 'x'.repeat(10) })).status, 200)
  t.equal(upstream.received.length, 1)
  t.match(app.failures, [{ code: 'forward.bodyTooLarge', source: 'client' }])
})

testBothWays('a body that turns out too large is 413, and the CRM\'s call is aborted', async t => {
  const { app, upstream } = await setUp(t, { deps: { maxBodySize: 100_000 } })
  const answer = await ask(app, { method: 'POST', body: Buffer.alloc(1_000_000), headers: { 'transfer-encoding': 'chunked' } })
  t.equal(answer.status, 413)
  for (const { body } of upstream.received) await t.rejects(body, 'the CRM did not get a body that looks whole')
  t.ok(upstream.received.every(({ isCut }) => isCut))
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  t.equal((await askHttp2(session, { method: 'POST', body: Buffer.alloc(1_000_000) })).status, 413)
  t.match(app.failures, [{ code: 'forward.bodyTooLarge' }, { code: 'forward.bodyTooLarge' }])
})

testBothWays('exactly the limit passes', async t => {
  const { app, upstream } = await setUp(t, { deps: { maxBodySize: 100_000 } })
  t.equal((await ask(app, { method: 'POST', body: Buffer.alloc(100_000), headers: { 'transfer-encoding': 'chunked' } })).status, 200)
  t.equal((await upstream.received[0]?.body)?.length, 100_000)
})

testBothWays('an upload that stalls is 408 by the clock, and the CRM\'s call is aborted', async t => {
  const clock = createMovableClock()
  const { app, upstream } = await setUp(t, { deps: { clock, bodyIdleTimeoutMs: 60_000 } })
  const call = requestHttps({ ...optionsFor(app), headers: { 'content-length': '100' } })
  call.write('some')
  await eventually(() => upstream.received.length === 1)
  const answered = once(call, 'response')
  await clock.advance(59_999)
  t.equal(app.failures.length, 0)
  await clock.advance(1)
  const [answer] = await answered as [IncomingMessage]
  t.equal(answer.statusCode, 408)
  t.match(app.failures, [{ code: 'forward.uploadStalled', source: 'client' }])
  await t.rejects(upstream.received[0]?.body as Promise<Buffer>)
  call.destroy()
})

testBothWays('each part that comes starts the time anew', async t => {
  const clock = createMovableClock()
  const { app, upstream } = await setUp(t, { deps: { clock, bodyIdleTimeoutMs: 60_000 } })
  let arrived = 0
  upstream.answer((request, response, { body }) => {
    request.on('data', (chunk: Buffer) => { arrived += chunk.length })
    void body.then(() => response.end('whole'))
  })
  const call = requestHttps({ ...optionsFor(app), headers: { 'content-length': '4' } })
  for (let part = 1; part <= 4; part++) {
    call.write('x')
    await eventually(() => arrived === part)
    if (part < 4) await clock.advance(50_000)
  }
  const [answer] = await once(call, 'response') as [IncomingMessage]
  t.equal(answer.statusCode, 200)
  answer.resume()
})

testBothWays('a CRM that reads slowly holds the client back, and its time does not count as the client\'s', async t => {
  const clock = createMovableClock()
  const upstream = await startUpstream({ readBodies: false })
  const app = await setUpBefore(t, upstream, { deps: { clock, bodyIdleTimeoutMs: 60_000 } })
  let reading: IncomingMessage | undefined
  upstream.answer((request, response) => {
    reading = request
    request.on('end', () => { response.end('whole') })
  })
  const size = 64 * 1024 * 1024
  const call = requestHttps({ ...optionsFor(app), headers: { 'content-length': String(size) } })
  const chunk = Buffer.alloc(64 * 1024)
  let sent = 0
  const send = () => { while (sent < size) { sent += chunk.length; if (!call.write(chunk)) { call.once('drain', send); return } } }
  send()
  await eventually(() => reading !== undefined)
  let before = -1
  while (before !== sent) {
    before = sent
    for (let turn = 0; turn < 200; turn++) await new Promise(resolve => { setImmediate(resolve) })
  }
  t.ok(sent < size / 2, `only ${sent} bytes were taken from the client`)
  await clock.advance(600_000)
  t.equal(app.failures.length, 0, 'ten minutes of the CRM\'s time are not a stalled upload')
  reading?.resume()
  const [answer] = await once(call, 'response') as [IncomingMessage]
  t.equal(answer.statusCode, 200)
  answer.resume()
})

testBothWays('a CRM that answers before the body has come is heard, and the rest is drained for a bounded time', async t => {
  const clock = createMovableClock()
  const upstream = await startUpstream({ readBodies: false })
  const app = await setUpBefore(t, upstream, { deps: { clock } })
  upstream.answer((_request, response) => { response.writeHead(403).end('not you') })
  const client = await openRaw(app)
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nfirst part')
  t.match(await client.until(/not you/), /^HTTP\/1\.1 403 /)
  client.socket.write(Buffer.alloc(500_000))
  t.notOk(client.socket.destroyed, 'still taken and thrown away')
  await clock.advance(5000)
  await client.ended()
  t.equal(app.failures.length, 0)
})

testBothWays('when the rest comes in time the connection is used again', async t => {
  const upstream = await startUpstream({ readBodies: false })
  const app = await setUpBefore(t, upstream)
  upstream.answer((_request, response) => { response.writeHead(403).end('not you') })
  const client = await openRaw(app)
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nfirst part')
  await client.until(/not you/)
  client.socket.write('secondpart')
  client.socket.write('GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  t.match(await client.ended(), /not you[^]*HTTP\/1\.1 403 [^]*not you/)
  t.same(upstream.received.map(({ target }) => target), ['/', '/next'])
})

testBothWays('a client that hangs up in the middle of its body ends the CRM\'s call', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nfirst part')
  await eventually(() => upstream.received.length === 1)
  client.reset()
  await t.rejects(upstream.received[0]?.body as Promise<Buffer>)
  t.equal(app.failures.length, 0)
})

testBothWays('bodies without a length pass over HTTP/2, whatever their type', async t => {
  const { app, upstream } = await setUp(t)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const body = Buffer.alloc(300_000, 'y')
  for (const type of ['text/plain', undefined]) {
    const answer = await askHttp2(session, { method: 'PUT', body, headers: type === undefined ? {} : { 'content-type': type } })
    t.equal(answer.status, 200)
  }
  for (const { body: got, headers } of upstream.received) {
    t.ok((await got).equals(body))
    t.equal(headers['transfer-encoding'], 'chunked')
  }
})
