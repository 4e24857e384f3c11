// A relayed WebSocket kept flowing after its session was revoked. Closing it cuts the traffic at once, tells both ends where a frame ends, and
// both sockets are gone within half a second.
import t from 'tap'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import WebSocket from 'ws'
import { createMovableClock } from '../support/clock.ts'
import { eventually, handshake, openRaw, openWebSocket } from '../inbound/forward/clients.ts'
import { setUp, type ForwardApp } from '../inbound/forward/forward-app.ts'

const onlyRelay = (app: ForwardApp) => app.relays[0] ?? (() => { throw new Error('no relay') })()

t.test('both ends get a Close frame with 4401 and the reason', async t => {
  const { app, upstream } = await setUp(t)
  const far: WebSocket[] = []
  upstream.onSocket(socket => { far.push(socket) })
  const client = openWebSocket(app)
  await once(client, 'open')
  await eventually(() => far.length === 1)
  const farClosed = once(far[0] as WebSocket, 'close')
  const closed = once(client, 'close')
  onlyRelay(app).close('session ended: idle')
  const [code, reason] = await closed
  t.equal(code, 4401)
  t.equal(String(reason), 'session ended: idle')
  const [farCode, farReason] = await farClosed
  t.equal(farCode, 4401)
  t.equal(String(farReason), 'session ended: idle')
  await eventually(() => onlyRelay(app).finished.length === 1 && upstream.openConnections() === 0)
})

t.test('while the CRM floods, the frame under way ends whole and nothing follows but the Close', async t => {
  const { app, upstream } = await setUp(t)
  const message = Buffer.alloc(200_000, 7)
  upstream.onSocket(socket => {
    const send = () => { if (socket.readyState === WebSocket.OPEN) socket.send(message, () => { setImmediate(send) }) }
    send()
  })
  const client = openWebSocket(app)
  let whole = 0
  const enough = new Promise<void>(resolve => {
    client.on('message', data => {
      t.equal((data as Buffer).length, message.length)
      whole += 1
      if (whole === 5) resolve()
    })
  })
  await enough
  const closed = once(client, 'close')
  onlyRelay(app).close('revoked')
  const [code] = await closed
  t.equal(code, 4401, 'not 1006: the stream of frames stayed whole')
  await eventually(() => onlyRelay(app).finished.length === 1)
})

t.test('a CRM that stops in the middle of a frame is waited for 500 ms and no longer', async t => {
  const clock = createMovableClock()
  const { app, upstream } = await setUp(t, { deps: { clock } })
  let far: Duplex | undefined
  upstream.onUpgrade((request, socket) => {
    far = socket
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${handshake.acceptOf(String(request.headers['sec-websocket-key']))}\r\n\r\n`)
    socket.write(Buffer.from([0x82, 10, 1, 2, 3])) // ten bytes announced, three sent
  })
  const client = await openRaw(app)
  client.socket.write(handshake())
  await client.until(/\r\n\r\n.{5}$/s)
  onlyRelay(app).close('revoked')
  await clock.advance(499)
  t.notOk(client.socket.destroyed)
  t.equal(onlyRelay(app).finished.length, 0)
  await clock.advance(1)
  await client.ended()
  await eventually(() => far?.destroyed === true && onlyRelay(app).finished.length === 1)
  t.match(onlyRelay(app).finished, [{ bytesOut: 5 }])
})

t.test('what the client sends after the closing never reaches the CRM', async t => {
  const { app, upstream } = await setUp(t)
  const got: string[] = []
  upstream.onSocket(socket => { socket.on('message', data => { got.push(String(data)) }) })
  const client = openWebSocket(app)
  await once(client, 'open')
  client.send('before')
  await eventually(() => got.length === 1)
  onlyRelay(app).close('revoked')
  client.send('after')
  await once(client, 'close')
  await eventually(() => onlyRelay(app).finished.length === 1 && upstream.openConnections() === 0)
  t.same(got, ['before'])
})

t.test('a client that does not read is cut all the same', async t => {
  const clock = createMovableClock()
  const { app, upstream } = await setUp(t, { deps: { clock } })
  upstream.onSocket(socket => { socket.send(Buffer.alloc(32 * 1024 * 1024)) })
  const client = openWebSocket(app)
  await once(client, 'open')
  client.pause()
  onlyRelay(app).close('revoked')
  await clock.advance(500)
  await eventually(() => onlyRelay(app).finished.length === 1 && upstream.openConnections() === 0)
  t.same(onlyRelay(app).answered, [101])
  client.terminate()
})

t.test('one that is closed before the CRM agreed is cut, and the CRM\'s call with it', async t => {
  const { app, upstream } = await setUp(t)
  upstream.onUpgrade(() => { /* never answered */ })
  const client = await openRaw(app)
  client.socket.write(handshake())
  await eventually(() => upstream.received.length === 1)
  onlyRelay(app).close('revoked')
  t.equal(await client.ended(), '')
  await eventually(() => upstream.openConnections() === 0 && onlyRelay(app).finished.length === 1)
  t.match(onlyRelay(app), { answered: [], finished: [{ bytesIn: 0, bytesOut: 0, failure: undefined }] })
})
