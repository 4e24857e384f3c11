// An upgrade followed by a reset while an asynchronous step was pending ended the process. At every moment both sides may go, the observer is
// told once, and nothing stays open.
import t from 'tap'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { startRawUpstream } from '../support/upstream.ts'
import { eventually, handshake, openRaw } from '../inbound/forward/clients.ts'
import { setUp, setUpBefore } from '../inbound/forward/forward-app.ts'

t.test('the client resets before, while and after the CRM is asked', async t => {
  const { app, upstream } = await setUp(t)
  const held: Duplex[] = []
  upstream.onUpgrade((_request, socket) => { held.push(socket) })
  const clients = await Promise.all(Array.from({ length: 12 }, () => openRaw(app)))
  for (const [index, client] of clients.entries()) {
    client.socket.write(handshake())
    if (index % 3 === 0) client.reset()
    else if (index % 3 === 1) setImmediate(() => { client.reset() })
  }
  const waiting = clients.filter((_client, index) => index % 3 === 2)
  await eventually(() => held.length >= waiting.length && app.relays.length >= waiting.length)
  for (const client of waiting) client.reset()
  await eventually(() => app.relays.every(relay => relay.finished.length === 1) && upstream.openConnections() === 0)
  t.ok(app.relays.every(({ finished, answered }) => finished.length === 1 && finished[0]?.failure === undefined && answered.length === 0))
})

t.test('the client ends its side politely while pending', async t => {
  const { app, upstream } = await setUp(t)
  upstream.onUpgrade(() => { /* never answered */ })
  const client = await openRaw(app)
  client.socket.write(handshake())
  await eventually(() => upstream.received.length === 1)
  client.socket.end()
  await client.ended()
  await eventually(() => upstream.openConnections() === 0)
  t.equal(app.relays[0]?.finished.length, 1)
})

t.test('the CRM resets instead of answering', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { (socket as Socket).resetAndDestroy() }))
  const client = await openRaw(app)
  client.socket.write(handshake())
  t.match(await client.ended(), /^HTTP\/1\.1 502 [^]*"code":"forward\.badAnswer"/)
  t.match(app.relays[0]?.finished, [{ failure: { code: 'forward.badAnswer', source: 'upstream' } }])
})

t.test('either side resets while the connection is open', async t => {
  for (const who of ['client', 'upstream'] as const) {
    const { app, upstream } = await setUp(t)
    let far: { terminate(): void } | undefined
    upstream.onSocket((socket, request) => { far = { terminate: () => { request.socket.resetAndDestroy() } }; socket.on('error', () => { /* reset */ }) })
    const client = await openRaw(app)
    client.socket.write(handshake())
    await client.until(/\r\n\r\n/)
    await eventually(() => far !== undefined)
    if (who === 'client') client.reset()
    else far?.terminate()
    await client.ended()
    await eventually(() => app.relays[0]?.finished.length === 1 && upstream.openConnections() === 0)
    t.same(app.relays[0]?.answered, [101])
    t.equal((app.relays[0]?.finished[0]?.failure as { code?: string } | undefined)?.code, who === 'client' ? undefined : 'forward.answerCut')
  }
})
