// An answer that becomes another on its way: whole, at the speed of the slower side, and broken off as the CRM broke it off.
import { randomBytes } from 'node:crypto'
import { Transform } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { codingSteps } from '../../../src/inbound/idle/insert-script.ts'
import { startRawUpstream } from '../../support/upstream.ts'
import { testBothWays } from './both-ways.ts'
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
