// The store cannot be asked: everybody is refused within a second, nobody hangs, nobody passes, and it works again when the store is back.
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import type { CutCause, SessionRoom } from '../../../src/inbound/session/session.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { createMovableClock } from '../../support/clock.ts'
import { startRedis } from '../../support/redis.ts'
import { createRedisReader } from './read-redis.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, navigates, outcomeOf, polls, until, type TestedRoom } from './build-room.ts'

const unavailable = 'session.storeUnavailable'

function everything (room: TestedRoom, cookie: string): ReadonlyArray<readonly [string, () => Promise<unknown>]> {
  return [
    ['require', () => room.require(cookie, navigates)],
    ['require of two', () => room.require(`${cookie}; ${cookie.replace('=', '=x')}`, navigates)],
    ['begin', () => room.begin(makePrincipal())],
    ['endByCookie', () => room.endByCookie(cookie, 'signedOut')],
    ['end by key', () => room.end({ by: 'key', key: 'k' }, 'revoked')],
    ['end by person', () => room.end({ by: 'person', id: 'front.desk' }, 'revoked')],
    ['end by idp', () => room.end({ by: 'idp', nameId: 'n', sessionIndex: 'i' }, 'revoked')],
    ['end all', () => room.end({ by: 'all' }, 'revoked')],
    ['putOnce', () => room.oneTime.putOnce('n', 'v', 1000)],
    ['take', () => room.oneTime.take('n')],
    ['peek', () => room.oneTime.peek('n')],
    ['count', () => room.count()],
  ]
}

async function checkRefused (t: Test, room: SessionRoom, cookie: string): Promise<void> {
  for (const [what, ask] of everything(room, cookie)) {
    const began = performance.now()
    t.equal(await outcomeOf(ask()), unavailable, what)
    t.ok(performance.now() - began < 1000, `${what} within a second`)
  }
}

for (const how of ['cut', 'kill'] as const) {
  t.test(`Redis ${how === 'cut' ? 'unreachable' : 'killed'}: refused within a second; back: the same sessions work`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const clock = createSystemClock()
    const { room, logged } = await buildRoom(t, { redisUrl: redis.url, clock })
    const { session, setCookie } = await room.begin(makePrincipal())
    const cookie = cookieOf(setCookie)
    t.equal(await outcomeOf(room.require(cookie, navigates)), 'live')
    const cuts: CutCause[] = []
    room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
    const began = performance.now()
    await redis[how]()
    await until(() => cuts.length > 0, 'what was open is cut')
    t.ok(performance.now() - began < 1000, `cut after ${Math.round(performance.now() - began)} ms`)
    t.same(cuts, [unavailable.replace('session.', '')])
    await checkRefused(t, room, cookie)
    await until(() => !room.ready().ok, 'readiness is red')
    await redis[how === 'cut' ? 'restore' : 'revive']()
    await until(async () => await outcomeOf(room.require(cookie, navigates)) === 'live', 'it works again')
    await until(() => room.ready().ok, 'readiness is green')
    t.same(logged.map(({ event }) => event).filter(event => event.startsWith('session.store')), ['session.storeUnreachable', 'session.storeReachable'], 'said once each')
    t.same((await room.end({ by: 'all' }, 'revoked')).map(({ key }) => key), [session.key])
  })
}

t.test('a Redis that stalls: refused within a second, what is open is cut, and nothing is lost', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const { room, ended } = await buildRoom(t, { redisUrl: redis.url, clock: createSystemClock() })
  const { session, setCookie } = await room.begin(makePrincipal())
  const cuts: CutCause[] = []
  room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
  const began = performance.now()
  await reader.call('CLIENT', 'PAUSE', 3000, 'ALL')
  await until(() => cuts.length > 0, 'what was open is cut')
  t.ok(performance.now() - began < 1000, `cut after ${Math.round(performance.now() - began)} ms`)
  for (const ask of [() => room.require(cookieOf(setCookie), navigates), () => room.end({ by: 'key', key: session.key }, 'revoked')]) {
    const asked = performance.now()
    t.equal(await outcomeOf(ask()), unavailable)
    t.ok(performance.now() - asked < 1000, 'within a second')
  }
  t.same(ended, [])
  // The server had taken the command all the same and executes it when it goes on; that is on record although nobody waits for the answer.
  await until(() => ended.length > 0, 'the end that was not answered is reported')
  t.match(ended, [{ session: { key: session.key }, cause: 'revoked' }])
  t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), 'session.ended')
})

t.test('a stall that is shorter than a second is not noticed by what is open', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const { room } = await buildRoom(t, { redisUrl: redis.url, clock: createSystemClock() })
  const { session, setCookie } = await room.begin(makePrincipal())
  const cuts: CutCause[] = []
  room.register({ sessionKey: session.key, cut: cause => { cuts.push(cause) } })
  await reader.call('CLIENT', 'PAUSE', 300, 'ALL')
  t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), 'live', 'a request waits')
  const until1500 = performance.now() + 1500
  await until(() => performance.now() > until1500, 'time for a cut')
  t.same(cuts, [])
})

t.test('a Redis that never says that it is ready: refused within a second', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const secret = makeSecret()
  const sockets = new Set<Socket>()
  const silent = createServer(socket => { sockets.add(socket); socket.on('error', () => undefined); socket.resume() }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => { for (const socket of sockets) socket.destroy(); silent.close() })
  const good = await buildRoom(t, { redisUrl: redis.url, secret })
  const cookie = cookieOf((await good.room.begin(makePrincipal())).setCookie)
  const began = performance.now()
  const { room } = await buildRoom(t, { redisUrl: `redis://127.0.0.1:${(silent.address() as { port: number }).port}/0`, secret, clock: createSystemClock() })
  t.ok(performance.now() - began < 1500, 'the start does not hang either')
  await checkRefused(t, room, cookie)
})

t.test('Redis is not there at the start and comes later', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const secret = makeSecret()
  const clock = createSystemClock()
  const good = await buildRoom(t, { redisUrl: redis.url, secret, clock })
  const cookie = cookieOf((await good.room.begin(makePrincipal())).setCookie)
  await redis.cut()
  const { room } = await buildRoom(t, { redisUrl: redis.url, secret, clock })
  t.equal(await outcomeOf(room.require(cookie, polls)), unavailable)
  await redis.restore()
  await until(async () => await outcomeOf(room.require(cookie, polls)) === 'live', 'it works')
})

t.test('what was seen just now is not enough: half a second later the store must say it again', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { redisUrl: redis.url, clock })
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  t.equal(await outcomeOf(room.require(cookie, polls)), 'live')
  await redis.cut()
  await until(async () => await outcomeOf(room.count()) === unavailable, 'the cut is felt')
  clock.step(499)
  t.equal(await outcomeOf(room.require(cookie, polls)), 'live')
  t.equal(await outcomeOf(room.require(cookie, navigates)), unavailable, 'a doing has to be written down')
  clock.step(1)
  t.equal(await outcomeOf(room.require(cookie, polls)), unavailable)
  clock.step(-1000)
  t.equal(await outcomeOf(room.require(cookie, polls)), unavailable, 'a clock that is set back makes nothing fresh')
})

t.test('a SQLite file that another process keeps locked: refused within a second, and works again', async t => {
  const directory = makeDirectory(t)
  const { room } = await buildRoom(t, { directory })
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  const locker = new DatabaseSync(join(directory, 'sessions.sqlite'))
  t.teardown(() => locker.close())
  locker.exec('BEGIN IMMEDIATE')
  for (const ask of [() => room.begin(makePrincipal()), () => room.endByCookie(cookie, 'signedOut'), () => room.oneTime.take('n')]) {
    const began = performance.now()
    t.equal(await outcomeOf(ask()), unavailable)
    t.ok(performance.now() - began < 1000)
  }
  locker.exec('COMMIT')
  t.equal(await outcomeOf(room.require(cookie, navigates)), 'live')
  t.ok(await room.begin(makePrincipal()))
})

t.test('a file that cannot be opened, or that a later version wrote, stops the start', async t => {
  const directory = makeDirectory(t)
  const path = join(directory, 'sessions.sqlite')
  const file = new DatabaseSync(path)
  file.exec('PRAGMA user_version = 99')
  file.close()
  await t.rejects(buildRoom(t, { directory }), /form 99/)
  rmSync(path)
  const taken = new DatabaseSync(path)
  taken.close()
  chmodSync(path, 0o644)
  const { room } = await buildRoom(t, { directory })
  t.equal(await room.count(), 0, 'a file with wider rights is narrowed and used')
  await t.rejects(buildRoom(t, { directory: path }), { code: 'EEXIST' })
})
