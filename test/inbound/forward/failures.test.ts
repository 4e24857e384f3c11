// What goes wrong between us and the CRM, each with its own code, and an answer that broke off is never taken for a whole one.
import t from 'tap'
import { once } from 'node:events'
import { constants } from 'node:http2'
import type { ServerResponse } from 'node:http'
import { createMovableClock } from '../../support/clock.ts'
import { startRawUpstream, startUpstream } from '../../support/upstream.ts'
import { ask, askHttp2, eventually, openHttp2, openRaw } from './clients.ts'
import { setUp, setUpBefore } from './forward-app.ts'
import { testBothWays } from './both-ways.ts'

testBothWays('nobody listens: 502', async t => {
  const upstream = await startUpstream()
  const app = await setUpBefore(t, { url: upstream.url, close: async () => { /* closed below */ } })
  await upstream.close()
  const answer = await ask(app)
  t.equal(answer.status, 502)
  t.equal(answer.body.toString(), '{"code":"forward.unreachable"}')
  t.match(app.failures, [{ name: 'Failure', code: 'forward.unreachable', source: 'upstream' }])
})

testBothWays('no free connection within connectTimeout: 504, and the waiting request is never sent', async t => {
  const clock = createMovableClock()
  const { app, upstream } = await setUp(t, { config: { maxConnections: 1 }, deps: { clock } })
  let held: ServerResponse | undefined
  upstream.answer((_request, response) => { held = response })
  const first = ask(app, { path: '/first' })
  await eventually(() => held !== undefined)
  const second = ask(app, { path: '/second' })
  let isOver = false
  void second.then(() => { isOver = true })
  await eventuallyAdvance(clock, () => isOver)
  t.equal((await second).status, 504)
  t.match(app.failures, [{ code: 'forward.connectTimeout' }])
  held?.end('first')
  t.equal((await first).body.toString(), 'first')
  upstream.answer((_request, response) => { response.end('third') })
  t.equal((await ask(app, { path: '/third' })).body.toString(), 'third')
  t.same(upstream.received.map(({ target }) => target), ['/first', '/third'])
})

/** Moves the clock until the condition holds: the request has to cross real sockets before its timer exists. */
async function eventuallyAdvance (clock: ReturnType<typeof createMovableClock>, isTrue: () => boolean): Promise<void> {
  for (let round = 0; round < 2000 && !isTrue(); round++) await clock.advance(100)
}

testBothWays('no answer within answerTimeout: 504, and the CRM\'s call is cut', async t => {
  const { app, upstream } = await setUp(t, { config: { answerTimeout: '100ms' } })
  upstream.answer(() => { /* never */ })
  t.equal((await ask(app)).status, 504)
  t.match(app.failures, [{ code: 'forward.answerTimeout', source: 'upstream' }])
  await eventually(() => upstream.received[0]?.isCut === true)
})

const badAnswers = [
  ['not HTTP', 'SSH-2.0-x\r\n'],
  ['half a status line', 'HTTP/1.1 2'],
  ['half of the headers', 'HTTP/1.1 200 OK\r\nx-a: 1\r\n'],
  ['headers over 16 KiB', `HTTP/1.1 200 OK\r\nx-a: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a status out of range', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
  ['an upgrade that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ['length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a header name that is none', 'HTTP/1.1 200 OK\r\nx a: 1\r\ncontent-length: 0\r\n\r\n'],
  ['nothing', ''],
] as const

for (const [name, bytes] of badAnswers) {
  t.test(`an answer that cannot be used is 502: ${name}`, async t => {
    const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(bytes, 'latin1') }))
    t.equal((await ask(app)).status, 502)
    t.match(app.failures, [{ code: 'forward.badAnswer', source: 'upstream' }])
  })
}

const brokenOff = [
  ['too short for its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello'],
  ['without its last chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ['with a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'],
] as const

for (const [name, bytes] of brokenOff) {
  t.test(`an answer that breaks off cuts the client: ${name}`, async t => {
    const app = await setUpBefore(t, await startRawUpstream(socket => {
      socket.write(bytes)
      void eventually(() => clientGot).then(() => { socket.destroy() })
    }))
    let clientGot = false
    const client = await openRaw(app)
    client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    if (!bytes.includes('zz')) await client.until(/hello/)
    clientGot = true
    const text = await client.ended()
    t.notMatch(text, /\r\n0\r\n\r\n$/, 'no proper end')
    await eventually(() => app.brokenAnswers.length + app.failures.length === 1)
    t.match([...app.brokenAnswers, ...app.failures], [{ code: 'forward.answerCut', source: 'upstream' }])
  })

  t.test(`over HTTP/2 its stream is reset with an error: ${name}`, async t => {
    const app = await setUpBefore(t, await startRawUpstream(socket => {
      socket.write(bytes.replace('zz', ''))
      void eventually(() => clientGot).then(() => { socket.destroy() })
    }))
    let clientGot = false
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    const stream = session.request({ ':path': '/' })
    stream.on('error', () => { /* wanted */ })
    stream.once('data', () => { clientGot = true })
    await once(stream, 'close').catch(() => { /* the code tells */ })
    t.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR)
    t.match(app.brokenAnswers, [{ code: 'forward.answerCut' }])
  })
}

testBothWays('one that breaks off before anything was sent is 502, without the broken answer\'s headers', async t => {
  const upstream = await startRawUpstream(socket => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\ncontent-encoding: gzip\r\nset-cookie: a=1\r\nx-crm: 1\r\n\r\n')
  })
  const app = await setUpBefore(t, upstream, { beforeSend: () => eventually(() => app.brokenAnswers.length > 0) })
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  for (const over of [ask, (_app: typeof app) => askHttp2(session)]) {
    app.brokenAnswers.length = 0
    const answer = await over(app)
    t.equal(answer.status, 502)
    t.equal(answer.body.toString(), '{"code":"forward.answerCut"}')
    t.equal(answer.headers['content-encoding'], undefined)
    t.equal(answer.headers['set-cookie'], undefined)
    t.equal(answer.headers['x-crm'], undefined)
  }
})

testBothWays('the CRM\'s own errors pass as they are', async t => {
  const { app, upstream } = await setUp(t)
  for (const status of [400, 401, 403, 404, 418, 500, 502, 503, 504]) {
    upstream.answer((_request, response) => { response.writeHead(status, { 'content-type': 'text/x-own' }).end(String(status)) })
    const answer = await ask(app)
    t.equal(answer.status, status)
    t.equal(answer.headers['content-type'], 'text/x-own')
  }
  t.equal(app.failures.length, 0)
})

testBothWays('a client that hangs up before the answer ends the CRM\'s call, and no error is made of it', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer(() => { /* never */ })
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await eventually(() => upstream.received.length === 1)
  client.reset()
  await eventually(() => upstream.received.at(-1)?.isCut === true)
  t.equal(app.failures.length, 0)
})

testBothWays('one that hangs up in the middle of an endless answer too, over HTTP/1.1 and HTTP/2', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer((_request, response) => { response.write('first') })
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await client.until(/first/)
  client.reset()
  await eventually(() => upstream.received.at(-1)?.isCut === true)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const stream = session.request({ ':path': '/' })
  await once(stream, 'data')
  stream.close(constants.NGHTTP2_CANCEL)
  await eventually(() => upstream.received.at(-1)?.isCut === true)
  t.equal(app.failures.length + app.brokenAnswers.length, 0)
})
