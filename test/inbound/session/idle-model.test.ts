// For any sequence of requests and moves of the clock: a session is live as long as no gap between doings of the person reached the idle timeout
// and the whole has not reached its absolute end, and not a moment longer.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createMovableClock } from '../../support/clock.ts'
import { startRedis } from '../../support/redis.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, minute, navigates, outcomeOf, polls, posts, type RoomOptions } from './build-room.ts'

const idleMs = 15 * minute
const absoluteMs = 60 * minute

const pause = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 16 * minute }), fc.constantFrom(idleMs - 1, idleMs, idleMs + 1))
const step = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: pause }),
  fc.record({ kind: fc.constant('request' as const), signs: fc.constantFrom(navigates, posts, polls, polls), gateway: fc.nat(1) }),
)

async function check (t: Test, shared: RoomOptions, numRuns: number): Promise<void> {
  const clock = createMovableClock()
  const options = { ...shared, clock, secret: makeSecret(), config: { absoluteTimeout: '60m' } }
  const gateways = [await buildRoom(t, options), await buildRoom(t, options)]
  const counted = { live: 0, idle: 0, absolute: 0 }
  const idpEnd = fc.option(fc.integer({ min: 1, max: 90 * minute }), { nil: undefined })
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), idpEnd, async (steps, idpEnds) => {
    const beganAt = clock.now()
    const { session, setCookie } = await (gateways[0] as typeof gateways[0]).room.begin(makePrincipal({ notAfter: idpEnds === undefined ? undefined : beganAt + idpEnds }))
    const endsAt = beganAt + Math.min(absoluteMs, idpEnds ?? Infinity)
    let lastDoing = beganAt
    for (const each of steps) {
      if (each.kind === 'wait') { clock.step(each.ms); continue }
      const now = clock.now()
      const expected = now < Math.min(lastDoing + idleMs, endsAt) ? 'live' : lastDoing + idleMs <= endsAt ? 'session.idle' : 'session.absolute'
      const actual = await outcomeOf((gateways[each.gateway] as typeof gateways[0]).room.require(cookieOf(setCookie), each.signs))
      if (actual !== expected) throw new Error(`${actual} instead of ${expected} at ${now - beganAt}, last doing at ${lastDoing - beganAt}`)
      counted[expected.replace('session.', '') as keyof typeof counted] += 1
      if (expected === 'live' && each.signs !== polls) lastDoing = now
    }
    await (gateways[0] as typeof gateways[0]).room.end({ by: 'key', key: session.key }, 'revoked')
  }), { numRuns })
  t.ok(counted.live > 0 && counted.idle > 0 && counted.absolute > 0, 'all three came up')
  const reported = gateways.flatMap(({ ended }) => ended.map(({ session }) => session.key))
  t.equal(new Set(reported).size, reported.length, 'no end was reported twice')
}

t.test('two gateways on one SQLite file', async t => { await check(t, { directory: makeDirectory(t) }, 300) })

t.test('two gateways on one Redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await check(t, { redisUrl: redis.url }, 150)
})
