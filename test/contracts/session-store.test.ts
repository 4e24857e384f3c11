// One suite for every session store: what the room relies on holds in SQLite and in Redis alike.
import t, { type Test } from 'tap'
import { createEmbeddedStore } from '../../src/inbound/session/embedded-store.ts'
import { createRedisStore } from '../../src/inbound/session/redis-store.ts'
import { sessionForm, type SessionStore, type StoredSession } from '../../src/inbound/session/store.ts'
import { startRedis } from '../support/redis.ts'
import { makeDirectory } from '../inbound/session/build-room.ts'

const idleMs = 15 * 60_000
const began = Date.UTC(2026, 0, 5, 9)
let serial = 0

function makeStored (fields: Partial<StoredSession> = {}): StoredSession {
  serial += 1
  const key = `key-${serial}`.padEnd(43, '_')
  return { key, sealed: `sealed-${serial}`, person: `person-${serial}`, nameId: `nameId-${serial}`, index: `index-${serial}`, beganAt: began, lastActiveAt: began, endsAt: began + 12 * 3_600_000, form: sessionForm, place: `place-${serial}`, ...fields }
}

/** `open` gives another door to the same store, as another process has. */
async function runContract (t: Test, open: () => Promise<SessionStore>): Promise<void> {
  const one = await open()
  const other = await open()
  const readAll = (now: number) => one.due({ now, idleMs }, 1000)

  t.test('a session that was added is live, whole, through every door', async t => {
    const session = makeStored()
    await one.add(session)
    t.same(await one.visit(session.key, { now: began, idleMs, moves: false }), { state: 'live', session })
    t.same(await other.visit(session.key, { now: began + 1, idleMs, moves: false }), { state: 'live', session })
  })

  t.test('what was never there is dead without a cause', async t => {
    t.same(await one.visit('never'.padEnd(43, '_'), { now: began, idleMs, moves: true }), { state: 'dead', cause: undefined })
  })

  t.test('a visit that moves the clock moves it for everybody, and never back', async t => {
    const session = makeStored()
    await one.add(session)
    const moved = { ...session, lastActiveAt: began + 5000 }
    t.same(await one.visit(session.key, { now: began + 5000, idleMs, moves: true }), { state: 'live', session: moved })
    t.same(await other.visit(session.key, { now: began + 4000, idleMs, moves: true }), { state: 'live', session: moved })
    t.same(await other.visit(session.key, { now: began + idleMs + 4999, idleMs, moves: false }), { state: 'live', session: moved })
    t.same(await other.visit(session.key, { now: began + idleMs + 5000, idleMs, moves: false }), { state: 'ended', session: moved, cause: 'idle' })
  })

  t.test('idle is exact, and a visit in time cannot be made after it', async t => {
    const session = makeStored()
    await one.add(session)
    t.equal((await one.visit(session.key, { now: began + idleMs - 1, idleMs, moves: false })).state, 'live')
    t.same(await one.visit(session.key, { now: began + idleMs, idleMs, moves: true }), { state: 'ended', session, cause: 'idle' })
    t.same(await other.visit(session.key, { now: began + idleMs - 1, idleMs, moves: true }), { state: 'dead', cause: 'idle' })
  })

  t.test('the last end is exact, and the cause is what came first', async t => {
    const short = makeStored({ endsAt: began + 60_000 })
    await one.add(short)
    t.equal((await one.visit(short.key, { now: began + 59_999, idleMs, moves: true })).state, 'live')
    t.match(await one.visit(short.key, { now: began + 60_000, idleMs, moves: true }), { state: 'ended', cause: 'absolute' })
    const long = makeStored({ endsAt: began + idleMs + 1 })
    await one.add(long)
    t.match(await one.visit(long.key, { now: began + 2 * idleMs, idleMs, moves: true }), { state: 'ended', cause: 'idle' })
  })

  t.test('a clock that was set back by more than a minute ends what it can no longer measure', async t => {
    const session = makeStored({ lastActiveAt: began + 3_600_000 })
    await one.add(session)
    const at = (now: number) => ({ now, idleMs, moves: true })
    t.equal((await one.visit(session.key, at(began + 3_540_000))).state, 'live', 'gateways\' clocks may differ a little')
    t.notOk((await readAll(began + 3_540_000)).includes(session.key))
    t.ok((await readAll(began + 3_539_999)).includes(session.key))
    t.same(await other.visit(session.key, at(began + 3_539_999)), { state: 'ended', session, cause: 'idle' })
  })

  t.test('of many that end or visit a due session at once, one gets it', async t => {
    const session = makeStored()
    await one.add(session)
    const visits = await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other).visit(session.key, { now: began + idleMs, idleMs, moves: at % 3 === 0 })))
    t.equal(visits.filter(({ state }) => state === 'ended').length, 1)
    t.equal(visits.filter(({ state }) => state === 'dead').length, 19)
    const next = makeStored()
    await one.add(next)
    const ends = await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other).end([next.key], { cause: 'revoked', now: began })))
    t.same(ends.flat(), [next])
  })

  t.test('what was ended stays dead, with its cause, and no visit brings it back', async t => {
    const sessions = [makeStored(), makeStored(), makeStored()]
    for (const session of sessions) await one.add(session)
    const keys = sessions.map(({ key }) => key)
    t.same(await one.end([...keys, 'never'.padEnd(43, '_')], { cause: 'signedOut', now: began + 1 }), sessions)
    for (const key of keys) t.same(await other.visit(key, { now: began + 2, idleMs, moves: true }), { state: 'dead', cause: 'signedOut' })
    t.same(await one.end(keys, { cause: 'revoked', now: began + 3 }), [])
    t.same(await one.visit(keys[0] as string, { now: began + 3, idleMs, moves: true }), { state: 'dead', cause: 'signedOut' })
  })

  t.test('dead() names what is not live, and why', async t => {
    const [live, gone] = [makeStored(), makeStored()]
    await one.add(live)
    await one.add(gone)
    await one.end([gone.key], { cause: 'idpLogout', now: began })
    const never = 'never'.padEnd(43, '_')
    t.same([...await other.dead([live.key, gone.key, never])], [[gone.key, 'idpLogout'], [never, undefined]])
    t.equal((await other.dead([])).size, 0)
  })

  t.test('dead() answers for more sessions than one command carries', async t => {
    const live = makeStored()
    await one.add(live)
    const keys = [live.key, ...Array.from({ length: 1200 }, (_, at) => `none-${at}`.padEnd(43, '_'))]
    t.equal((await one.dead(keys)).size, 1200)
  })

  t.test('sessions are found by person, by NameID and by its index', async t => {
    const person = { person: 'the-person', nameId: 'the-name-id' }
    const first = makeStored({ ...person, index: 'first' })
    const second = makeStored({ ...person, index: 'second' })
    const without = makeStored({ ...person, index: '' })
    for (const session of [first, second, without, makeStored()]) await one.add(session)
    const keys = (...sessions: StoredSession[]) => sessions.map(({ key }) => key).sort()
    t.same([...await other.find({ by: 'person', person: 'the-person' })].sort(), keys(first, second, without))
    t.same([...await other.find({ by: 'nameId', nameId: 'the-name-id', index: undefined })].sort(), keys(first, second, without))
    t.same([...await other.find({ by: 'nameId', nameId: 'the-name-id', index: 'first' })].sort(), keys(first, without), 'one without an index cannot be told apart')
    t.same(await other.find({ by: 'person', person: 'nobody' }), [])
    await one.end([first.key], { cause: 'revoked', now: began })
    t.same([...await other.find({ by: 'person', person: 'the-person' })].sort(), keys(second, without))
  })

  t.test('count, all and due follow what is live', async t => {
    await one.end(await one.find({ by: 'all' }), { cause: 'policy', now: began })
    t.equal(await one.count(), 0)
    const [early, late, short] = [makeStored(), makeStored({ lastActiveAt: began + 1000 }), makeStored({ endsAt: began + 500, lastActiveAt: began + 400 })]
    for (const session of [early, late, short]) await one.add(session)
    t.equal(await other.count(), 3)
    t.same([...await other.find({ by: 'all' })].sort(), [early.key, late.key, short.key].sort())
    t.same(await readAll(began + 499), [])
    t.same(await readAll(began + 500), [short.key])
    t.same([...await readAll(began + idleMs)].sort(), [early.key, short.key].sort())
    t.equal((await other.due({ now: began + 2 * idleMs, idleMs }, 2)).length, 2)
    await one.visit(early.key, { now: began + 1000, idleMs, moves: true })
    t.same(await readAll(began + idleMs), [short.key], 'a move takes it off the list')
  })

  t.test('an end that nobody acknowledged is taken over by one, once, after its time', async t => {
    const [told, untold] = [makeStored(), makeStored()]
    for (const session of [told, untold]) await one.add(session)
    await one.end([told.key, untold.key], { cause: 'revoked', now: began + 10 })
    t.equal(await one.acknowledge(told.key), true)
    t.equal(await other.acknowledge(told.key), false)
    t.notOk((await one.takeUnreported(began + 10)).some(({ session }) => session.key === untold.key), 'not yet')
    const taken = (await Promise.all([one, other, one, other].map(store => store.takeUnreported(began + 11)))).flat()
    const mine = taken.filter(({ session }) => session.key === told.key || session.key === untold.key)
    t.equal(mine.length, 1)
    t.match(mine[0], { cause: 'revoked', session: { key: untold.key, sealed: untold.sealed, beganAt: untold.beganAt, endsAt: untold.endsAt } })
    t.same(await other.visit(untold.key, { now: began, idleMs, moves: true }), { state: 'dead', cause: 'revoked' }, 'and it is still remembered as dead')
  })

  t.test('a place is noted of what is live, for everybody, and brings nothing back', async t => {
    const session = makeStored()
    await one.add(session)
    await one.place(session.key, 'elsewhere')
    const noted = { ...session, place: 'elsewhere' }
    t.same(await other.visit(session.key, { now: began, idleMs, moves: false }), { state: 'live', session: noted })
    t.same(await one.end([session.key], { cause: 'moved', now: began }), [noted])
    await other.place(session.key, 'after the end')
    t.same(await one.visit(session.key, { now: began, idleMs, moves: true }), { state: 'dead', cause: 'moved' })
    t.same(await one.read([session.key]), [])
    t.notOk((await one.find({ by: 'all' })).includes(session.key))
  })

  t.test('read() shows what is live as it lies there, also what is due, and moves nothing', async t => {
    const [fresh, due, gone] = [makeStored(), makeStored({ lastActiveAt: began - idleMs }), makeStored()]
    for (const session of [fresh, due, gone]) await one.add(session)
    await one.end([gone.key], { cause: 'revoked', now: began })
    const keys = [fresh.key, due.key, gone.key, 'never'.padEnd(43, '_')]
    t.same(await other.read(keys), [fresh, due])
    t.same(await one.read(keys), [fresh, due])
    t.same(await one.read([]), [])
    const many = Array.from({ length: 1100 }, (_, at) => `none-${at}`.padEnd(43, '_'))
    t.same(await one.read([...many, fresh.key]), [fresh])
    t.same(await one.visit(due.key, { now: began, idleMs, moves: true }), { state: 'ended', session: due, cause: 'idle' })
  })

  t.test('what a newer version wrote is neither read, moved nor ended by its time', async t => {
    const session = makeStored({ form: sessionForm + 1, person: 'newer-person' })
    await one.add(session)
    for (const now of [began, began + idleMs, session.endsAt + 1]) {
      t.same(await other.visit(session.key, { now, idleMs, moves: true }), { state: 'newer' })
    }
    t.notOk((await readAll(session.endsAt + 1)).includes(session.key))
    t.same([...await one.dead([session.key])], [])
    await one.purge(session.endsAt + 1)
    t.same(await one.read([session.key]), [session], 'not a byte of it changed')
    t.same(await one.find({ by: 'person', person: 'newer-person' }), [session.key], 'and it is found by whom it is for')
  })

  t.test('what a newer version wrote is ended when somebody says so, and its end is left to who can report it', async t => {
    const session = makeStored({ form: sessionForm + 1 })
    await one.add(session)
    t.same(await other.end([session.key], { cause: 'revoked', now: began }), [session])
    t.same(await one.visit(session.key, { now: began, idleMs, moves: true }), { state: 'dead', cause: 'revoked' })
    const mine = makeStored()
    await one.add(mine)
    await one.end([mine.key], { cause: 'signedOut', now: began + 1 })
    const taken = await other.takeUnreported(began + 2)
    t.ok(taken.some(each => each.session.key === mine.key), 'what lies behind it is found')
    t.notOk(taken.some(each => each.session.key === session.key))
    t.equal(await one.acknowledge(session.key), true, 'it still waits')
  })

  t.test('many of a newer form in front do not hide what is due', async t => {
    const newer = Array.from({ length: 450 }, () => makeStored({ form: sessionForm + 1, lastActiveAt: began - 1000, endsAt: began + 1 }))
    for (const session of newer) await one.add(session)
    const due = makeStored({ lastActiveAt: began - 500 })
    await one.add(due)
    t.ok((await one.due({ now: began + idleMs, idleMs }, 200)).includes(due.key))
    await one.end(newer.map(({ key }) => key), { cause: 'revoked', now: began })
    await one.end([due.key], { cause: 'revoked', now: began + 1 })
    const taken = (await Promise.all([1, 2, 3].map(() => one.takeUnreported(began + 2)))).flat()
    t.ok(taken.some(each => each.session.key === due.key), 'nor what nobody reported')
  })

  t.test('purge forgets nothing that is live', async t => {
    const session = makeStored()
    await one.add(session)
    await one.purge(began + 1000)
    t.equal((await other.visit(session.key, { now: began + 1000, idleMs, moves: false })).state, 'live')
  })

  t.test('a one-time value is put once and taken once, of many at once too', async t => {
    const until = { now: began, ttlMs: 1000 }
    const put = await Promise.all(Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? one : other).putOnce('name', `value-${at}`, until)))
    t.equal(put.filter(Boolean).length, 1)
    t.equal(await other.peek('name', began + 999), `value-${put.indexOf(true)}`)
    const taken = await Promise.all(Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? one : other).take('name', began)))
    t.same(taken.filter(value => value !== undefined), [`value-${put.indexOf(true)}`])
    t.equal(await one.peek('name', began), undefined)
    t.equal(await one.putOnce('name', 'again', until), true, 'a name that was taken is free')
  })

  t.test('a one-time value is over exactly at its time', async t => {
    await one.putOnce('short', 'value', { now: began, ttlMs: 60_000 })
    t.equal(await one.peek('short', began + 59_999), 'value')
    t.equal(await one.peek('short', began + 60_000), undefined)
    t.equal(await one.putOnce('short', 'second', { now: began + 59_999, ttlMs: 60_000 }), false)
    t.equal(await other.putOnce('short', 'third', { now: began + 60_000, ttlMs: 60_000 }), true)
    t.equal(await one.take('short', began + 120_000), undefined)
    await one.purge(began + 120_000)
  })

  t.test('a closed store refuses, and does not hang', async t => {
    const closed = await open()
    await closed.close()
    await t.rejects(closed.visit('any'.padEnd(43, '_'), { now: began, idleMs, moves: false }), { code: 'session.storeUnavailable', source: 'store' })
    await t.rejects(closed.take('name', began), { code: 'session.storeUnavailable' })
  })
}

t.test('embedded', async t => {
  const directory = makeDirectory(t)
  await runContract(t, async () => {
    const store = createEmbeddedStore(directory)
    t.teardown(() => store.close().catch(() => undefined))
    return store
  })
})

t.test('redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await runContract(t, async () => {
    const store = createRedisStore({ url: redis.url }, 'contract')
    t.teardown(() => store.close())
    await store.opened()
    return store
  })
})
