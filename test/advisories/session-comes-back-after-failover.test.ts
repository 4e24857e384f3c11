// Known default: a Redis that failed over can have lost a sign-out that it had acknowledged, and the old cookie works again.
import t from 'tap'
import { createMovableClock } from '../support/clock.ts'
import { buildRoom, cookieOf, makePrincipal, makeSecret, minute, navigates, outcomeOf, until } from '../inbound/session/build-room.ts'
import { createRedisReader } from '../inbound/session/read-redis.ts'
import { startRedis } from '../support/redis.ts'

t.test('what a gateway ended, or heard of, stays dead for it, whatever the store says later', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const shared = { redisUrl: redis.url, secret: makeSecret(), clock: createMovableClock() }
  const [one, other] = [await buildRoom(t, shared), await buildRoom(t, shared)]
  const { session, setCookie } = await one.room.begin(makePrincipal())
  const cookie = cookieOf(setCookie)
  const live = `sallyport:{sallyport}:session:live:${session.key}`
  const fields = await reader.call('HGETALL', live) as string[]
  let cuts = 0
  other.room.register({ sessionKey: session.key, cut: () => { cuts += 1 } })
  await one.room.endByCookie(cookie, 'signedOut')
  await until(async () => { await shared.clock.advance(250); return cuts === 1 }, 'the other gateway heard of it')
  await reader.call('HSET', live, ...fields)
  await reader.call('ZADD', 'sallyport:{sallyport}:session:active', shared.clock.now(), session.key)
  shared.clock.step(minute)
  t.equal(await outcomeOf(one.room.require(cookie, navigates)), 'session.ended')
  t.equal(await outcomeOf(other.room.require(cookie, navigates)), 'session.ended')
})
