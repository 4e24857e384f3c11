// An answer that becomes another on its way: whole, at the speed of the slower side, and broken off as the CRM broke it off.
import { randomBytes } from 'node:crypto'
import { Transform } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { codingSteps } from '../../../src/inbound/idle/insert-script.ts'
import { startRawUpstream } from '../../support/upstream.ts'
import { currentWay, testBothWays } from './both-ways.ts'
import { ask, askHttp2, openHttp2 } from './clients.ts'
import { setUp, setUpBefore } from './forward-app.ts'

const upper = () => new Transform({ transform (chunk: Buffer, _encoding, done) { done(null, chunk.toString('latin1').toUpperCase()) } })

testBothWays('fields and content are changed, over HTTP/1.1 and HTTP/2; an answer that is not to be changed passes as it is', async t => {
  const { app, upstream } = await setUp(t, { context: { change: ({ headers }) => headers['x-keep'] === undefined ? { fields: { 'content-length': undefined, 'x-added': ['a', 'b'] }, steps: () => [upper()] } : undefined } })
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const big = 'abc'.repeat(500_000)
  upstream.answer((_request, response) => { response.writeHead(200, { 'content-length': big.length, 'x-own': '1' }).end(big) })
  for (const answer of [await ask(app), await askHttp2(session)]) {
    t.ok(answer.body.toString() === big.toUpperCase(), `${answer.body.length} bytes`)
    t.equal(answer.headers['content-length'], undefined)
    t.equal(answer.headers['x-added'], 'a, b')
    t.equal(answer.headers['x-own'], '1')
  }
  upstream.answer((_request, response) => { response.writeHead(200, { 'x-keep': '1', 'content-length': 3 }).end('abc') })
  t.match(await ask(app), { headers: { 'content-length': '3' }, body: Buffer.from('abc') })
})

testBothWays('an empty answer, and one to HEAD', async t => {
  const { app, upstream } = await setUp(t, { context: { change: () => ({ fields: { 'content-length': undefined }, steps: () => [upper()] }) } })
  upstream.answer((_request, response) => { response.writeHead(200, { 'content-length': 0 }).end() })
  t.equal((await ask(app)).body.toString(), '')
})

for (const [name, bytes] of [
  ['broken off in the middle', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc'],
  ['coded otherwise than it says', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nnot packed'],
] as const) {
  testBothWays(`${name}: the client never takes it for the whole`, async t => {
    const steps = () => name === 'broken off in the middle' ? [upper()] : [...codingSteps('gzip').open]
    const app = await setUpBefore(t, await startRawUpstream(socket => { socket.write(bytes); setTimeout(() => { socket.destroy() }, 50) }), { context: { change: () => ({ fields: { 'content-length': undefined }, steps }) } })
    const answer = await ask(app).catch((error: unknown) => error)
    t.ok(answer instanceof Error || (answer as { status: number }).status >= 500, String(answer))
  })
}

testBothWays('a client that goes ends the CRM\'s answer too', async t => {
  const { app, upstream } = await setUp(t, { context: { change: () => ({ fields: {}, steps: () => [upper()] }) } })
  const gone = Promise.withResolvers<void>()
  upstream.answer((_request, response) => {
    response.writeHead(200).write(gzipSync('x'))
    response.on('close', () => { gone.resolve() })
  })
  const session = openHttp2(app)
  const stream = session.request({ ':path': '/', ':authority': new URL(app.publicUrl).host })
  await new Promise(resolve => { stream.on('response', resolve) })
  stream.destroy()
  session.close()
  await gone.promise
  t.pass('the CRM was told')
})

testBothWays('content that is changed piece by piece, with what is added at the end, and trailers', async t => {
  let pieces = 0
  const context = {
    change: () => ({ fields: {}, pieces: { push: (chunk: Buffer) => { pieces += 1; return [Buffer.from('<'), chunk] }, end: () => [Buffer.from('>')] } }),
  }
  const { app, upstream } = await setUp(t, { context })
  const big = Buffer.alloc(3_000_000, 'x')
  upstream.answer((_request, response) => {
    response.writeHead(200, { trailer: 'x-sum' })
    response.write(big)
    response.addTrailers({ 'x-sum': '7' })
    response.end()
  })
  const { body } = await ask(app)
  t.equal(body.toString().replaceAll('<', '').length, big.length + 1)
  t.ok(pieces > 1 && body.toString().startsWith('<x') && body.toString().endsWith('x>'))
  upstream.answer((_request, response) => { response.writeHead(200).end() })
  t.equal((await ask(app)).body.toString(), '>')
})

testBothWays('a slow client holds the CRM back, through packed steps too', async t => {
  const { app, upstream } = await setUp(t, { context: { change: () => ({ fields: { 'content-length': undefined }, steps: () => [...codingSteps('gzip').open, upper(), ...codingSteps('gzip').close] }) } })
  const content = randomBytes(6_000_000)
  upstream.answer((_request, response) => { response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(content.toString('hex'))) })
  const { body } = await ask(app)
  t.ok(gunzipSync(body).equals(Buffer.from(content.toString('hex').toUpperCase())))
})

/** Gives up with the second piece. */
const givingUp = () => {
  let held = Buffer.alloc(0)
  const take = (chunk: Buffer) => { held = Buffer.concat([held, chunk]); return held.length > 4 ? undefined : [] }
  return { push: take, end: () => undefined, get held () { return held } }
}

testBothWays('what cannot be changed piece by piece goes through streams, whole', async t => {
  let made = 0
  const { app, upstream } = await setUp(t, { context: { change: () => ({ fields: { 'content-length': undefined }, pieces: givingUp(), steps: () => { made += 1; return [upper()] } }) } })
  for (const content of ['abc', 'abcdefghij'.repeat(200_000), '']) {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.slice(0, 2))
      setImmediate(() => { response.end(content.slice(2)) })
    })
    t.ok((await ask(app)).body.toString() === content.toUpperCase(), `${content.length} bytes`)
  }
  t.equal(made, 3)
})

testBothWays('what breaks in these streams is never taken for the whole', async t => {
  const { app, upstream } = await setUp(t, {
    context: { change: () => ({ fields: { 'content-length': undefined }, pieces: givingUp(), steps: () => codingSteps('gzip').open }) },
  })
  upstream.answer((_request, response) => { response.writeHead(200).end('not packed at all') })
  const answer = await ask(app).catch((error: unknown) => error)
  t.ok(answer instanceof Error || (answer as { status: number }).status >= 500, String(answer))
})

const growing = (growth: number | undefined) => ({ fields: { 'content-length': undefined }, pieces: { growth, push: (chunk: Buffer) => [Buffer.from('<>'), chunk], end: () => [] } })

testBothWays('an answer that grows by a known length says on the short way how long it is', async t => {
  const expected = currentWay() === 'short' ? '5' : undefined
  let growth: number | undefined = 2
  const { app, upstream } = await setUp(t, { context: { change: () => growing(growth) } })
  upstream.answer((_request, response) => { response.writeHead(200, { 'content-length': 3 }).end('abc') })
  const { headers, body } = await ask(app)
  t.same([headers['content-length'], body.toString()], [expected, '<>abc'])
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  t.same((await askHttp2(session)).headers['content-length'], expected)
  growth = undefined
  t.same((await ask(app)).headers['content-length'], undefined)
  growth = 2
  upstream.answer((_request, response) => { response.writeHead(200).end('abc') })
  t.same((await ask(app)).headers['content-length'], undefined, 'the CRM did not say it')
})

testBothWays('a head that waits for its content: it breaks off, or there is none', async t => {
  const bytes = { value: '' }
  const upstream = await startRawUpstream(socket => { socket.write(bytes.value); setTimeout(() => { socket.destroy() }, 50) })
  let growth = 0
  const app = await setUpBefore(t, upstream, { context: { change: () => growing(growth) } })
  bytes.value = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
  t.match(await ask(app), { status: 200, body: Buffer.alloc(0) })
  growth = 2
  bytes.value = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'
  const cut = await ask(app).catch((error: unknown) => error)
  t.ok(cut instanceof Error || (cut as { status: number }).status >= 500, String(cut))
})
