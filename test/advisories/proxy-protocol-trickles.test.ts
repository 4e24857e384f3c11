// A peer that sends its PROXY header slowly, or never, must not hold a connection for ever: nothing of TLS or HTTP has begun that would time it out.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { acceptProxyProtocol } from '../../src/inbound/client-ip/client-ip.ts'
import { createMovableClock } from '../support/clock.ts'

const header = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007109c0a80102d43101bb', 'hex')

async function pair (test: Test): Promise<{ client: Socket, peer: Socket }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  client.setNoDelay(true)
  const [[peer]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  server.close()
  test.teardown(() => { client.destroy(); peer.destroy() })
  return { client, peer }
}

async function sendAndArrive (client: Socket, peer: Socket, bytes: Buffer): Promise<void> {
  const before = peer.bytesRead
  client.write(bytes)
  while (peer.bytesRead < before + bytes.length) await turn()
  await turn()
}

t.test('a byte at a time is one header, when it is done in time', async t => {
  const { client, peer } = await pair(t)
  const clock = createMovableClock()
  const accepted = acceptProxyProtocol(peer, { clock, timeoutMs: 1000 })
  for (const byte of header) {
    await sendAndArrive(client, peer, Buffer.from([byte]))
    await clock.advance(30)
  }
  t.same(await accepted, { source: '203.0.113.9' })
  await clock.advance(10_000)
  t.notOk(peer.destroyed, 'the limit is the header\'s, not the connection\'s')
})

for (const sent of [0, 1, 15, 16, 17, header.length - 1]) {
  t.test(`${sent} bytes, and then nothing: refused at the limit, not before`, async t => {
    const { client, peer } = await pair(t)
    const clock = createMovableClock()
    let outcome: unknown = 'waiting'
    const accepted = acceptProxyProtocol(peer, { clock, timeoutMs: 1000 }).then(() => { outcome = 'accepted' }, (error: unknown) => { outcome = error })
    await sendAndArrive(client, peer, header.subarray(0, sent))
    await clock.advance(999)
    t.equal(outcome, 'waiting')
    t.notOk(peer.destroyed)
    await clock.advance(1)
    await accepted
    t.match(outcome, { name: 'Denial', code: 'clientIp.proxyHeader' })
    t.ok(peer.destroyed)
    if (!client.closed) await once(client, 'close')
  })
}

t.test('bytes that go on coming do not move the limit', async t => {
  const { client, peer } = await pair(t)
  const clock = createMovableClock()
  const accepted = acceptProxyProtocol(peer, { clock, timeoutMs: 1000 }).then(() => 'accepted', (error: { code: string }) => error.code)
  for (let at = 0; at < 10; at++) {
    await sendAndArrive(client, peer, header.subarray(at, at + 1))
    await clock.advance(100)
  }
  t.equal(await accepted, 'clientIp.proxyHeader')
})
