// A proxy count, or the left-most address of X-Forwarded-For, lets a client write the address it is judged by. Here proxies are ranges, the right-most
// address that is none of them is the client, and what cannot be read is refused.
import fc from 'fast-check'
import t from 'tap'
import { createClientIpRoom, type ConnectionPeer } from '../../src/inbound/client-ip/client-ip.ts'

const room = createClientIpRoom({
  allow: ['203.0.113.0/24', '2001:db8:1::/48', '192.0.2.0/28'],
  anyAddress: false,
  trustedProxies: ['192.0.2.0/28', '2001:db8:ff::/48'],
  proxyProtocolFrom: ['198.51.100.1', '192.0.2.9'],
  refuse: 'page',
  restrict: [],
})

const proxy: ConnectionPeer = { remoteAddress: '192.0.2.1' }
const read = (line: string | undefined, peer = proxy) => room.require(peer, line === undefined ? {} : { 'x-forwarded-for': line }).address
const refuses = (t: Tap, line: string, peer = proxy) => { t.throws(() => read(line, peer), { code: 'clientIp.unreadable', reason: { status: 403 } }, JSON.stringify(line.slice(0, 60))) }
type Tap = Pick<typeof t, 'throws'>

t.test('the right-most address that is no proxy is the client; what stands left of it was written by the client', async t => {
  t.equal(read('203.0.113.7'), '203.0.113.7')
  t.equal(read('198.51.100.66, 203.0.113.7'), '203.0.113.7')
  t.equal(read('198.51.100.66,203.0.113.7 ,\t192.0.2.3, 2001:db8:ff::1'), '203.0.113.7')
  t.equal(read('203.0.113.7', { remoteAddress: '2001:db8:ff::2' }), '203.0.113.7', 'a proxy over IPv6')
  t.throws(() => read('203.0.113.7, 198.51.100.66'), { code: 'clientIp.notAllowed' })
  t.throws(() => read('203.0.113.7, 198.51.100.66, 192.0.2.3'), { code: 'clientIp.notAllowed' })
  t.throws(() => read('192.0.2.3, 203.0.113.7, 198.51.100.66, 192.0.2.4'), { code: 'clientIp.notAllowed' }, 'a proxy\'s address left of the client\'s is the client\'s invention')
})

t.test('when all are proxies it is the left-most, and without the header the peer', async t => {
  t.equal(read('192.0.2.5, 192.0.2.6'), '192.0.2.5')
  t.equal(read(undefined), '192.0.2.1')
})

t.test('a stranger\'s header is not read, whatever it says', async t => {
  for (const line of ['203.0.113.7', 'garbage', '', ','.repeat(9999)]) {
    t.throws(() => read(line, { remoteAddress: '198.51.100.66' }), { code: 'clientIp.notAllowed' })
    t.equal(read(line, { remoteAddress: '203.0.113.9' }), '203.0.113.9')
  }
})

t.test('one malformed element anywhere, an empty one, or too much, and nobody can be told', async t => {
  for (const line of [
    '', ' ', ',', '203.0.113.7,', ',203.0.113.7', '203.0.113.7,,192.0.2.3', 'unknown', '_gazonk', '203.0.113.7:443', '"203.0.113.7"', '[2001:db8:1::1]', '[2001:db8:1::1]:443', 'for=203.0.113.7', 'x, 203.0.113.7',
    '203.0.113.7, x', '203.0.113.7 203.0.113.8', '203.0.113.7;203.0.113.8', '203.0.113.007', '203.0.113.7%1', '203.0.113.7\u00a0', '\u2003203.0.113.7', '203.0.113.7\v', '203.0.113.0/24',
  ]) refuses(t, line)
  t.equal(read(Array.from({ length: 32 }, () => '203.0.113.7').join(',')), '203.0.113.7')
  refuses(t, Array.from({ length: 33 }, () => '203.0.113.7').join(','))
  t.equal(read(`${' '.repeat(2037)}203.0.113.7`), '203.0.113.7', '2048 characters')
  refuses(t, `${' '.repeat(2038)}203.0.113.7`)
})

t.test('several header lines are one list, in their order', async t => {
  const twice = (...lines: string[]) => room.require(proxy, { 'x-forwarded-for': lines as never }).address
  t.equal(twice('198.51.100.66', '203.0.113.7'), '203.0.113.7')
  t.throws(() => twice('203.0.113.7', '198.51.100.66'), { code: 'clientIp.notAllowed' })
  t.throws(() => twice('203.0.113.7', ''), { code: 'clientIp.unreadable' })
})

t.test('no other header names a client', async t => {
  for (const name of ['forwarded', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'x-forwarded', 'x_forwarded_for', 'via']) {
    t.equal(room.require(proxy, { [name]: 'for=203.0.113.7' }).address, '192.0.2.1', name)
    t.equal(room.require(proxy, { [name]: '203.0.113.7' }).address, '192.0.2.1', name)
  }
})

t.test('behind PROXY protocol the header is believed only when the source is a trusted proxy', async t => {
  const from = (proxiedSource: string, remoteAddress = '198.51.100.1') => ({ remoteAddress, proxiedSource })
  t.same(room.require(from('203.0.113.9'), { 'x-forwarded-for': '198.51.100.66' }), { address: '203.0.113.9', peer: '198.51.100.1' })
  t.same(room.require(from('192.0.2.4'), { 'x-forwarded-for': '203.0.113.7' }), { address: '203.0.113.7', peer: '198.51.100.1' })
  t.throws(() => read('203.0.113.7', from('198.51.100.66')), { code: 'clientIp.notAllowed' })
  t.throws(() => read('203.0.113.7', from('198.51.100.66', '192.0.2.9')), { code: 'clientIp.notAllowed' }, 'a trusted proxy that speaks PROXY does not lend its trust to the source')
  t.throws(() => read(undefined, from('203.0.113.9', '192.0.2.1')), { code: 'clientIp.unreadable' }, 'a source from a peer that may not name one')
  t.throws(() => read(undefined, from('203.0.113.9', '203.0.113.8')), { code: 'clientIp.unreadable' })
})

t.test('property: whatever a client writes on the left, it is judged by the address its proxy wrote', async () => {
  const written = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.ipV4(), fc.ipV6(), fc.constantFrom('203.0.113.7', '192.0.2.3'))
  fc.assert(fc.property(fc.array(written, { maxLength: 6 }), fc.constantFrom('', ', 192.0.2.3'), (claims, hop) => {
    const line = [...claims, '198.51.100.66'].join(', ') + hop
    const { address } = room.resolve(proxy, { 'x-forwarded-for': line })
    if (address !== '198.51.100.66' && address !== '192.0.2.1') throw new Error(address) // the client's own, or the peer's when the line cannot be read
    let code = 'passes'
    try { read(line) } catch (error) { code = (error as { code: string }).code }
    if (!['clientIp.notAllowed', 'clientIp.unreadable'].includes(code)) throw new Error(code)
  }), { numRuns: 3000 })
})
