// After a failover the old primary answers READONLY, and a server that is out of memory or still loading answers errors too: records wait in the spool
// and arrive when it takes them again.
import t from 'tap'
import { admitted, connectClient, openTrail, readRedis, until } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'
import { readEntries } from '../support/trail.ts'

t.test('READONLY for a while: nothing is lost, nothing is there twice', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { trail, directory, key, log } = await openTrail(t, { config: { redis: { url: redis.url } } })
  await trail.record(admitted('before'))
  await trail.flush({ timeoutMs: 5000, ship: true })
  const client = await connectClient(t, redis.url)
  await client.call('REPLICAOF', '127.0.0.1', '1')
  for (let n = 0; n < 20; n++) await trail.record(admitted(`meanwhile-${n}`))
  await until(() => log.lines.some(line => line['msg'] === 'audit.redisUnavailable'))
  t.match(trail.ready(), { ok: true, detail: /READONLY/ })
  t.equal(trail.depth().unshipped, 20)
  await client.call('REPLICAOF', 'NO', 'ONE')
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
  t.same(trail.ready(), { ok: true, detail: 'recording' })
  const inRedis = await readRedis(redis.url, key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.same(inRedis.map(entry => entry.event?.id), (await readEntries(directory, key)).map(entry => entry.event?.id))
})

t.test('READONLY with durability redis: refused within the deadline, then at once, and open again by itself', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { trail, key } = await openTrail(t, { config: { redis: { url: redis.url }, durability: 'redis', deadline: '500ms' } })
  const client = await connectClient(t, redis.url)
  await client.call('REPLICAOF', '127.0.0.1', '1')
  const startedAt = performance.now()
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  t.ok(performance.now() - startedAt < 1000)
  t.equal(trail.ready().ok, false)
  await client.call('REPLICAOF', 'NO', 'ONE')
  await until(() => trail.ready().ok)
  await trail.record(admitted('after'))
  t.same((await readRedis(redis.url, key)).flatMap(entry => entry.problems), [])
})

t.test('out of memory under noeviction: the same', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { trail, key } = await openTrail(t, { config: { redis: { url: redis.url } } })
  await trail.flush({ timeoutMs: 5000, ship: true })
  const client = await connectClient(t, redis.url)
  await client.call('CONFIG', 'SET', 'maxmemory', '1000000')
  for (let n = 0; n < 50; n++) await trail.record(admitted(`n${n}`))
  await until(() => /OOM/.test(trail.ready().detail))
  t.equal(trail.ready().ok, true)
  await client.call('CONFIG', 'SET', 'maxmemory', '0')
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
  t.equal((await readRedis(redis.url, key)).length, 51)
})
