import t from 'tap'
import { createAttemptLimit } from '../../src/inbound/attempt-limit.ts'
import { createMovableClock } from '../support/clock.ts'

function count (mayAttempt: (address: string) => boolean, address: string, tries: number): number {
  return Array.from({ length: tries }, () => mayAttempt(address)).filter(Boolean).length
}

t.test('so many a minute for each address, and again in the next minute', async t => {
  const clock = createMovableClock()
  const mayAttempt = createAttemptLimit({ clock, perMinute: 3 })
  t.equal(count(mayAttempt, '192.0.2.1', 10), 3)
  t.equal(count(mayAttempt, '192.0.2.2', 10), 3, 'the neighbour has its own count')
  clock.step(59_999)
  t.equal(mayAttempt('192.0.2.1'), false)
  clock.step(1)
  t.equal(count(mayAttempt, '192.0.2.1', 10), 3)
})

t.test('a clock that is set back does not lock anybody out', async t => {
  const clock = createMovableClock()
  const mayAttempt = createAttemptLimit({ clock, perMinute: 3 })
  t.equal(count(mayAttempt, '192.0.2.1', 10), 3)
  clock.step(-3_600_000)
  t.equal(count(mayAttempt, '192.0.2.1', 10), 3)
})

t.test('more addresses than it remembers are counted together: those that are known keep their own count, and memory is bounded', async t => {
  const clock = createMovableClock()
  const mayAttempt = createAttemptLimit({ clock, perMinute: 3 })
  for (let index = 0; index < 10_000; index += 1) mayAttempt(`2001:db8::${index.toString(16)}`)
  t.equal(Array.from({ length: 100 }, (_, index) => mayAttempt(`2001:db8:1::${index.toString(16)}`)).filter(Boolean).length, 3)
  t.equal(count(mayAttempt, '2001:db8::1', 10), 2)
  clock.step(60_000)
  t.equal(count(mayAttempt, '2001:db8:1::1', 10), 3, 'all are forgotten after the minute')
})
