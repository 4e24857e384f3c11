// 10.0.0.5/8 is taken by common readers with its host bits, and 0.0.0.0/0 among ranges makes an allowlist that allows everybody. Both are findings here.
import t from 'tap'
import { createClientIpRoom, explainAddressRange, explainClientIpConfig } from '../../src/inbound/client-ip/client-ip.ts'
import type { ClientIpConfig } from '../../src/inbound/client-ip/config.ts'

const section = (change: Partial<ClientIpConfig>): ClientIpConfig =>
  ({ allow: ['203.0.113.0/24'], anyAddress: false, trustedProxies: [], proxyProtocolFrom: [], refuse: 'page', restrict: [], ...change })
const paths = (change: Partial<ClientIpConfig>) => explainClientIpConfig(section(change)).map(mistake => mistake.path)

t.test('host bits are refused', async t => {
  for (const text of ['10.0.0.5/8', '10.0.0.1/31', '192.0.2.128/24', '128.0.0.0/0', '0.0.0.1/0', '2001:db8::1/64', '2001:db8:8000::/32', '::1/0', '::1/127']) {
    t.match(explainAddressRange(text), /has bits outside \/\d+: write the first address of the range/, text)
  }
  for (const text of ['10.0.0.0/8', '10.0.0.0/31', '10.0.0.1/32', '10.0.0.1', '128.0.0.0/1', '0.0.0.0/0', '::/0', '8000::/1', '2001:db8::/32', '2001:db8::1/128', '2001:db8::1', '2001:DB8:0:0::/64']) {
    t.equal(explainAddressRange(text), undefined, text)
  }
})

t.test('a list of everybody is a finding, however it is cut, unless it is asked for', async t => {
  for (const allow of [
    ['0.0.0.0/0'], ['::/0'], ['203.0.113.7', '0.0.0.0/0'], ['0.0.0.0/1', '128.0.0.0/1'], ['128.0.0.0/1', '64.0.0.0/2', '0.0.0.0/2'],
    ['2000::/3'], ['2000::/4', '3000::/4'], ['::/1', '8000::/1'], Array.from({ length: 256 }, (_, octet) => `${octet}.0.0.0/8`),
  ]) {
    t.same(paths({ allow }), ['allow'], allow.slice(0, 3).join(' '))
    t.throws(() => createClientIpRoom(section({ allow })), TypeError)
    t.same(paths({ allow, anyAddress: true }), [])
  }
  t.same(paths({ allow: ['0.0.0.0/1', '128.0.0.0/2'] }), [], 'much is not everything')
  t.same(paths({ allow: ['2000::/4', '::1', '3000::/5'] }), [])
})

t.test('everybody is never a proxy, even where everybody may come in', async t => {
  for (const list of ['trustedProxies', 'proxyProtocolFrom'] as const) {
    for (const everybody of ['0.0.0.0/0', '::/0', '2000::/3']) {
      t.same(paths({ [list]: [everybody], anyAddress: true }), [list])
      t.throws(() => createClientIpRoom(section({ [list]: [everybody], anyAddress: true })), TypeError)
    }
  }
})

t.test('an empty allowlist does not start', async t => {
  t.same(paths({ allow: [] }), ['allow'])
  t.throws(() => createClientIpRoom(section({ allow: [] })), { name: 'TypeError', message: /clientIp\.allow/ })
})
