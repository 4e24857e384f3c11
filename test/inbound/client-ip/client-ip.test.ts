import fc from 'fast-check'
import t from 'tap'
import { createClientIpRoom, explainClientIpConfig } from '../../../src/inbound/client-ip/client-ip.ts'
import type { ClientIpConfig } from '../../../src/inbound/client-ip/config.ts'
import { Denial } from '../../../src/shared/errors.ts'

const section = (change: Partial<ClientIpConfig> = {}): ClientIpConfig => ({
  allow: ['203.0.113.0/24', '2001:db8:1::/48'], anyAddress: false, trustedProxies: ['192.0.2.1'], proxyProtocolFrom: ['192.0.2.2'], refuse: 'page', restrict: [], ...change,
})
const room = createClientIpRoom(section())

t.test('only an address on the list comes in', async t => {
  t.same(room.require({ remoteAddress: '203.0.113.0' }, {}), { address: '203.0.113.0', peer: '203.0.113.0' })
  t.same(room.require({ remoteAddress: '2001:DB8:1:0::9' }, {}), { address: '2001:db8:1::9', peer: '2001:db8:1::9' })
  for (const remoteAddress of ['203.0.112.255', '203.0.114.0', '2001:db8:2::', '2001:db8:0:ffff::1', '127.0.0.1', '::1', '192.0.2.1', '192.0.2.2']) {
    t.throws(() => room.require({ remoteAddress }, {}), { name: 'Denial', code: 'clientIp.notAllowed', reason: { status: 403 } }, remoteAddress)
  }
  t.throws(() => room.require({ remoteAddress: '' }, {}), { code: 'clientIp.unreadable', reason: { status: 403 } })
})

t.test('being a proxy does not let the proxy itself in, and being let in makes nobody a proxy', async t => {
  t.throws(() => room.require({ remoteAddress: '192.0.2.1' }, {}), { code: 'clientIp.notAllowed' })
  t.same(room.require({ remoteAddress: '192.0.2.1' }, { 'x-forwarded-for': '203.0.113.7' }), { address: '203.0.113.7', peer: '192.0.2.1' })
  t.same(room.require({ remoteAddress: '203.0.113.8' }, { 'x-forwarded-for': '203.0.113.7' }), { address: '203.0.113.8', peer: '203.0.113.8' })
})

t.test('who may connect: those on the list and the balancers, nobody else', async t => {
  for (const address of ['203.0.113.255', '2001:db8:1::', '192.0.2.1', '192.0.2.2', '::ffff:192.0.2.2']) t.equal(room.mayConnect(address), true, address)
  for (const address of ['203.0.114.0', '2001:db8:2::', '192.0.2.0', '192.0.2.3', '127.0.0.1', '::ffff:127.0.0.1', 'unknown', '']) t.equal(room.mayConnect(address), false, address)
})

t.test('who must send a PROXY header: the peers listed for it, and no trusted proxy, and nobody on the list', async t => {
  for (const address of ['192.0.2.2', '::ffff:192.0.2.2', '::FFFF:c000:202']) t.equal(room.isProxyProtocolPeer(address), true, address)
  for (const address of ['192.0.2.1', '203.0.113.7', '192.0.2.3', '::192.0.2.2', '192.0.2.02', '']) t.equal(room.isProxyProtocolPeer(address), false, address)
})

t.test('for the record of a refusal: the client, else the peer, else unknown', async t => {
  t.same(room.resolve({ remoteAddress: '198.51.100.66' }, {}), { address: '198.51.100.66', peer: '198.51.100.66' }, 'not judged')
  t.same(room.resolve({ remoteAddress: '192.0.2.1' }, { 'x-forwarded-for': '198.51.100.66' }), { address: '198.51.100.66', peer: '192.0.2.1' })
  t.same(room.resolve({ remoteAddress: '192.0.2.1' }, { 'x-forwarded-for': 'x' }), { address: '192.0.2.1', peer: '192.0.2.1' })
  t.same(room.resolve({ remoteAddress: '192.0.2.2', proxiedSource: '203.0.113.7' }, {}), { address: '203.0.113.7', peer: '192.0.2.2' })
  t.same(room.resolve({ remoteAddress: '192.0.2.2', proxiedSource: 'x' }, {}), { address: '192.0.2.2', peer: '192.0.2.2' })
  t.same(room.resolve({ remoteAddress: '' }, { 'x-forwarded-for': '203.0.113.7' }), { address: 'unknown', peer: 'unknown' })
  t.same(room.resolve({ remoteAddress: 'x', proxiedSource: '203.0.113.7' }, {}), { address: 'unknown', peer: 'unknown' }, 'a source whose peer is not known is nobody\'s')
})

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), fc.constantFrom('192.0.2.1', '192.0.2.2', '203.0.113.7', '__proto__', 'constructor'))
const garbage = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.anything() })

t.test('property: resolve answers two texts and throws never; require denies or passes; the questions at accept answer', async () => {
  const plain = /^(?:unknown|[0-9.]+|[0-9a-f:.]+)$/
  const line = fc.oneof(garbage, fc.array(text, { maxLength: 5 }).map(parts => parts.join(', ')), fc.array(text, { maxLength: 3 }))
  let passed = 0
  fc.assert(fc.property(garbage, fc.option(garbage, { nil: undefined }), line, (remoteAddress, proxiedSource, forwarded) => {
    const peer = { remoteAddress, proxiedSource } as never
    const headers = { 'x-forwarded-for': forwarded } as never
    const { address, peer: seen } = room.resolve(peer, headers)
    if (!plain.test(address) || !plain.test(seen)) throw new Error(`${address} ${seen}`)
    if (typeof room.mayConnect(remoteAddress as never) !== 'boolean' || typeof room.isProxyProtocolPeer(remoteAddress as never) !== 'boolean') throw new Error('no answer')
    try {
      const client = room.require(peer, headers)
      if (client.address !== address || !/^(?:203\.0\.113\.|2001:db8:1:)/.test(client.address)) throw new Error('let in')
      passed += 1
    } catch (error) {
      if (!(error instanceof Denial)) throw error
    }
  }), { numRuns: 4000 })
  if (passed === 0) throw new Error('nothing ever passed')
})

t.test('an exception means no', async t => {
  const thrower = new Proxy({}, { get () { throw new Error('broken') } })
  t.same(room.resolve(thrower as never, {}), { address: 'unknown', peer: 'unknown' })
  t.throws(() => room.require(thrower as never, {}), { code: 'clientIp.unreadable' })
  t.throws(() => room.require({ remoteAddress: '192.0.2.1' }, thrower as never), { code: 'clientIp.unreadable' })
  for (const who of [thrower, null, { id: null, groups: null }]) {
    const restricted = createClientIpRoom(section({ restrict: [{ groups: ['x'], allow: ['203.0.113.7'] }] }))
    t.throws(() => restricted.requireFor({ address: '203.0.113.7', peer: '' }, who as never, { method: 'GET', foldedPath: '/' }), { code: 'clientIp.restricted' })
  }
})

t.test('every mistake is found at once, each at its place', async t => {
  const mistakes = explainClientIpConfig(section({
    allow: ['203.0.113.0/24', '203.0.113.1/24'],
    restrict: [
      { allow: ['203.0.113.7'] },
      { people: ['x'], allow: ['x', '203.0.113.7'] },
      { routes: ['GET /a', 'GET a', 'GET /a/../b'], allow: ['203.0.113.7'] },
    ],
  }))
  t.same(mistakes.map(mistake => mistake.path), ['allow.1', 'restrict.0', 'restrict.1.allow.0', 'restrict.2.routes.1', 'restrict.2.routes.2'])
  for (const { message } of mistakes) t.match(message, /\w+ \w+/)
  t.same(explainClientIpConfig(section()), [])
})
