// Faults by the dozen, from a seed, so that a failure can be repeated: answers and requests cut anywhere, all data thrown away, replicas promoted that lack what
// was acknowledged. After each, spool and Redis have the same records, every acknowledged one exactly once.
import t, { type Test } from 'tap'
import { setTimeout as pause } from 'node:timers/promises'
import { admitted, completed, connectClient, openTrail, readRedis, until, type TestTrail } from '../support/audit.ts'
import { startCuttingRelay, type CuttingRelay } from '../support/cutting-relay.ts'
import { startRedis } from '../support/redis.ts'
import { startRedisProcess } from '../support/redis-server.ts'
import { readEntries } from '../support/trail.ts'

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
function createRandom (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Recorder {
  readonly acknowledged: string[]
  /** Records so many at once; refusals are part of the game. */
  burst (count: number): Promise<void>
}

function createRecorder (trail: TestTrail['trail'], name: string): Recorder {
  const acknowledged: string[] = []
  let next = 0
  return {
    acknowledged,
    async burst (count) {
      await Promise.all(Array.from({ length: count }, async () => {
        const id = `${name}-${next++}`
        try {
          await trail.record(admitted(id))
          acknowledged.push(id)
          trail.note(completed(id))
        } catch { /* refused */ }
      }))
    },
  }
}

const keyOf = (entry: { readonly epoch: number, readonly seq: number }) => `${entry.epoch}/${entry.seq}`

/** Nothing lost, nothing twice, in spool and Redis alike. */
async function compare (t: Test, redisUrl: string, { trail, directory, key }: TestTrail, acknowledged: readonly string[]): Promise<void> {
  await trail.flush({ timeoutMs: 20_000, ship: true })
  await until(() => trail.depth().unshipped === 0 && trail.depth().waiting === 0)
  await trail.flush({ timeoutMs: 20_000, ship: true }) // and what went missing is on record by now
  const [onDisk, inRedis] = [await readEntries(directory, key), await readRedis(redisUrl, key)]
  for (const [place, entries] of [['spool', onDisk], ['Redis', inRedis]] as const) {
    t.same(entries.flatMap(entry => entry.problems.map(problem => `${keyOf(entry)} ${problem}`)), [], `${place}: every record is whole and follows the one before`)
    const counts = new Map<string, number>()
    for (const { event } of entries) if (event?.kind === 'request.admitted') counts.set(event.id, (counts.get(event.id) ?? 0) + 1)
    t.same(acknowledged.filter(id => counts.get(id) !== 1), [], `${place}: each acknowledged record once`)
    t.same([...counts].filter(([, count]) => count !== 1), [], `${place}: none twice`)
  }
  t.same(inRedis.map(keyOf), onDisk.map(keyOf), 'the same records in both')
}

function cutAtRandom (relay: CuttingRelay, random: () => number): void {
  relay.onAnswer = () => random() < 0.85 ? 'pass' : random() < 0.5 ? 'cut' : 'half'
  relay.onRequest = () => random() < 0.95 ? 'pass' : random() < 0.5 ? 'cut' : 'half'
}

for (const durability of ['spool', 'redis', 'dual'] as const) {
  t.test(`answers and requests cut at random, durability ${durability}, sixty rounds from a seed`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const relay = await startCuttingRelay(redis.url)
    t.teardown(() => relay.stop())
    const opened = await openTrail(t, { config: { redis: { url: relay.url }, durability, deadline: '400ms' } })
    const recorder = createRecorder(opened.trail, durability)
    const random = createRandom(20_261_126)
    cutAtRandom(relay, random)
    for (let round = 0; round < 60; round++) {
      await recorder.burst(1 + Math.floor(random() * 20))
      // Often into a Redis that answers, sometimes into one that was just cut.
      if (random() < 0.7) await until(() => opened.trail.depth().unshipped === 0 && opened.trail.ready().ok)
      else await pause(random() * 20)
    }
    t.ok(relay.cuts > 20, `${relay.cuts} cuts`)
    relay.onAnswer = relay.onRequest = () => 'pass'
    await until(() => opened.trail.ready().ok)
    await recorder.burst(1)
    t.ok(recorder.acknowledged.length > 20, `${recorder.acknowledged.length} acknowledged`)
    await compare(t, redis.url, opened, recorder.acknowledged)
  })
}

for (const durability of ['spool', 'redis'] as const) {
  t.test(`FLUSHALL while records are written, durability ${durability}: the running epoch, an earlier one and the list of streams are there again`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const first = await openTrail(t, { config: { redis: { url: redis.url } } })
    const earlier = createRecorder(first.trail, 'earlier')
    await earlier.burst(40)
    await first.trail.flush({ timeoutMs: 5000, ship: true })
    await first.trail.close()
    const opened = await openTrail(t, { directory: first.directory, config: { ...first.config, durability } })
    const recorder = createRecorder(opened.trail, 'running')
    const client = await connectClient(t, redis.url)
    const random = createRandom(7)
    for (let round = 0; round < 12; round++) {
      const bursts = (async () => { for (let n = 0; n < 4; n++) await recorder.burst(1 + Math.floor(random() * 15)) })()
      await pause(random() * 10)
      await client.call('FLUSHALL')
      await bursts
    }
    await recorder.burst(1) // an append is what notices; an idle gateway notices with its next record
    await until(async () => (await readEntries(opened.directory, opened.key)).some(entry => entry.event?.facts?.['cause'] === 'redisLost'))
    await compare(t, redis.url, opened, [...earlier.acknowledged, ...recorder.acknowledged])
  })
}

t.test('replicas that lack acknowledged records are promoted, eight rounds, durability redis; epochs change between', async t => {
  const servers = [await startRedisProcess({ args: ['--repl-diskless-sync-delay', '0'] }), await startRedisProcess({ args: ['--repl-diskless-sync-delay', '0'] })] as const
  for (const server of servers) t.teardown(() => server.stop())
  const [one, other] = servers.map(server => `redis://127.0.0.1:${server.port}`) as [string, string]
  const clients = { [one]: await connectClient(t, one), [other]: await connectClient(t, other) }
  const call = async (url: string, ...[command, ...args]: [string, ...string[]]) => await clients[url]?.call(command, ...args)
  const relay = await startCuttingRelay(one)
  t.teardown(() => relay.stop())
  let opened = await openTrail(t, { config: { redis: { url: relay.url }, durability: 'redis', deadline: '500ms' } })
  const acknowledged: string[] = []
  const random = createRandom(11)
  let [primary, replica] = [one, other]
  for (let round = 0; round < 8; round++) {
    await call(replica, 'REPLICAOF', '127.0.0.1', new URL(primary).port)
    const recorder = createRecorder(opened.trail, `round-${round}`)
    await until(async () => String(await call(replica, 'INFO', 'replication')).includes('master_link_status:up'))
    await recorder.burst(1 + Math.floor(random() * 10))
    await call(replica, 'REPLICAOF', 'NO', 'ONE') // from here on it has nothing more
    await recorder.burst(1 + Math.floor(random() * 10))
    acknowledged.push(...recorder.acknowledged)
    if (round % 3 === 2) { // the end of an epoch is lost, and the failover comes before or after the next one began
      await opened.trail.close()
      if (round === 2) relay.leadTo(replica)
      opened = await openTrail(t, { directory: opened.directory, config: opened.config })
      await opened.trail.flush({ timeoutMs: 5000, ship: true }) // the epoch before was compared, and counts as carried
    }
    relay.leadTo(replica)
    const after = createRecorder(opened.trail, `after-${round}`)
    await until(async () => { await after.burst(1); return after.acknowledged.length > 0 })
    acknowledged.push(...after.acknowledged)
    await compare(t, replica, opened, acknowledged)
    ;[primary, replica] = [replica, primary]
  }
  t.equal(acknowledged.length > 50, true, `${acknowledged.length} acknowledged`)
})
