// Retention counts time in which the archive grew: neither a clock that was set forward nor a long standstill brings a record nearer to its end.
import fc from 'fast-check'
import t from 'tap'
import { goBack, limitRetention } from '../../../src/audit/audit.ts'
import { longestPauseMs } from '../../../src/audit/retention/retention-limit.ts'

const dayMs = 86_400_000
const start = Date.parse('2026-01-01T00:00:00Z')
/** A segment each day. */
const daily = (from: number, days: number) => Array.from({ length: days }, (_, day) => from + day * dayMs)

t.test('an archive that grew steadily: the same day, years ago', async t => {
  const now = Date.parse('2033-03-01T12:00:00Z')
  t.same(limitRetention(daily(start, 2617), { now, years: 6 }), { before: Date.parse('2027-03-01T12:00:00Z'), notCountedMs: 0 })
  t.equal(goBack(Date.parse('2032-02-29T00:00:00Z'), 6), Date.parse('2026-03-01T00:00:00Z'))
})

t.test('a clock that was set forward by years takes nothing away, whether or not something was recorded since', async t => {
  const ends = daily(start, 365)
  const forward = start + 365 * dayMs + 7 * 366 * dayMs
  for (const more of [[], daily(forward, 5)]) {
    const { before, notCountedMs } = limitRetention([...ends, ...more], { now: forward + 5 * dayMs, years: 6 })
    t.ok(before < start, new Date(before).toISOString())
    t.ok(notCountedMs > 7 * 365 * dayMs)
  }
})

t.test('a standstill counts from its first day as soon as it is longer than a month, also an earlier one that the limit comes to', async t => {
  const first = daily(start, 100)
  const second = daily(start + 100 * dayMs + 60 * dayMs, 3000)
  const now = (second.at(-1) as number) + dayMs
  const { before, notCountedMs } = limitRetention([...first, ...second], { now, years: 6 })
  t.equal(notCountedMs, 0, 'it lies before the limit')
  t.equal(before, goBack(now, 6))
  const early = limitRetention([...first, ...second.slice(0, 2100)], { now: second[2100] as number, years: 6 })
  t.equal(early.notCountedMs, 61 * dayMs)
  t.equal(limitRetention([start, start + longestPauseMs], { now: start + longestPauseMs, years: 6 }).notCountedMs, 0)
})

t.test('whatever the times: what may go is at least so old, and that much of its age is without pauses', async () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20 * 365 }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (days, years) => {
    const ends = days.map(day => start + day * dayMs)
    const now = Math.max(...ends)
    const { before } = limitRetention(ends, { now, years })
    const times = [...ends].filter(time => time >= before).sort((a, b) => a - b)
    const counted = [before, ...times, now].slice(1).reduce((sum, end, at) => {
      const lasted = end - ([before, ...times, now][at] as number)
      return sum + (lasted > longestPauseMs && at > 0 ? 0 : lasted)
    }, 0)
    return before <= goBack(now, years) && counted >= now - goBack(now, years) - longestPauseMs
  }), { seed: 7, numRuns: 500 })
})
