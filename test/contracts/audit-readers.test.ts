// One suite for both readers of a trail: the spool directory and Redis tell the same story, live and afterwards.
import t from 'tap'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { followRedisTrail, followTrail, readRedisTrail, readSpool, type TrailEntry } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { admitted, completed, connectClient, createKey, gateway, listStreams, openTrail, readStream, type TestTrail, writeStream } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'

type Test = { teardown: (action: () => unknown) => void }
type Place = TestTrail & { readonly redisUrl: string }

interface Reader {
  readonly name: string
  read (place: Place, key?: TestTrail['key']): AsyncIterable<TrailEntry>
  follow (place: Place, signal: AbortSignal): AsyncIterable<TrailEntry>
  /** Changes one letter of the token of the person in record `seq`. */
  tamper (t: Test, place: Place, seq: number): Promise<void>
}

const clock = createSystemClock()

const readers: readonly Reader[] = [{
  name: 'spool',
  read: ({ directory, key }, other) => readSpool({ directory, key: other ?? key }),
  follow: ({ directory, key }, signal) => followTrail({ directory, key, clock, signal, from: 'start', pollMs: 10 }),
  async tamper (_t, { directory }, seq) {
    const path = join(directory, readdirSync(directory).find(name => name.endsWith('.audit')) ?? '')
    const lines = readFileSync(path, 'latin1').split('\n')
    lines[seq] = (lines[seq] as string).replace(/"person":"./, '"person":"~'.replace('~', (lines[seq] as string).includes('"person":"A') ? 'B' : 'A'))
    writeFileSync(path, lines.join('\n'), 'latin1')
  },
}, {
  name: 'redis',
  read: ({ redisUrl, key }, other) => readRedisTrail({ redis: { url: redisUrl }, gateway, key: other ?? key, clock }),
  follow: ({ redisUrl, key }, signal) => followRedisTrail({ redis: { url: redisUrl }, gateway, key, clock, signal, pollMs: 10 }),
  async tamper (t, { redisUrl }, seq) {
    const client = await connectClient(t, redisUrl)
    const [stream] = await listStreams(client)
    const entries = await readStream(client, stream as string)
    for (const [id, fields] of entries) {
      const token = fields[fields.findIndex(field => field.equals(Buffer.from('person'))) + 1] as Buffer
      if (id === `${seq}-0`) token.writeUInt8(token.readUInt8() ^ 1)
    }
    await writeStream(client, stream as string, entries)
  },
}]

async function setUp (t: Test): Promise<Place> {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  return { ...await openTrail(t, { config: { redis: { url: redis.url } } }), redisUrl: redis.url }
}

async function collect (entries: AsyncIterable<TrailEntry>): Promise<TrailEntry[]> {
  const all: TrailEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

for (const reader of readers) {
  t.test(`${reader.name}: gives back every event as it was handed in, in order`, async t => {
    const place = await setUp(t)
    const events = Array.from({ length: 1200 }, (_, n) => n % 2 === 0 ? admitted(`n${n}`, { facts: { n, umlaut: 'ä€😀' } }) : completed(`n${n - 1}`))
    for (const event of events) place.trail.note(event)
    await place.trail.flush({ timeoutMs: 10_000, ship: true })
    const entries = await collect(reader.read(place))
    t.same(entries.flatMap(entry => entry.problems), [])
    t.same(entries.slice(1).map(entry => entry.event), events)
    t.same(entries.map(entry => entry.seq), entries.map((_, at) => at + 1))
  })

  t.test(`${reader.name}: a changed clear field is noticed, at its number, and the others are not blamed`, async t => {
    const place = await setUp(t)
    for (let n = 0; n < 6; n++) await place.trail.record(admitted(`n${n}`))
    await place.trail.flush({ timeoutMs: 5000, ship: true })
    await reader.tamper(t, place, 4)
    const entries = await collect(reader.read(place))
    t.same(entries.flatMap(entry => entry.problems.map(problem => [entry.seq, problem])), [[4, 'mac']])
  })

  t.test(`${reader.name}: another key reads nothing, and says so`, async t => {
    const place = await setUp(t)
    await place.trail.record(admitted('one'))
    await place.trail.flush({ timeoutMs: 5000, ship: true })
    const entries = await collect(reader.read(place, createKey()))
    t.equal(entries[0]?.problems[0], 'key')
    t.same(entries.filter(entry => entry.event !== undefined), [])
  })

  t.test(`${reader.name}: a live view shows what is there and then what is added, across a restart, until it is ended`, async t => {
    const place = await setUp(t)
    const ending = new AbortController()
    const seen: string[] = []
    let wake: () => void = () => undefined
    const sees = async (id: string) => { while (!seen.includes(id)) await new Promise<void>(resolve => { wake = resolve }) }
    await place.trail.record(admitted('before'))
    await place.trail.flush({ timeoutMs: 5000, ship: true })
    const view = (async () => {
      for await (const entry of reader.follow(place, ending.signal)) {
        t.same(entry.problems, [])
        seen.push(entry.event?.kind === 'request.admitted' ? entry.event.id : entry.event?.kind ?? '')
        wake()
      }
    })()
    await sees('before')
    for (let n = 0; n < 5; n++) {
      await place.trail.record(admitted(`live-${n}`))
      await sees(`live-${n}`)
    }
    await place.trail.close()
    const again = await openTrail(t, { directory: place.directory, config: place.config })
    await again.trail.record(admitted('after-restart'))
    await sees('after-restart')
    ending.abort()
    await view
    const admittedIds = seen.filter(id => !/^(gateway|request)\./.test(id))
    t.same(admittedIds, ['before', 'live-0', 'live-1', 'live-2', 'live-3', 'live-4', 'after-restart'])
  })
}
