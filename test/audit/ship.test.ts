// From the spool to Redis: within milliseconds while it is there, later when it was not, across restarts, each record once.
import t from 'tap'
import { appendFileSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { admitted, completed, connectClient, createDirectory, createKey, listStreams, openTrail, readRedis, until } from '../support/audit.ts'
import { recordUntilKilled } from '../support/kill-rounds.ts'
import { startRedis } from '../support/redis.ts'
import { readEntries } from '../support/trail.ts'

type Test = { teardown: (action: () => unknown) => void }

async function startOwn (t: Test) {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  return redis
}

const keyOf = (entry: { readonly epoch: number, readonly seq: number }) => `${entry.epoch}/${entry.seq}`

t.test('Redis killed with SIGKILL and revived: in spool mode nobody notices, all records arrive later, once', async t => {
  const redis = await startOwn(t)
  const { trail, directory, key } = await openTrail(t, { config: { redis: { url: redis.url } } })
  await trail.record(admitted('before'))
  await trail.flush({ timeoutMs: 5000, ship: true })
  await redis.kill()
  for (let n = 0; n < 300; n++) {
    await trail.record(admitted(`n${n}`))
    trail.note(completed(`n${n}`))
  }
  t.equal(await trail.flush({ timeoutMs: 5000, ship: false }), true)
  t.equal(trail.ready().ok, true)
  t.match(trail.ready().detail, /wait in the spool/)
  t.equal(trail.depth().unshipped, 600)
  await redis.revive()
  t.equal(await trail.flush({ timeoutMs: 20_000, ship: true }), true)
  t.same(trail.depth(), { waiting: 0, unshipped: 0 })
  const inRedis = await readRedis(redis.url, key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.same(inRedis.map(keyOf), (await readEntries(directory, key)).map(keyOf))
})

for (const durability of ['redis', 'dual'] as const) {
  t.test(`Redis killed with durability ${durability}: refused within the deadline, then at once; open again by itself, and what was refused is ended`, async t => {
    const redis = await startOwn(t)
    const { trail, directory, key } = await openTrail(t, { config: { redis: { url: redis.url }, durability, deadline: '500ms' } })
    await trail.record(admitted('before'))
    await redis.kill()
    const startedAt = performance.now()
    await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
    t.ok(performance.now() - startedAt < 1000)
    await until(() => !trail.ready().ok)
    const again = performance.now()
    await t.rejects(trail.record(admitted('refused-at-once')), { code: 'audit.unavailable' })
    t.ok(performance.now() - again < 50)
    await redis.revive()
    await until(() => trail.ready().ok)
    await trail.record(admitted('after'))
    t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
    const inRedis = await readRedis(redis.url, key)
    t.same(inRedis.flatMap(entry => entry.problems), [])
    const events = inRedis.map(entry => `${entry.event?.kind} ${entry.event?.id}`)
    t.ok(events.includes('request.admitted before') && events.includes('request.admitted after'))
    t.equal(events.includes('request.admitted refused'), events.includes('request.abandoned refused'))
    t.notOk(events.includes('request.admitted refused-at-once'))
    t.same(inRedis.map(keyOf), (await readEntries(directory, key)).map(keyOf))
  })
}

t.test('Redis is not there at the start: spool mode starts, and carries everything when it comes', async t => {
  const redis = await startOwn(t)
  await redis.kill()
  const { trail, key } = await openTrail(t, { config: { redis: { url: redis.url } } })
  for (let n = 0; n < 20; n++) await trail.record(admitted(`n${n}`))
  await redis.revive()
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
  t.equal((await readRedis(redis.url, key)).length, 21)
})

t.test('epochs that were never carried are carried at a later start, beside the running one', async t => {
  const redis = await startOwn(t)
  const first = await openTrail(t)
  const { directory, config, key } = first
  for (let n = 0; n < 700; n++) first.trail.note(completed(`first-${n}`))
  await first.trail.close()
  const second = await openTrail(t, { directory, config })
  for (let n = 0; n < 5; n++) await second.trail.record(admitted(`second-${n}`))
  await second.trail.close()
  const third = await openTrail(t, { directory, config: { ...config, redis: { url: redis.url } } })
  await third.trail.record(admitted('third'))
  t.equal(await third.trail.flush({ timeoutMs: 10_000, ship: true }), true)
  const inRedis = await readRedis(redis.url, key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.same(inRedis.map(keyOf), (await readEntries(directory, key)).map(keyOf))
  t.equal((await listStreams(await connectClient(t, redis.url))).length, 3)
})

t.test('more than memory holds is carried from the files', async t => {
  const redis = await startOwn(t)
  const { trail, directory, key } = await openTrail(t, { config: { redis: { url: redis.url }, segmentSize: '1MiB' } })
  await trail.flush({ timeoutMs: 5000, ship: true })
  await redis.cut()
  const facts = { text: 'x'.repeat(2000), more: 'y'.repeat(2000) }
  for (let n = 0; n < 3000; n++) trail.note(completed(`n${n}`, { facts }))
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: false }), true)
  t.equal(trail.depth().unshipped, 3000)
  await redis.restore()
  t.equal(await trail.flush({ timeoutMs: 20_000, ship: true }), true)
  const inRedis = await readRedis(redis.url, key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.same(inRedis.map(keyOf), (await readEntries(directory, key)).map(keyOf))
})

t.test('several writers of one gateway share a Redis, each in its own streams', async t => {
  const redis = await startOwn(t)
  const one = await openTrail(t, { config: { redis: { url: redis.url } } })
  const other = await openTrail(t, { config: { redis: { url: redis.url }, key: one.key } })
  await Promise.all([one.trail.record(admitted('one')), other.trail.record(admitted('other'))])
  await one.trail.flush({ timeoutMs: 5000, ship: true })
  await other.trail.flush({ timeoutMs: 5000, ship: true })
  const inRedis = await readRedis(redis.url, one.key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.equal(new Set(inRedis.map(entry => entry.writer)).size, 2)
  t.same(inRedis.map(entry => entry.event?.id).filter(id => id === 'one' || id === 'other').sort(), ['one', 'other'])
})

t.test('killed with SIGKILL while it records and carries, ten times: Redis ends up with every record once', async t => {
  const redis = await startOwn(t)
  const { directory, remove } = createDirectory()
  t.teardown(remove)
  const key = createKey()
  const acknowledged: string[] = []
  for (let round = 0; round < 10; round++) {
    acknowledged.push(...await recordUntilKilled({ directory, round, key: key.reveal(), count: 100 + round * 60, redisUrl: redis.url }))
  }
  const { trail } = await openTrail(t, { directory, config: { key, redis: { url: redis.url } } })
  t.equal(await trail.flush({ timeoutMs: 20_000, ship: true }), true)
  const inRedis = await readRedis(redis.url, key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.same(inRedis.map(keyOf), (await readEntries(directory, key)).map(keyOf))
  const ids = new Set(inRedis.map(entry => entry.event?.id))
  t.same(acknowledged.filter(id => !ids.has(id)), [])
})

t.test('an earlier epoch that is damaged on disk: what is whole is carried, the rest is said', async t => {
  const redis = await startOwn(t)
  const first = await openTrail(t)
  const { directory, config, key } = first
  await first.trail.record(admitted('whole'))
  await first.trail.close()
  appendFileSync(join(directory, readdirSync(directory).find(name => name.endsWith('.audit')) ?? ''), 'not a record\n')
  const second = await openTrail(t, { directory, config: { ...config, redis: { url: redis.url } } })
  t.equal(await second.trail.flush({ timeoutMs: 5000, ship: true }), true)
  t.ok((await readRedis(redis.url, key)).some(entry => entry.event?.id === 'whole'))
  t.equal(second.log.lines.filter(line => line['msg'] === 'audit.spoolDamaged').length, 2)
})

t.test('a start asks Redis about the epochs that it cannot know to be there, and notices when Redis lost them', async t => {
  const redis = await startOwn(t)
  const first = await openTrail(t, { config: { redis: { url: redis.url } } })
  const { directory, config, key } = first
  await first.trail.close()
  const again = async () => {
    const { trail } = await openTrail(t, { directory, config })
    t.equal(await trail.flush({ timeoutMs: 5000, ship: true }), true)
    await trail.close()
    return Number(readFileSync(join(directory, 'shipped'), 'utf8'))
  }
  const second = await again()
  const third = await again()
  t.ok(third > second, 'one epoch further')
  const client = await connectClient(t, redis.url)
  await client.call('FLUSHALL')
  await again()
  const inRedis = await readRedis(redis.url, key)
  t.same(inRedis.flatMap(entry => entry.problems), [])
  t.same(inRedis.map(keyOf), (await readEntries(directory, key)).map(keyOf))
})
