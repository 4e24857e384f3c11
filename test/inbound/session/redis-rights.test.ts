// The rights that docs/decisions/session.md asks for are enough for everything that the room does, and they end at the gateway's own keys.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createRedisStore } from '../../../src/inbound/session/redis-store.ts'
import type { EndCause } from '../../../src/inbound/session/session.ts'
import { SecretValue } from '../../../src/shared/schema.ts'
import { startRedis } from '../../support/redis.ts'
import { until } from './build-room.ts'
import { createRedisReader } from './read-redis.ts'

t.test('a user with just these rights', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const page = readFileSync(new URL('../../../docs/decisions/session.md', import.meta.url), 'utf8')
  const rights = /An ACL user needs ([^.]+)\./.exec(page.replaceAll('\n', ' '))?.[1]?.match(/[~&+][^`,\s]+/g) ?? []
  t.ok(rights.length > 5)
  await reader.call('ACL', 'SETUSER', 'gateway', 'reset', 'on', '>password', ...rights)
  const store = createRedisStore({ url: redis.url, username: 'gateway', password: new SecretValue('password') }, 'clinic')
  t.teardown(() => store.close())
  await store.opened()
  const heard: EndCause[] = []
  store.onEndedElsewhere((_key, cause) => { heard.push(cause) })
  const at = { now: 1000, idleMs: 1000, moves: true }
  const session = { key: 'key'.padEnd(43, '_'), sealed: 's', person: 'p', nameId: 'n', index: 'i', beganAt: 0, lastActiveAt: 500, endsAt: 100_000, form: 1, place: 'w' }
  await store.add(session)
  t.match(await store.visit(session.key, at), { state: 'live' })
  await store.place(session.key, 'x')
  t.match(await store.read([session.key]), [{ key: session.key, place: 'x' }])
  t.same(await store.due({ now: 5000, idleMs: 1000 }, 10), [session.key])
  for (const query of [{ by: 'person', person: 'p' }, { by: 'nameId', nameId: 'n', index: 'i' }, { by: 'all' }] as const) t.same(await store.find(query), [session.key])
  t.equal(await store.count(), 1)
  t.equal((await store.dead([session.key])).size, 0)
  await until(async () => Number((await reader.call('PUBSUB', 'NUMSUB', 'sallyport:{clinic}:session:ended') as unknown[])[1]) === 1, 'it listens')
  t.equal((await store.end([session.key], { cause: 'revoked', now: 1000 })).length, 1)
  await until(() => heard.length > 0, 'the message')
  t.same([...await store.dead([session.key])], [[session.key, 'revoked']])
  t.equal((await store.takeUnreported(2000)).length, 1)
  t.equal(await store.putOnce('n', 'v', { now: 0, ttlMs: 1000 }), true)
  t.equal(await store.peek('n', 1), 'v')
  t.equal(await store.take('n', 1), 'v')
  t.match(await reader.call('ACL', 'DRYRUN', 'gateway', 'HGETALL', 'audit:{clinic}'), /no permissions/)
  t.match(await reader.call('ACL', 'DRYRUN', 'gateway', 'FLUSHALL'), /no permissions/)
  t.match(await reader.call('ACL', 'DRYRUN', 'gateway', 'CONFIG', 'GET', '*'), /no permissions/)
})
