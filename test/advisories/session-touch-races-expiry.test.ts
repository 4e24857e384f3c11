// Known race: one gateway ends a session as idle at the moment in which the person does something on another one.
import t, { type Test } from 'tap'
import { createMovableClock } from '../support/clock.ts'
import { startRedis } from '../support/redis.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, minute, navigates, outcomeOf, polls, type RoomOptions } from '../inbound/session/build-room.ts'

async function race (t: Test, shared: RoomOptions): Promise<void> {
  const secret = makeSecret()
  // Two gateways whose clocks differ by two milliseconds: for one it is in time, for the other it is over.
  const start = Date.UTC(2026, 0, 5, 9)
  let kept = 0
  for (let round = 0; round < 20; round += 1) {
    const [early, late] = [createMovableClock(start), createMovableClock(start)]
    const one = await buildRoom(t, { ...shared, secret, clock: early })
    const other = await buildRoom(t, { ...shared, secret, clock: late })
    const cookie = cookieOf((await one.room.begin(makePrincipal())).setCookie)
    early.step(15 * minute - 1)
    late.step(15 * minute + 1)
    const outcome = { moved: '', judged: '' }
    const ask = [
      async () => { outcome.moved = await outcomeOf(one.room.require(cookie, navigates)) },
      async () => { outcome.judged = await outcomeOf(other.room.require(cookie, polls)) },
    ]
    await Promise.all((round % 2 === 0 ? ask : ask.reverse()).map(start => start()))
    const ends = one.ended.length + other.ended.length
    // Either the doing came first, and both see a live session, or the end did, and both see that; never one of each.
    if (outcome.moved === 'live') {
      t.equal(outcome.judged, 'live', 'the move was not lost')
      t.equal(ends, 0)
      kept += 1
    } else {
      t.equal(outcome.moved, 'session.idle')
      t.equal(outcome.judged, 'session.idle')
      t.equal(ends, 1, 'and one of them reports the end')
    }
    await one.room.close()
    await other.room.close()
  }
  t.ok(kept > 0 && kept < 20, `the person won ${kept} of 20 times`)
}

t.test('on one SQLite file', async t => { await race(t, { directory: makeDirectory(t) }) })

t.test('on one Redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await race(t, { redisUrl: redis.url })
})
