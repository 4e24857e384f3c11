// Matching ::ffff:10.0.0.1 against an IPv4 range throws in ipaddr.js, and a reader that unwraps 64:ff9b:: or 2002: believes what the sender embedded.
// Here a mapped address is its IPv4 address; everything else that embeds one stays IPv6.
import t from 'tap'
import { parseAddress } from '../../src/inbound/client-ip/address.ts'
import { createClientIpRoom, explainAddressRange } from '../../src/inbound/client-ip/client-ip.ts'
import type { ClientIpConfig } from '../../src/inbound/client-ip/config.ts'

const section: ClientIpConfig = { allow: ['10.0.0.0/8'], anyAddress: false, trustedProxies: [], proxyProtocolFrom: [], refuse: 'page', restrict: [] }
const room = createClientIpRoom({ ...section, trustedProxies: ['192.0.2.1'], proxyProtocolFrom: ['192.0.2.2'] })
const mapped = ['::ffff:10.0.0.1', '::FFFF:10.0.0.1', '::ffff:a00:1', '0:0:0:0:0:ffff:10.0.0.1', '0000:0000:0000:0000:0000:ffff:0a00:0001', '0::ffff:0a00:1']

t.test('an IPv4-mapped address is the IPv4 address, on the socket, in the header and as a source', async t => {
  for (const text of mapped) {
    t.match(parseAddress(text), { family: 4, value: 0x0a000001n, text: '10.0.0.1' }, text)
    t.same(room.require({ remoteAddress: text }, {}), { address: '10.0.0.1', peer: '10.0.0.1' })
    t.same(room.require({ remoteAddress: '::ffff:192.0.2.1' }, { 'x-forwarded-for': text }), { address: '10.0.0.1', peer: '192.0.2.1' })
    t.same(room.require({ remoteAddress: '::ffff:192.0.2.2', proxiedSource: text }, {}), { address: '10.0.0.1', peer: '192.0.2.2' })
    t.ok(room.mayConnect(text))
  }
  t.ok(room.isProxyProtocolPeer('::ffff:192.0.2.2'))
})

t.test('a mapped address outside the ranges is refused, and nothing throws anything but the refusal', async t => {
  for (const text of ['::ffff:11.0.0.1', '::ffff:b00:1']) t.throws(() => room.require({ remoteAddress: text }, {}), { code: 'clientIp.notAllowed' }, text)
})

t.test('addresses that embed an IPv4 address stay IPv6', async t => {
  for (const text of [
    '64:ff9b::10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:a00:1::', '2002:a00:1::1', '::10.0.0.1', '::a00:1', '::ffff:0:10.0.0.1', '::ffff:0:a00:1', '2001:0:a00:1::', '2001::f5ff:fffe', 'fe80::5efe:a00:1',
  ]) {
    t.equal(parseAddress(text)?.family, 6, text)
    t.throws(() => room.require({ remoteAddress: text }, {}), { code: 'clientIp.notAllowed' }, text)
  }
  t.equal(parseAddress('::10.0.0.1')?.value, 0x0a000001n, 'the IPv4-compatible form is not the mapped one')
})

t.test('IPv6 ranges hold no IPv4 address, however wide', async t => {
  const wide = createClientIpRoom({ ...section, allow: ['::/0'], anyAddress: true })
  for (const text of ['10.0.0.1', '::ffff:10.0.0.1']) t.throws(() => wide.require({ remoteAddress: text }, {}), { code: 'clientIp.notAllowed' }, text)
  t.equal(wide.require({ remoteAddress: '::a00:1' }, {}).address, '::a00:1')
})

t.test('a range is written as what it is', async t => {
  for (const text of ['::ffff:10.0.0.0/104', '::ffff:10.0.0.1', '::ffff:a00:0/128', '::ffff:0:0/96']) t.match(explainAddressRange(text), /write an IPv4-mapped address as IPv4/, text)
})
