// Where a session is used: what the room does with a place that is not its own, and what it remembers of the last one. In both stores.
import t, { type Test } from 'tap'
import type { Place } from '../../../src/inbound/session/session.ts'
import { createMovableClock, type MovableClock } from '../../support/clock.ts'
import { startRedis } from '../../support/redis.ts'
import { buildRoom, cookieOf, here, makeDirectory, makePrincipal, makeSecret, minute, navigates, outcomeOf, unbound, until, type BuiltRoom, type RoomOptions } from './build-room.ts'

const elsewhere: Place = { address: '198.51.100.9', certificate: undefined }
const bound = (onMismatch: 'refuse' | 'end' | 'report') => ({ binding: { ...unbound, to: 'network', onMismatch } }) as const

/** Gateways that share a store and a clock. */
interface Site { readonly join: (options?: RoomOptions) => Promise<BuiltRoom>, readonly clock: MovableClock }

async function runSuite (t: Test, open: () => Site): Promise<void> {
  t.test('refuse: elsewhere it is refused, where it began it goes on', async t => {
    const { room, ended } = await open().join({ config: bound('refuse') })
    const { setCookie, session } = await room.begin(makePrincipal())
    const cookie = cookieOf(setCookie)
    t.equal(await outcomeOf(room.findHere(cookie, elsewhere)), 'session.otherNetwork')
    t.equal((await room.findHere(cookie, { ...here, address: '203.0.113.200' })).key, session.key)
    t.equal(await outcomeOf(room.requireHere(await room.find(cookie), elsewhere)), 'session.otherNetwork', 'nor was the other place noted as its own')
    t.equal(room.hasEnded(cookie), false)
    t.same(ended, [])
    t.match(await room.list(), [{ key: session.key, session: { lastAddress: '203.0.113.200', beganFrom: here } }])
  })

  t.test('end: it ends everywhere, what is open is cut, once on record, and its person is told why', async t => {
    const { join, clock } = open()
    const [first, second] = [await join({ config: bound('end') }), await join({ config: bound('end') })]
    const { setCookie, session } = await first.room.begin(makePrincipal())
    const cookie = cookieOf(setCookie)
    await first.room.findHere(cookie, here)
    const cut: string[] = []
    first.room.register({ sessionKey: session.key, cut: cause => { cut.push(cause) } })
    t.equal(await outcomeOf(second.room.findHere(cookie, elsewhere)), 'session.otherNetwork')
    t.equal(second.room.hasEnded(cookie), true)
    clock.step(600)
    t.equal(await outcomeOf(first.room.findHere(cookie, here)), 'session.moved')
    await until(() => cut.length > 0, 'the cut')
    t.same(cut, ['moved'])
    t.same([...first.ended, ...second.ended].map(({ session: { key }, cause }) => [key, cause]), [[session.key, 'moved']])
  })

  t.test('report: nobody is refused, and it is said who would have been', async t => {
    const { room } = await open().join({ config: bound('report') })
    const { setCookie } = await room.begin(makePrincipal())
    const found = await room.find(cookieOf(setCookie))
    t.match(await room.requireHere(found, elsewhere), { wouldRefuse: 'session.otherNetwork', session: { lastAddress: elsewhere.address } })
    t.equal((await room.requireHere(found, here)).wouldRefuse, undefined)
  })

  t.test('the last place is known to every gateway, moves no clock, and is written only when it changes', async t => {
    const { join, clock } = open()
    const [first, second] = [await join(), await join()]
    const { setCookie, session } = await first.room.begin(makePrincipal())
    const cookie = cookieOf(setCookie)
    clock.step(minute)
    for (let times = 0; times < 3; times += 1) await second.room.findHere(cookie, elsewhere)
    t.match(await first.room.list('front.desk'), [{ key: session.key, lastActiveAt: session.lastActiveAt, idleAt: session.lastActiveAt + 15 * minute, session: { lastAddress: elsewhere.address, beganFrom: here } }])
    t.same(await first.room.list('nobody'), [])
    const moved = await second.room.touch(await second.room.findHere(cookie, elsewhere), navigates)
    t.match(moved, { lastAddress: elsewhere.address, lastActiveAt: session.lastActiveAt + minute })
    t.match(await first.room.find(cookie), { lastAddress: elsewhere.address })
  })

  t.test('revoke ends what it is told to, and says how many were live', async t => {
    const { room, ended } = await open().join()
    const [one, other] = [await room.begin(makePrincipal()), await room.begin(makePrincipal())]
    t.equal(await room.revoke([one.session.key, other.session.key, 'never'.padEnd(43, '_')]), 2)
    t.equal(await room.revoke([one.session.key]), 0)
    t.same(ended.map(({ cause }) => cause), ['revoked', 'revoked'])
    t.equal(await outcomeOf(room.find(cookieOf(one.setCookie))), 'session.ended')
  })
}

t.test('embedded', async t => {
  await runSuite(t, () => {
    const shared = { directory: makeDirectory(t), secret: makeSecret(), clock: createMovableClock() }
    return { clock: shared.clock, join: async options => await buildRoom(t, { ...shared, ...options }) }
  })
})

t.test('redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  let gateways = 0
  await runSuite(t, () => {
    gateways += 1
    const shared = { redisUrl: redis.url, gateway: `clinic-${gateways}`, secret: makeSecret(), clock: createMovableClock() }
    return { clock: shared.clock, join: async options => await buildRoom(t, { ...shared, ...options }) }
  })
})
