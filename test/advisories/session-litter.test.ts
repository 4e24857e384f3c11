// Known default: what is over stays: rows and keys in the store, cookies in the browser, memory in the process.
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createMovableClock } from '../support/clock.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, minute, navigates, outcomeOf, polls, until } from '../inbound/session/build-room.ts'
import { createRedisReader } from '../inbound/session/read-redis.ts'
import { startRedis } from '../support/redis.ts'

t.test('a refused request leaves no session and no row', async t => {
  const { room } = await buildRoom(t)
  for (const cookie of [undefined, '', '__Host-sallyport=', '__Host-sallyport=nonsense', 'theme=dark']) {
    t.equal(await outcomeOf(room.require(cookie, navigates)), 'session.missing')
  }
  t.equal(await room.count(), 0)
})

t.test('after an end the answer takes our cookie away, and only ours', async t => {
  const { room } = await buildRoom(t)
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  const { setCookie } = await room.endByCookie(`crm=1; ${cookie}`, 'signedOut')
  t.same(setCookie, room.clearingCookies())
  for (const value of setCookie) t.match(value, /^__Host-sallyport=;/)
})

t.test('SQLite: an end leaves its cause for a day, the person not even that long', async t => {
  const directory = makeDirectory(t)
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { directory, clock })
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  await room.oneTime.putOnce('attempt', 'value', 10 * minute)
  await clock.advance(16 * minute)
  const file = new DatabaseSync(join(directory, 'sessions.sqlite'))
  t.teardown(() => file.close())
  const rows = (table: string) => file.prepare(`SELECT * FROM ${table}`).all()
  t.equal(rows('live').length, 0)
  t.match(rows('ended'), [{ cause: 'idle', reported: 1, sealed: '' }])
  t.equal(rows('once').length, 0)
  t.equal(await outcomeOf(room.require(cookie, polls)), 'session.idle')
  const later = createMovableClock(clock.now() + 24 * 60 * minute)
  await buildRoom(t, { directory, clock: later })
  await later.advance(2 * minute)
  t.equal(rows('ended').length, 0)
  t.notOk(readFileSync(join(directory, 'sessions.sqlite'), 'latin1').includes('front.desk'))
})

t.test('Redis: an end leaves its cause, and nothing of the person', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const { room, ended } = await buildRoom(t, { redisUrl: redis.url })
  const { session } = await room.begin(makePrincipal())
  t.ok((await reader.readAll()).includes('sealed'))
  await room.end({ by: 'all' }, 'revoked')
  t.equal(ended.length, 1)
  const left = `sallyport:{sallyport}:session:ended:${session.key}`
  await until(async () => !(await reader.readAll()).includes('sealed'), 'the end was acknowledged')
  t.same(await reader.call('KEYS', '*'), [left])
  const timeToLive = Number(await reader.call('PTTL', left))
  t.ok(timeToLive > 0 && timeToLive <= 24 * 60 * minute)
})

t.test('Redis: nothing is left of a session whose keys went by themselves', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { redisUrl: redis.url, clock })
  const { session } = await room.begin(makePrincipal())
  await reader.call('DEL', `sallyport:{sallyport}:session:live:${session.key}`)
  clock.step(16 * minute)
  await until(async () => { await clock.advance(500); return await room.count() === 0 }, 'the lists were swept')
})
