// One unauthenticated packet with a request pipelined around an upgrade ended the process of @fastify/http-proxy. Bytes that come before the
// CRM agreed could be a request that nobody judged: they are refused, and the CRM never sees them.
import t from 'tap'
import { eventually, handshake, openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'

const second = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'

t.test('a request pipelined behind an upgrade is refused', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write(`${handshake()}${second}`)
  t.match(await client.ended(), /^HTTP\/1\.1 400 Bad Request\r\n[^]*"code":"forward\.earlyBytes"/)
  t.match(app.relays[0]?.finished, [{ failure: { code: 'forward.earlyBytes', source: 'client' }, bytesIn: 0, bytesOut: 0 }])
  t.equal(app.relays[0]?.answered.length, 0)
  t.equal(upstream.received.length, 0)
})

t.test('so is one that comes while the CRM is still thinking', async t => {
  const { app, upstream } = await setUp(t)
  const held: { destroyed: boolean }[] = []
  upstream.onUpgrade((_request, socket) => { held.push(socket) })
  const client = await openRaw(app)
  client.socket.write(handshake())
  await eventually(() => held.length === 1)
  client.socket.write(second)
  t.match(await client.ended(), /^HTTP\/1\.1 400 /)
  await eventually(() => held[0]?.destroyed === true)
  t.equal(upstream.received.length, 1, 'only the upgrade itself had arrived')
  t.equal(app.relays[0]?.finished.length, 1)
})

t.test('a GET pipelined before an upgrade is answered, and nothing breaks', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write(`GET /first HTTP/1.1\r\nHost: x\r\n\r\n${handshake()}`)
  const text = await client.until(/HTTP\/1\.1 (?:101|400)/)
  t.match(text, /^HTTP\/1\.1 /)
  client.socket.destroy()
  await eventually(() => app.relays.every(relay => relay.finished.length === 1))
  t.ok(upstream.received.every(({ target }) => target === '/first' || target === '/live'))
})
