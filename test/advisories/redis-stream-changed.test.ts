// No ACL makes a writer append-only: whoever may XADD can trim the history, delete it, or block a stream with one entry of the greatest id. The spool
// holds every record; a reader sees what is missing; what does not fit is never overwritten.
import t from 'tap'
import { cpSync } from 'node:fs'
import type { TrailEntry } from '../../src/audit/audit.ts'
import { admitted, connectClient, createDirectory, listStreams, openTrail, readRedis, until } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'

type Test = { teardown: (action: () => unknown) => void }

async function setUp (t: Test, count = 10) {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const opened = await openTrail(t, { config: { redis: { url: redis.url } } })
  for (let n = 0; n < count; n++) await opened.trail.record(admitted(`n${n}`))
  await opened.trail.flush({ timeoutMs: 5000, ship: true })
  const client = await connectClient(t, redis.url)
  const [stream] = await listStreams(client)
  return { ...opened, redis, client, stream: stream as string }
}

const withoutGaps = (entries: readonly TrailEntry[]) => entries.filter(entry => entry.event?.kind !== 'gateway.gap').map(entry => entry.event?.id)
const gapsIn = (entries: readonly TrailEntry[]) => entries.filter(entry => entry.event?.kind === 'gateway.gap').map(entry => entry.event?.facts)

t.test('the history was trimmed: the trail goes on behind the last record, and a reader sees the gap', async t => {
  const { trail, client, stream, redis, key } = await setUp(t)
  await client.call('XTRIM', stream, 'MAXLEN', '=', 3)
  await trail.record(admitted('after'))
  t.equal(await trail.flush({ timeoutMs: 5000, ship: true }), true)
  const entries = await readRedis(redis.url, key)
  t.same(entries.map(entry => entry.event?.id), ['n7', 'n8', 'n9', 'after'])
  t.same(entries.map(entry => entry.problems), [['gap'], [], [], []])
})

t.test('everything was trimmed, which blocks the numbers that were there: alarm, and the spool keeps what is missing', async t => {
  const { trail, client, stream, redis, key, directory } = await setUp(t)
  await client.call('XTRIM', stream, 'MAXLEN', '=', 0)
  await trail.record(admitted('after'))
  await until(() => trail.ready().detail !== 'recording')
  t.match(trail.ready(), { ok: true, detail: /last-generated-id/ })
  t.same(await readRedis(redis.url, key), [])
  t.ok((await readTrail(directory, key)).some(event => event.id === 'after'))
})

t.test('one record in the middle was deleted: a reader sees which', async t => {
  const { client, stream, redis, key } = await setUp(t)
  await client.call('XDEL', stream, '5-0')
  const entries = await readRedis(redis.url, key)
  t.same(entries.flatMap(entry => entry.problems.map(problem => [entry.seq, problem])), [[6, 'gap']])
})

t.test('the whole stream was deleted, or Redis lost its data: everything is carried again', async t => {
  const { trail, client, stream, redis, key } = await setUp(t)
  await client.call('DEL', stream)
  await trail.record(admitted('after'))
  t.equal(await trail.flush({ timeoutMs: 5000, ship: true }), true)
  await until(async () => gapsIn(await readRedis(redis.url, key)).length === 1)
  let entries = await readRedis(redis.url, key)
  t.same(withoutGaps(entries).slice(1), [...Array.from({ length: 10 }, (_, n) => `n${n}`), 'after'])
  t.match(gapsIn(entries), [{ cause: 'redisLost', first: 1, last: 11 }])
  await client.call('FLUSHALL')
  await redis.cut()
  await redis.restore()
  await trail.record(admitted('after-flush'))
  await until(async () => (await readRedis(redis.url, key)).length === 15)
  entries = await readRedis(redis.url, key)
  t.same(entries.flatMap(entry => entry.problems), [])
  t.match(gapsIn(entries)[1], { cause: 'redisLost', first: 1, last: 13 })
})

t.test('a failover lost the last acknowledged records: they are carried again', async t => {
  const { trail, client, stream, redis, key } = await setUp(t)
  await client.call('EVAL', `
    local kept = redis.call('XRANGE', KEYS[1], '-', '6-0')
    redis.call('DEL', KEYS[1])
    for _, entry in ipairs(kept) do redis.call('XADD', KEYS[1], entry[1], unpack(entry[2])) end`, 1, stream)
  await redis.cut()
  await redis.restore()
  await trail.record(admitted('meanwhile'))
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
  await until(async () => gapsIn(await readRedis(redis.url, key)).length === 1)
  const entries = await readRedis(redis.url, key)
  t.same(entries.flatMap(entry => entry.problems), [])
  t.same(withoutGaps(entries).slice(1), [...Array.from({ length: 10 }, (_, n) => `n${n}`), 'meanwhile'])
  t.match(gapsIn(entries), [{ cause: 'redisLost', first: 7, last: 11 }], 'and it is on record that Redis lost them')
})

for (const [name, write] of [
  ['an entry of the greatest id', ['18446744073709551615-18446744073709551615', 'field', 'value']],
  ['an entry with a number of its own', ['999-0', 'field', 'value']],
  ['an entry that is written like ours', ['12-0', 'v', '1', 'hash', 'x'.repeat(43)]],
] as const) {
  t.test(`a stranger wrote ${name}: alarm in log, readiness and trail; nothing is overwritten; in spool mode people still get in`, async t => {
    const { trail, client, stream, log, directory, key } = await setUp(t)
    await client.call('XADD', stream, ...write)
    const before = await client.call('XRANGE', stream, '-', '+')
    await trail.record(admitted('after'))
    await until(() => log.lines.some(line => line['msg'] === 'audit.redisConflict'))
    t.match(trail.ready(), { ok: true, detail: /second writer/ })
    await trail.record(admitted('still-recorded'))
    t.same(await client.call('XRANGE', stream, '-', '+'), before)
    t.ok((await readTrail(directory, key)).some(event => event.kind === 'gateway.gap' && event.facts?.['cause'] === 'streamConflict'))
  })
}

t.test('the same with durability redis: nobody gets in, and readiness is red', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { trail } = await openTrail(t, { config: { redis: { url: redis.url }, durability: 'redis', deadline: '300ms' } })
  const client = await connectClient(t, redis.url)
  const [stream] = await listStreams(client)
  await client.call('XADD', stream ?? '', '999-0', 'field', 'value')
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  t.equal(trail.ready().ok, false)
  await t.rejects(trail.record(admitted('refused too')), { code: 'audit.unavailable' })
})

t.test('a copy of the spool is started somewhere else: two epochs that continue one, seen by a reader, no record overwritten', async t => {
  const { trail, directory, config, redis, key } = await setUp(t)
  const place = createDirectory()
  t.teardown(place.remove)
  cpSync(directory, place.directory, { recursive: true })
  const copy = await openTrail(t, { directory: place.directory, config })
  await Promise.all([trail.record(admitted('from-the-first')), copy.trail.record(admitted('from-the-copy'))])
  await trail.flush({ timeoutMs: 5000, ship: true })
  await copy.trail.flush({ timeoutMs: 5000, ship: true })
  const entries = await readRedis(redis.url, key)
  t.ok(entries.some(entry => entry.event?.id === 'from-the-first') && entries.some(entry => entry.event?.id === 'from-the-copy'))
  t.same([...new Set(entries.flatMap(entry => entry.problems))], ['link'])
})
