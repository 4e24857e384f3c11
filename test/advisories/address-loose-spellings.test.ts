// Common readers take 010.0.0.1 for 8.0.0.1, and 10.1, 0x0a000001 and 167772161 for 10.0.0.1; two programs then mean two clients by one text.
// Here an address has one spelling, in the configuration, on the socket, in X-Forwarded-For and in a PROXY header's source.
import t from 'tap'
import { parseAddress } from '../../src/inbound/client-ip/address.ts'
import { createClientIpRoom, explainAddressRange, explainClientIpConfig } from '../../src/inbound/client-ip/client-ip.ts'

const loose = [
  '010.0.0.1', '10.0.0.01', '10.0.00.1', '10.1', '10.0.1', '10', '0x0a000001', '0x0a.0.0.1', '10.0.0.0x1', '167772161', '0012.0.0.1', '10.0.0.256', '10.0.0.-1', '10.0.0.+1', '1e1.0.0.1',
  '10.0.0.1.', '.10.0.0.1', '10..0.1', '10.0.0.1.1', ' 10.0.0.1', '10.0.0.1 ', '\t10.0.0.1', '10.0.0.1\n', '10.0.0.1\0', '10.0.0.1:80', '[10.0.0.1]', '１0.0.0.1', '10。0。0。1', '10,0,0,1',
  'fe80::1%eth0', 'fe80::1%0', '::ffff:10.0.0.1%1', '[2001:db8::1]', '2001:db8::1::', '2001:db8:::1', '2001:db8::g', '2001:db8::00001', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7', ':1:2:3:4:5:6:7:8',
  '::ffff:010.0.0.1', '::ffff:10.1', '::ffff:0x0a.0.0.1', '::10.0.0.256', '10.0.0.1::', '::ffff:10.0.0.1:1', ' ::1', '::1 ', '::1\n', '', ' ', ':', '::1/128', '*', 'localhost', 'unknown', '_hidden', '0'.repeat(5000), ':'.repeat(5000),
]

const room = createClientIpRoom({
  allow: ['0.0.0.0/0', '::/0'], anyAddress: true, trustedProxies: ['192.0.2.1'], proxyProtocolFrom: ['192.0.2.2'], refuse: 'page', restrict: [],
})

t.test('what is not the one spelling is no address', async t => {
  for (const text of loose) t.equal(parseAddress(text), undefined, JSON.stringify(text.slice(0, 40)))
})

t.test('… nor a range, with a length or without, and the configuration says where', async t => {
  const ranges = loose.filter(text => text !== '::1/128')
  for (const text of [...ranges, ...ranges.map(text => `${text}/8`)]) t.type(explainAddressRange(text), 'string', JSON.stringify(text.slice(0, 40)))
  for (const text of ['10.0.0.0/', '10.0.0.0/08', '10.0.0.0/+8', '10.0.0.0/8 ', '10.0.0.0/8.0', '10.0.0.0/255.0.0.0', '10.0.0.0 /8', '10.0.0.0//8', '10.0.0.0/8/8', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '::/1e1', '10.0.0.0-10.0.0.9', '10.0.0.*', '/8']) {
    t.type(explainAddressRange(text), 'string', text)
  }
  const mistakes = explainClientIpConfig({
    allow: ['192.0.2.0/24', '010.0.0.1'], anyAddress: false, trustedProxies: ['10.1'], proxyProtocolFrom: ['0x0a000001'], refuse: 'page', restrict: [{ people: ['x'], allow: ['167772161'] }],
  })
  t.same(mistakes.map(mistake => mistake.path), ['allow.1', 'trustedProxies.0', 'proxyProtocolFrom.0', 'restrict.0.allow.0'])
  t.match(mistakes[0]?.message, /without zeros before a number/)
})

t.test('… nor a client, from anywhere, although every address is allowed', async t => {
  for (const text of loose) {
    const name = JSON.stringify(text.slice(0, 40))
    t.throws(() => room.require({ remoteAddress: text }, {}), { code: 'clientIp.unreadable', reason: { status: 403 } }, `${name} on the socket`)
    t.throws(() => room.require({ remoteAddress: '192.0.2.2', proxiedSource: text }, {}), { code: 'clientIp.unreadable' }, `${name} as a source`)
    t.throws(() => room.requireFor({ address: text, peer: '192.0.2.1' }, { id: 'x', groups: [] }, { method: 'GET', foldedPath: '/' }), { code: 'clientIp.restricted' }, `${name} after sign-in`)
    t.notOk(room.mayConnect(text), `${name} may not connect`)
    t.notOk(room.isProxyProtocolPeer(text))
    if (/^[ \t]*[0-9A-Fa-f.:]+[ \t]*$/.test(text) && parseAddress(text.trim()) !== undefined) continue // blanks around an element are the list's, not the address's
    t.throws(() => room.require({ remoteAddress: '192.0.2.1' }, { 'x-forwarded-for': text }), { code: 'clientIp.unreadable' }, `${name} as the header`)
    t.throws(() => room.require({ remoteAddress: '192.0.2.1' }, { 'x-forwarded-for': `${text}, 203.0.113.7` }), { code: 'clientIp.unreadable' }, `${name} left of a good one`)
  }
})

t.test('the strict spellings are read', async t => {
  for (const [text, plain] of [
    ['0.0.0.0', '0.0.0.0'], ['10.0.0.1', '10.0.0.1'], ['255.255.255.255', '255.255.255.255'], ['::', '::'], ['::1', '::1'], ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['2001:db8::0007', '2001:db8::7'], ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ] as const) t.equal(parseAddress(text)?.text, plain, text)
})
