import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { acceptProxyProtocol } from '../../../src/inbound/client-ip/client-ip.ts'
import { Denial } from '../../../src/shared/errors.ts'
import { createMovableClock } from '../../support/clock.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const header = (start: readonly number[], rest: Buffer) => Buffer.concat([signature, Buffer.from([...start, rest.length >> 8, rest.length & 255]), rest])
const addresses = Buffer.from([203, 0, 113, 9, 127, 0, 0, 1, 0xd4, 0x31, 0x01, 0xbb])
const whole = header([0x21, 0x11], Buffer.concat([addresses, Buffer.from([1, 0, 2, 0x68, 0x32])]))

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await turn()
}

/** Both ends of a real connection. */
async function pair (t: Test): Promise<{ client: Socket, peer: Socket }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  client.setNoDelay(true)
  const [[peer]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  server.close()
  t.teardown(() => { client.destroy(); peer.destroy() })
  return { client, peer }
}

/** Sends a piece, and returns when the other end has it all, so that the next piece is read by itself. */
async function sendAndArrive (client: Socket, peer: Socket, bytes: Buffer): Promise<void> {
  const before = peer.bytesRead
  client.write(bytes)
  await until(() => peer.bytesRead === before + bytes.length)
  await turn()
}

async function readAll (peer: Socket): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of peer) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

async function refused (t: Test, promise: Promise<unknown>, peer: Socket, name: string): Promise<void> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason)
  t.ok(error instanceof Denial, name)
  t.match(error, { code: 'clientIp.proxyHeader', reason: { status: 400 } }, name)
  t.ok(peer.destroyed, `${name}: destroyed`)
}

t.test('cut in two anywhere: the source is read, and what follows is left for the next reader', async t => {
  for (let at = 1; at <= whole.length + 2; at++) {
    const { client, peer } = await pair(t)
    const accepted = acceptProxyProtocol(peer, { clock: createMovableClock(), timeoutMs: 1000 })
    const bytes = Buffer.concat([whole, Buffer.from('after')])
    await sendAndArrive(client, peer, bytes.subarray(0, at))
    client.end(bytes.subarray(at))
    t.same(await accepted, { source: '203.0.113.9' }, `after ${at} bytes`)
    t.equal(await readAll(peer), 'after')
  }
})

t.test('nothing is read past the header, and the socket does not flow', async t => {
  const { client, peer } = await pair(t)
  const accepted = acceptProxyProtocol(peer, { clock: createMovableClock(), timeoutMs: 1000 })
  client.write(Buffer.concat([whole, whole, Buffer.from('x')]))
  await accepted
  t.not(peer.readableFlowing, true)
  for (const event of ['readable', 'end', 'close']) t.notOk(peer.listeners(event).some(listener => ['read', 'refuse'].includes(listener.name)), `${event}: no listener of ours is left`)
  t.same(await acceptProxyProtocol(peer, { clock: createMovableClock(), timeoutMs: 1000 }), { source: '203.0.113.9' }, 'a second header is the next reader\'s')
  t.equal(String(peer.read()), 'x')
})

t.test('a health check names nobody, with a rest or without', async t => {
  for (const own of [header([0x20, 0], Buffer.alloc(0)), header([0x20, 0x11], addresses)]) {
    const { client, peer } = await pair(t)
    const accepted = acceptProxyProtocol(peer, { clock: createMovableClock(), timeoutMs: 1000 })
    client.end(Buffer.concat([own, Buffer.from('after')]))
    t.same(await accepted, { source: undefined })
    t.equal(await readAll(peer), 'after')
  }
})

t.test('what is no version 2 header is refused as soon as its beginning is there', async t => {
  const cases: ReadonlyArray<readonly [string, Buffer]> = [
    ['version 1', Buffer.from('PROXY TCP4 203.0.113.9 127.0.0.1 54321 443\r\n')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: crm.clinic.test\r\n\r\n')],
    ['TLS', Buffer.from('1603010200010001fc0303000000000000000000', 'hex')],
    ['a datagram', header([0x21, 0x12], addresses)],
    ['a Unix socket', header([0x21, 0x31], Buffer.alloc(216))],
    ['an unspecified family', header([0x21, 0x00], Buffer.alloc(0))],
    ['another command', header([0x22, 0x11], addresses)],
    ['too large, of which only the beginning comes', header([0x21, 0x11], Buffer.alloc(4097)).subarray(0, 16)],
    ['no addresses', header([0x21, 0x11], Buffer.alloc(0))],
    ['a broken attribute', header([0x21, 0x11], Buffer.concat([addresses, Buffer.from([4, 0, 9])]))],
    ['a wrong checksum', header([0x21, 0x11], Buffer.concat([addresses, Buffer.from([3, 0, 4, 0, 0, 0, 0])]))],
  ]
  for (const [name, bytes] of cases) {
    const { client, peer } = await pair(t)
    const accepted = acceptProxyProtocol(peer, { clock: createMovableClock(), timeoutMs: 1000 })
    client.write(bytes)
    await refused(t, accepted, peer, name)
  }
})

t.test('a header that ends early is refused, wherever it ends', async t => {
  for (let length = 0; length < whole.length; length++) {
    const { client, peer } = await pair(t)
    const accepted = acceptProxyProtocol(peer, { clock: createMovableClock(), timeoutMs: 1000 })
    client.end(whole.subarray(0, length))
    await refused(t, accepted, peer, `${length} bytes`)
  }
})

t.test('a reset in the middle, and a socket that is gone already, are refused and not thrown elsewhere', async t => {
  const one = await pair(t)
  const accepted = acceptProxyProtocol(one.peer, { clock: createMovableClock(), timeoutMs: 1000 })
  await sendAndArrive(one.client, one.peer, whole.subarray(0, 20))
  one.client.resetAndDestroy()
  await refused(t, accepted, one.peer, 'reset')
  const other = await pair(t)
  other.peer.destroy()
  await refused(t, acceptProxyProtocol(other.peer, { clock: createMovableClock(), timeoutMs: 1000 }), other.peer, 'gone')
})
