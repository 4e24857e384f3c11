// The room over both stores, from sign-in to every kind of end.
import t, { type Test } from 'tap'
import type { EndCause, SessionQuery } from '../../../src/inbound/session/session.ts'
import { createMovableClock } from '../../support/clock.ts'
import { startRedis } from '../../support/redis.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, makeSecret, minute, navigates, outcomeOf, polls, until, type RoomOptions } from './build-room.ts'

async function runSuite (t: Test, makeOptions: () => RoomOptions): Promise<void> {
  t.test('a session tells who, since when, and until when', async t => {
    const clock = createMovableClock()
    const { room } = await buildRoom(t, { ...makeOptions(), clock })
    const principal = makePrincipal({ email: undefined, groups: ['reception', 'billing'] })
    const { session, setCookie } = await room.begin(principal)
    const expected = { principal, beganAt: clock.now(), lastActiveAt: clock.now(), endsAt: clock.now() + 12 * 60 * minute }
    t.match(session, expected)
    t.match(session.key, /^[A-Za-z0-9_-]{43}$/)
    t.notOk(setCookie.includes(session.key))
    t.same(await room.require(cookieOf(setCookie), polls), session)
    clock.step(minute)
    t.same(await room.require(cookieOf(setCookie), navigates), { ...session, lastActiveAt: clock.now() })
    clock.step(minute)
    t.same(await room.require(cookieOf(setCookie), polls), { ...session, lastActiveAt: clock.now() - minute })
    t.equal(await room.count(), 1)
    await room.end({ by: 'all' }, 'policy')
    t.equal(await room.count(), 0)
  })

  t.test('one sign-in more than a person may have ends the oldest, not the idlest; one that was due is recorded as what it is', async t => {
    const clock = createMovableClock()
    const { room, ended } = await buildRoom(t, { ...makeOptions(), clock, config: { maxPerPerson: 2 } })
    const stranger = await room.begin(makePrincipal({ id: 'nurse', nameId: 'name-id-of-nurse' }))
    const first = await room.begin(makePrincipal())
    clock.step(minute)
    const second = await room.begin(makePrincipal())
    clock.step(minute)
    await room.require(cookieOf(first.setCookie), navigates)
    t.equal(ended.length, 0, 'two are allowed')
    const third = await room.begin(makePrincipal())
    t.same(ended.map(({ session, cause }) => [session.key, cause]), [[first.session.key, 'replaced']])
    for (const { setCookie, session } of [stranger, second, third]) t.equal((await room.require(cookieOf(setCookie), polls)).key, session.key)
    clock.step(14 * minute)
    const fourth = await room.begin(makePrincipal())
    t.same(ended.filter(({ session }) => session.key === second.session.key).map(({ cause }) => cause), ['idle'])
    for (const { setCookie, session } of [third, fourth]) t.equal((await room.require(cookieOf(setCookie), polls)).key, session.key)
  })

  const people = [makePrincipal(), makePrincipal({ sessionIndex: 'index-2' }), makePrincipal({ id: 'nurse', nameId: 'name-id-of-nurse', sessionIndex: undefined })]
  const queries: ReadonlyArray<readonly [string, (keys: readonly string[]) => SessionQuery, readonly number[]]> = [
    ['its key', keys => ({ by: 'key', key: keys[1] as string }), [1]],
    ['a key that is none', () => ({ by: 'key', key: 'nothing' }), []],
    ['the person', () => ({ by: 'person', id: 'front.desk' }), [0, 1]],
    ['nobody', () => ({ by: 'person', id: 'name-id-of-front-desk' }), []],
    ['the NameID', () => ({ by: 'idp', nameId: 'name-id-of-front-desk', sessionIndex: undefined }), [0, 1]],
    ['the NameID and its index', () => ({ by: 'idp', nameId: 'name-id-of-front-desk', sessionIndex: 'index-2' }), [1]],
    ['the NameID of a session without an index', () => ({ by: 'idp', nameId: 'name-id-of-nurse', sessionIndex: 'any' }), [2]],
    ['all', () => ({ by: 'all' }), [0, 1, 2]],
  ]
  for (const [what, query, expected] of queries) {
    t.test(`ending by ${what} ends those, tells which, reports each once`, async t => {
      const { room, ended } = await buildRoom(t, makeOptions())
      const begun = []
      for (const person of people) begun.push(await room.begin(person))
      const keys = begun.map(({ session }) => session.key)
      const wanted = expected.map(at => keys[at] as string).sort()
      t.same((await room.end(query(keys), 'revoked')).map(({ key }) => key).sort(), wanted)
      t.same(ended.map(({ session, cause }) => `${cause} ${session.key}`).sort(), wanted.map(key => `revoked ${key}`))
      for (const [at, { setCookie }] of begun.entries()) {
        t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), expected.includes(at) ? 'session.ended' : 'live')
      }
      t.same(await room.end(query(keys), 'revoked'), [], 'again ends nothing')
      await room.end({ by: 'all' }, 'policy')
    })
  }

  const causes: ReadonlyArray<readonly [EndCause, string]> = [
    ['signedOut', 'session.ended'], ['idpLogout', 'session.ended'], ['revoked', 'session.ended'], ['policy', 'session.ended'], ['replaced', 'session.ended'], ['moved', 'session.moved'],
  ]
  t.test('every cause is reported as it is', async t => {
    const { room, ended } = await buildRoom(t, makeOptions())
    for (const [cause, code] of causes) {
      const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
      await room.endByCookie(cookie, cause)
      t.equal(await outcomeOf(room.require(cookie, polls)), code)
    }
    t.same(ended.map(({ cause }) => cause), causes.map(([cause]) => cause))
  })

  t.test('a sign-out after the idle end is an idle end', async t => {
    const clock = createMovableClock()
    const { room, ended } = await buildRoom(t, { ...makeOptions(), clock })
    const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
    clock.step(15 * minute)
    t.equal((await room.endByCookie(cookie, 'signedOut')).ended, undefined)
    t.match(ended, [{ cause: 'idle' }])
  })

  t.test('sessions and ends outlive the process', async t => {
    const options = { ...makeOptions(), secret: makeSecret(), clock: createMovableClock() }
    const before = await buildRoom(t, options)
    const [kept, gone] = [await before.room.begin(makePrincipal()), await before.room.begin(makePrincipal())]
    await before.room.endByCookie(cookieOf(gone.setCookie), 'signedOut')
    await before.room.close()
    const { room } = await buildRoom(t, options)
    t.same(await room.require(cookieOf(kept.setCookie), polls), kept.session)
    t.equal(await outcomeOf(room.require(cookieOf(gone.setCookie), navigates)), 'session.ended')
    await room.end({ by: 'all' }, 'policy')
  })

  t.test('an idle end while no gateway ran is on record afterwards', async t => {
    const options = { ...makeOptions(), secret: makeSecret() }
    const clock = createMovableClock()
    const before = await buildRoom(t, { ...options, clock })
    const { session } = await before.room.begin(makePrincipal())
    await before.room.close()
    const later = createMovableClock(clock.now() + 60 * minute)
    const { ended } = await buildRoom(t, { ...options, clock: later })
    await until(async () => { await later.advance(500); return ended.length > 0 }, 'the end was reported')
    t.match(ended, [{ session: { key: session.key }, cause: 'idle' }])
  })

  t.test('an end that nobody could report is reported by the next gateway, once', async t => {
    const options = { ...makeOptions(), secret: makeSecret(), clock: createMovableClock() }
    const broken = await buildRoom(t, { ...options, deaf: true })
    const { session } = await broken.room.begin(makePrincipal())
    await broken.room.end({ by: 'key', key: session.key }, 'revoked')
    await broken.room.close()
    const { ended } = await buildRoom(t, options)
    const other = await buildRoom(t, options)
    await until(async () => { await options.clock.advance(500); return ended.length + other.ended.length > 0 }, 'the end was reported')
    await options.clock.advance(20_000)
    t.match([...ended, ...other.ended], [{ session: { key: session.key, principal: makePrincipal() }, cause: 'revoked' }])
    t.equal(ended.length + other.ended.length, 1)
  })

  t.test('one-time values: once, for their time, under any name', async t => {
    const clock = createMovableClock()
    const { room: { oneTime } } = await buildRoom(t, { ...makeOptions(), clock })
    const name = 'attempt: {odd} \u0000 name'
    t.equal(await oneTime.putOnce(name, 'välue', minute), true)
    t.equal(await oneTime.putOnce(name, 'other', minute), false)
    t.equal(await oneTime.peek(name), 'välue')
    t.equal(await oneTime.take(name), 'välue')
    t.equal(await oneTime.take(name), undefined)
    await oneTime.putOnce(name, 'later', minute)
    clock.step(minute)
    t.equal(await oneTime.peek(name), undefined)
    for (const ttl of [0, -1, NaN, Infinity]) await t.rejects(oneTime.putOnce('n', 'v', ttl), RangeError)
  })
}

t.test('embedded', async t => { await runSuite(t, () => ({ directory: makeDirectory(t) })) })

t.test('redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  let serial = 0
  await runSuite(t, () => { serial += 1; return { redisUrl: redis.url, gateway: `gateway-${serial}` } })
})

t.test('gateways of different names in one Redis do not know each other', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const secret = makeSecret()
  const one = await buildRoom(t, { redisUrl: redis.url, secret, gateway: 'one' })
  const other = await buildRoom(t, { redisUrl: redis.url, secret, gateway: 'other' })
  const cookie = cookieOf((await one.room.begin(makePrincipal())).setCookie)
  t.equal(await outcomeOf(other.room.require(cookie, navigates)), 'session.ended')
  t.same(await other.room.end({ by: 'all' }, 'revoked'), [])
  t.equal(await outcomeOf(one.room.require(cookie, navigates)), 'live')
})

t.test('a secret that is too short stops the start', async t => {
  await t.rejects(buildRoom(t, { secret: new (makeSecret().constructor as new (text: string) => ReturnType<typeof makeSecret>)('c2hvcnQ=') }), RangeError)
})
