// How much one address may send to the shield mailbox, and from where at all.
import t from 'tap'
import type { ShieldListenerConfig } from '../../src/outbound/shield/config.ts'
import { networkOf } from '../../src/outbound/shield/limits.ts'
import { createShieldLimits } from '../../src/outbound/shield/shield.ts'
import { createMovableClock } from '../support/clock.ts'

const config = { networks: [], maxConnectionsPerAddress: 2, connectionsPerMinute: 3, messagesPerMinute: 2, messagesPerMinuteOfAlias: 1 } as unknown as ShieldListenerConfig

t.test('networks: whoever is in one, and this machine', async t => {
  const { isAllowed } = createShieldLimits({ ...config, networks: ['203.0.113.0/24', '2001:db8:1::/48', '198.51.100.7'] }, createMovableClock())
  for (const address of ['203.0.113.9', '2001:db8:1:2::3', '198.51.100.7', '127.0.0.1', '::1']) t.ok(isAllowed(address), address)
  for (const address of ['203.0.114.9', '2001:db8:2::1', '198.51.100.8', '10.0.0.1', '', 'unknown']) t.notOk(isAllowed(address), address)
  t.ok(createShieldLimits(config, createMovableClock()).isAllowed('198.51.100.8'), 'everybody, when none is named')
})

t.test('connections at the same time and in a minute; one that is closed twice is closed once', async t => {
  const clock = createMovableClock()
  const limits = createShieldLimits(config, clock)
  t.same(['a', 'b', 'c'].map(id => limits.mayConnect(id, '203.0.113.1')), [true, true, false])
  for (const id of ['a', 'a', 'b', 'c', 'never']) limits.close(id)
  t.notOk(limits.mayConnect('d', '203.0.113.1'), 'the fourth within the minute')
  t.ok(limits.mayConnect('e', '203.0.113.2'), 'another address')
  limits.close('d')
  await clock.advance(60_000)
  t.same(['f', 'g', 'h'].map(id => limits.mayConnect(id, '203.0.113.1')), [true, true, false])
})

t.test('mails of an address, and to an alias whoever sends them', async t => {
  const limits = createShieldLimits(config, createMovableClock())
  t.same([1, 2, 3].map(() => limits.maySend('203.0.113.1')), [true, true, false])
  t.ok(limits.maySend('203.0.113.2'))
  t.same([limits.mayReceive('leads'), limits.mayReceive('leads'), limits.mayReceive('desk')], [true, false, true])
})

t.test('an IPv6 address counts as its /64, however it is spelled', async t => {
  const same = ['2001:db8::1', '2001:db8:0:0:ffff::', '2001:0db8:0000:0000:1:2:3:4', '2001:db8::2:0:0:1']
  t.same([...new Set(same.map(networkOf))], ['2001:db8:0:0'])
  t.not(networkOf('2001:db8:0:1::1'), networkOf('2001:db8::1'))
  t.equal(networkOf('::1'), '0:0:0:0')
  t.equal(networkOf('203.0.113.1'), '203.0.113.1')
})

t.test('twenty thousand addresses are counted in bounded memory', async t => {
  const limits = createShieldLimits(config, createMovableClock())
  const answers = Array.from({ length: 20_000 }, (_, at) => limits.maySend(`198.51.${at >> 8}.${at & 255}`))
  t.ok(answers.slice(0, 10_000).every(Boolean))
  t.ok(answers.slice(10_002).every(answer => !answer), 'those beyond the table are counted together')
})
