// What Redis acknowledged and the disk lost comes back at the next start: a machine that lost power, or a spool restored from an older copy.
import t from 'tap'
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { admitted, completed, connectClient, createDirectory, type Entry, listStreams, openTrail, readRedis, readStream } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'
import { readEntries, readTrail } from '../support/trail.ts'

type Test = { teardown: (action: () => unknown) => void }

async function setUp (t: Test) {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const opened = await openTrail(t, { config: { redis: { url: redis.url }, durability: 'redis' } })
  await opened.trail.record(admitted('open'))
  await opened.trail.record(admitted('ended'))
  opened.trail.note(completed('ended'))
  for (let n = 0; n < 5; n++) await opened.trail.record(admitted(`n${n}`))
  await opened.trail.flush({ timeoutMs: 5000, ship: true })
  const place = createDirectory()
  t.teardown(place.remove)
  cpSync(opened.directory, place.directory, { recursive: true })
  return { redis, config: opened.config, key: opened.key, directory: place.directory }
}

const segment = (directory: string) => join(directory, readdirSync(directory).find(name => name.endsWith('.audit')) ?? '')

for (const [name, harm] of [
  ['the last records', (path: string) => { writeFileSync(path, readFileSync(path, 'latin1').split('\n').slice(0, 3).map(line => `${line}\n`).join(''), 'latin1') }],
  ['the last records and half of one', (path: string) => { const text = readFileSync(path); writeFileSync(path, text.subarray(0, text.length - 2500)) }],
  ['the whole epoch', (path: string) => { rmSync(path) }],
] as const) {
  t.test(`the disk lost ${name}: all of it comes back, the chain is whole, and what was open is ended once`, async t => {
    const { redis, config, key, directory } = await setUp(t)
    const before = await readRedis(redis.url, key)
    harm(segment(directory))
    const { trail, log } = await openTrail(t, { directory, config })
    await trail.flush({ timeoutMs: 5000, ship: true })
    const events = await readTrail(directory, key)
    t.same(events.slice(0, before.length).map(event => event.id), before.map(entry => entry.event?.id))
    t.same(events.filter(event => event.kind === 'request.abandoned').map(event => event.id), ['open', 'n0', 'n1', 'n2', 'n3', 'n4'])
    t.ok(log.lines.some(line => line['msg'] === 'audit.spoolBackfilled'))
    t.same((await readRedis(redis.url, key)).flatMap(entry => entry.problems), [])
  })
}

t.test('records in Redis that are not genuine are not taken', async t => {
  const { redis, config, key, directory } = await setUp(t)
  const client = await connectClient(t, redis.url)
  const [stream] = await listStreams(client)
  const [, fields] = (await readStream(client, stream ?? '')).at(-1) as Entry
  await client.call('XADD', stream ?? '', '10-0', ...fields)
  const { log } = await openTrail(t, { directory, config: { ...config, durability: 'spool' } })
  t.notOk(log.lines.some(line => line['msg'] === 'audit.spoolBackfilled'))
  t.same((await readEntries(directory, key)).flatMap(entry => entry.problems), [])
})
