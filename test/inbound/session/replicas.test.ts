// Two gateways, one store: what ends on one is over on the other within a second, and what a person does on one counts on the other.
import t, { type Test } from 'tap'
import type { CutCause } from '../../../src/inbound/session/session.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { createMovableClock } from '../../support/clock.ts'
import { startRedis } from '../../support/redis.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, minute, navigates, outcomeOf, polls, until, type RoomOptions } from './build-room.ts'
import { createRedisReader } from './read-redis.ts'

async function runSuite (t: Test, makeOptions: () => RoomOptions): Promise<void> {
  t.test('revoked on A: what is open on B is cut within a second, and the next request on B is refused', async t => {
    const options = { ...makeOptions(), secret: makeSecret(), clock: createSystemClock() }
    const [a, b] = [await buildRoom(t, options), await buildRoom(t, options)]
    const { session, setCookie } = await a.room.begin(makePrincipal())
    const other = await a.room.begin(makePrincipal({ id: 'nurse' }))
    const cookie = cookieOf(setCookie)
    await b.room.require(cookie, polls)
    const cuts: CutCause[] = []
    let others = 0
    b.room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
    b.room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
    b.room.register({ sessionKey: other.session.key, cut: () => { others += 1 } })
    const began = performance.now()
    await a.room.end({ by: 'person', id: 'front.desk' }, 'revoked')
    await until(() => cuts.length > 0, 'the cut')
    t.ok(performance.now() - began < 1000, `cut after ${Math.round(performance.now() - began)} ms`)
    t.same(cuts, ['revoked', 'revoked'])
    for (const signs of [polls, navigates]) t.equal(await outcomeOf(b.room.require(cookie, signs)), 'session.ended')
    t.equal(others, 0)
    t.equal(await outcomeOf(b.room.require(cookieOf(other.setCookie), navigates)), 'live')
    t.equal(a.ended.length, 1)
    t.equal(b.ended.length, 0, 'only the one that ended it reports it')
  })

  t.test('without anything open, B believes what it saw for less than a second', async t => {
    const options = { ...makeOptions(), secret: makeSecret(), clock: createSystemClock() }
    const [a, b] = [await buildRoom(t, options), await buildRoom(t, options)]
    const cookie = cookieOf((await a.room.begin(makePrincipal())).setCookie)
    t.equal(await outcomeOf(b.room.require(cookie, polls)), 'live')
    await a.room.endByCookie(cookie, 'signedOut')
    const began = performance.now()
    t.equal(await outcomeOf(b.room.require(cookie, navigates)), 'session.ended', 'a doing is always asked about')
    await until(async () => await outcomeOf(b.room.require(cookie, polls)) === 'session.ended', 'the refusal')
    t.ok(performance.now() - began < 1000)
  })

  t.test('what the person does on A counts on B, to the millisecond', async t => {
    const clock = createMovableClock()
    const options = { ...makeOptions(), secret: makeSecret(), clock }
    const [a, b] = [await buildRoom(t, options), await buildRoom(t, options)]
    const cookie = cookieOf((await a.room.begin(makePrincipal())).setCookie)
    t.equal(await outcomeOf(b.room.require(cookie, polls)), 'live')
    clock.step(14 * minute + 59_999)
    t.equal(await outcomeOf(a.room.require(cookie, navigates)), 'live')
    clock.step(14 * minute + 59_999)
    t.equal(await outcomeOf(b.room.require(cookie, polls)), 'live')
    t.equal(await outcomeOf(a.room.require(cookie, polls)), 'live')
    clock.step(1)
    t.equal(await outcomeOf(b.room.require(cookie, navigates)), 'session.idle')
    t.equal(await outcomeOf(a.room.require(cookie, navigates)), 'session.idle')
    t.equal(a.ended.length + b.ended.length, 1)
  })

  t.test('idle with something open on both: both are cut, one reports', async t => {
    const clock = createMovableClock()
    const options = { ...makeOptions(), secret: makeSecret(), clock }
    const gateways = [await buildRoom(t, options), await buildRoom(t, options)]
    const { session } = await (gateways[0] as typeof gateways[0]).room.begin(makePrincipal())
    const cuts: CutCause[] = []
    for (const { room } of gateways) room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
    await clock.advance(15 * minute - 1)
    t.same(cuts, [])
    clock.step(1)
    const reports = () => gateways.flatMap(({ ended }) => ended).length
    // The message of one gateway may cut what is open on the other before its own answer has come back: the report follows.
    await until(async () => { await clock.advance(250); return cuts.length === 2 && reports() > 0 }, 'both cuts and a report')
    t.same(cuts, ['idle', 'idle'])
    for (let step = 0; step < 20; step += 1) await clock.advance(250)
    t.equal(reports(), 1)
  })

  t.test('many revocations at once on both: each session is reported once', async t => {
    const options = { ...makeOptions(), secret: makeSecret(), clock: createMovableClock() }
    const [a, b] = [await buildRoom(t, options), await buildRoom(t, options)]
    for (let count = 0; count < 20; count += 1) await a.room.begin(makePrincipal({ id: `person-${count}` }))
    const ended = await Promise.all([a.room.end({ by: 'all' }, 'policy'), b.room.end({ by: 'all' }, 'revoked'), a.room.end({ by: 'person', id: 'person-7' }, 'signedOut')])
    t.equal(ended.flat().length, 20)
    t.equal(new Set([...a.ended, ...b.ended].map(({ session }) => session.key)).size, 20)
    t.equal(a.ended.length + b.ended.length, 20)
    t.equal(await b.room.count(), 0)
  })
}

t.test('on one SQLite file', async t => { await runSuite(t, () => ({ directory: makeDirectory(t) })) })

t.test('on one Redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  let serial = 0
  await runSuite(t, () => { serial += 1; return { redisUrl: redis.url, gateway: `gateway-${serial}` } })
})

t.test('on one Redis whose messages never arrive, asking is enough', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  // What a closed-down user of Redis sees: publishing is refused inside the scripts, and so is subscribing.
  await reader.call('ACL', 'SETUSER', 'default', 'resetchannels')
  const options = { redisUrl: redis.url, secret: makeSecret(), clock: createSystemClock() }
  const [a, b] = [await buildRoom(t, options), await buildRoom(t, options)]
  const { session } = await a.room.begin(makePrincipal())
  const cuts: CutCause[] = []
  b.room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
  const began = performance.now()
  await a.room.end({ by: 'key', key: session.key }, 'revoked')
  await until(() => cuts.length > 0, 'the cut')
  t.ok(performance.now() - began < 1000, `cut after ${Math.round(performance.now() - began)} ms`)
  t.same(cuts, ['revoked'])
})

t.test('a connection that is registered after its session ended is cut at once', async t => {
  const { room } = await buildRoom(t)
  const { session } = await room.begin(makePrincipal())
  await room.end({ by: 'key', key: session.key }, 'signedOut')
  const cuts: CutCause[] = []
  const release = room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
  t.same(cuts, [], 'not before the caller has what it needs to close')
  await until(() => cuts.length > 0, 'the cut')
  t.same(cuts, ['signedOut'])
  release()
})
