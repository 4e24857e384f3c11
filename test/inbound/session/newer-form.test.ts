// Two versions of the gateway beside each other on one store: what the newer one wrote in a form of its own, the older one leaves alone. Played by setting the
// number of the form, and by setting it back for the newer gateway's view.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sessionForm } from '../../../src/inbound/session/store.ts'
import { createMovableClock, type MovableClock } from '../../support/clock.ts'
import { startRedis } from '../../support/redis.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, minute, navigates, outcomeOf, until, type BuiltRoom } from './build-room.ts'
import { createRedisReader } from './read-redis.ts'

interface Site {
  readonly open: () => Promise<BuiltRoom>
  readonly clock: MovableClock
  /** Sets the form of a session, live or ended. */
  readonly write: (key: string, form: number) => Promise<void>
}

async function runSuite (t: Test, build: () => Site): Promise<void> {
  t.test('a request is refused, and for half an hour nothing of it is touched', async t => {
    const { open, clock, write } = build()
    const { room, ended, logged } = await open()
    const { session, setCookie } = await room.begin(makePrincipal())
    const cookie = cookieOf(setCookie)
    await write(session.key, sessionForm + 1)
    for (let minutes = 0; minutes < 30; minutes += 1) {
      await clock.advance(minute)
      t.equal(await outcomeOf(room.require(cookie, navigates)), 'session.newerForm')
      t.equal(room.hasEnded(cookie), false)
    }
    t.match(await room.list(), [{ key: session.key, session: undefined, lastActiveAt: session.lastActiveAt, endsAt: session.endsAt }])
    t.same(await room.list('front.desk').then(listed => listed.map(({ key }) => key)), [session.key])
    t.equal(await room.count(), 1)
    t.same(ended, [])
    t.same(logged, [], 'an older gateway has nothing to complain about')
    await write(session.key, sessionForm)
    t.match((await room.list())[0]?.session, { principal: { id: 'front.desk' }, lastActiveAt: session.lastActiveAt }, 'the newer one finds it as it was')
  })

  t.test('its own sessions go on beside it', async t => {
    const { open, clock, write } = build()
    const { room, ended } = await open()
    const newer = await room.begin(makePrincipal({ id: 'newer' }))
    await write(newer.session.key, sessionForm + 1)
    const mine = await room.begin(makePrincipal({ id: 'mine' }))
    await clock.advance(15 * minute)
    await until(async () => { await clock.advance(500); return ended.length > 0 }, 'the idle end of its own')
    t.same(ended.map(({ session, cause }) => [session.key, cause]), [[mine.session.key, 'idle']])
  })

  t.test('sign-out and revocation end it, and who can read it puts that on record', async t => {
    const { open, clock, write } = build()
    const older = await open()
    const [signedOut, revoked] = [await older.room.begin(makePrincipal()), await older.room.begin(makePrincipal())]
    for (const { session } of [signedOut, revoked]) await write(session.key, sessionForm + 1)
    t.equal((await older.room.endByCookie(cookieOf(signedOut.setCookie), 'signedOut')).ended, undefined)
    t.equal(await older.room.revoke([revoked.session.key]), 1)
    for (const { setCookie } of [signedOut, revoked]) t.equal(await outcomeOf(older.room.require(cookieOf(setCookie), navigates)), 'session.ended')
    await clock.advance(10_000)
    t.same(older.ended, [], 'it cannot say whose they were')
    for (const { session } of [signedOut, revoked]) await write(session.key, sessionForm)
    const newer = await open()
    await until(async () => { await clock.advance(500); return newer.ended.length + older.ended.length > 1 }, 'the reports')
    t.same([...newer.ended, ...older.ended].map(({ session, cause }) => [session.key, cause]).sort(), [[signedOut.session.key, 'signedOut'], [revoked.session.key, 'revoked']].sort())
  })
}

t.test('embedded', async t => {
  await runSuite(t, () => {
    const shared = { directory: makeDirectory(t), secret: makeSecret(), clock: createMovableClock() }
    return {
      clock: shared.clock,
      open: () => buildRoom(t, shared),
      async write (key, form) {
        const file = new DatabaseSync(join(shared.directory, 'sessions.sqlite'))
        for (const table of ['live', 'ended']) file.prepare(`UPDATE ${table} SET form = ? WHERE key = ?`).run(form, key)
        file.close()
      },
    }
  })
})

t.test('redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  let sites = 0
  await runSuite(t, () => {
    sites += 1
    const gateway = `clinic-${sites}`
    const shared = { redisUrl: redis.url, gateway, secret: makeSecret(), clock: createMovableClock() }
    return {
      clock: shared.clock,
      open: () => buildRoom(t, shared),
      async write (key, form) {
        for (const name of ['live', 'ended'].map(kind => `sallyport:{${gateway}}:session:${kind}:${key}`)) {
          if (await reader.call('EXISTS', name) === 1) await reader.call('HSET', name, 'form', String(form))
        }
      },
    }
  })

  t.test('sessions of a version before forms had numbers are read', async t => {
    const { room } = await buildRoom(t, { redisUrl: redis.url, gateway: 'before', secret: makeSecret() })
    const { session, setCookie } = await room.begin(makePrincipal())
    const name = `sallyport:{before}:session:live:${session.key}`
    t.equal(await reader.call('HDEL', name, 'form', 'place'), 2)
    const later = await buildRoom(t, { redisUrl: redis.url, gateway: 'before', secret: makeSecret() })
    t.match(await later.room.list(), [{ key: session.key, session: undefined }], 'with another secret it is nobody\'s')
    t.equal(await outcomeOf(room.find(cookieOf(setCookie))), 'live')
    t.match((await room.list())[0]?.session, { principal: { id: 'front.desk' }, beganFrom: undefined })
  })
})
