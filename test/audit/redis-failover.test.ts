// The trail behind Sentinels and on a Cluster: a primary dies while records are written, what it acknowledged and its successor lacks is carried again, and
// spool and Redis hold the same records, each once.
import t, { type Test } from 'tap'
import { openRedisTrail, readSpool, type TrailEntry } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import type { RedisConfig } from '../../src/shared/redis-config.ts'
import { admitted, completed, gateway, openTrail } from '../support/audit.ts'
import { startCluster, startSentinelGroup, untilTrue } from '../support/redis-group.ts'

type Opened = Awaited<ReturnType<typeof openTrail>>

const names = (entries: readonly TrailEntry[]) => entries.map(({ epoch, seq, record }) => `${epoch}/${seq} ${record?.hash}`)

async function collect (entries: AsyncIterable<TrailEntry>): Promise<TrailEntry[]> {
  const all: TrailEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

/** Both places hold the same, nothing is damaged, and every record that was acknowledged is there once. */
async function compare (t: Test, { directory, key }: Opened, { redis, ids }: { readonly redis: RedisConfig, readonly ids: readonly string[] }): Promise<void> {
  const spool = await collect(readSpool({ directory, key }))
  const trail = await openRedisTrail({ redis, gateway, key, clock: createSystemClock() })
  const [writer = ''] = await trail.writers()
  const streams = await collect(trail.read(writer))
  trail.close()
  t.same(spool.flatMap(({ problems }) => problems), [])
  t.same(streams.flatMap(({ problems }) => problems), [])
  t.same(names(streams), names(spool))
  const found = streams.flatMap(({ event }) => event?.kind === 'request.admitted' ? [event.id] : [])
  t.same(found.sort(), [...ids].sort(), 'each acknowledged record once')
}

/** Records one after the other until told to stop; the ids of those that were acknowledged. */
function keepRecording ({ trail }: Opened) {
  const ids: string[] = []
  const state = { isOver: false, refused: 0 }
  const run = async () => {
    for (let n = 0; !state.isOver; n += 1) {
      const id = `request-${n}`
      try {
        await trail.record(admitted(id))
        ids.push(id)
        trail.note(completed(id))
      } catch { state.refused += 1 }
      await new Promise(resolve => { setImmediate(resolve) })
    }
  }
  const running = run()
  return { ids, refused: () => state.refused, async stop () { state.isOver = true; await running } }
}

for (const durability of ['spool', 'dual'] as const) {
  t.test(`Sentinel, ${durability}: the primary is killed, the trail goes on at its successor`, async t => {
    const { sentinel, primary, replica } = await startSentinelGroup(t)
    const redis: RedisConfig = { sentinel: { name: 'mymaster', addresses: [sentinel.address] } }
    const opened = await openTrail(t, { config: { redis, durability } })
    const recording = keepRecording(opened)
    await untilTrue(async () => recording.ids.length > 50)
    await primary.kill()
    await untilTrue(async () => (await replica.ask('ROLE')).startsWith('master'))
    const before = recording.ids.length
    await untilTrue(async () => recording.ids.length > before + 50)
    await recording.stop()
    t.equal(durability === 'spool' && recording.refused() > 0, false, 'with the spool nobody notices')
    t.ok(await opened.trail.flush({ timeoutMs: 15_000, ship: true }))
    await opened.trail.close()
    const { ids } = recording
    const spoolIds = (await collect(readSpool(opened))).flatMap(({ event }) => event?.kind === 'request.admitted' ? [event.id] : [])
    // With dual a request that was refused may still be on record: it has its ending there.
    await compare(t, opened, { redis, ids: durability === 'spool' ? ids : spoolIds })
    for (const id of ids) if (!spoolIds.includes(id)) t.fail(`${id} was acknowledged and is not there`)
  })
}

t.test('a successor that lacks what was acknowledged gets it again', async t => {
  const { sentinel, primary, replica } = await startSentinelGroup(t)
  const redis: RedisConfig = { sentinel: { name: 'mymaster', addresses: [sentinel.address] } }
  const opened = await openTrail(t, { config: { redis, durability: 'dual' } })
  const ids = Array.from({ length: 40 }, (_, n) => `request-${n}`)
  for (const id of ids.slice(0, 20)) await opened.trail.record(admitted(id))
  await opened.trail.flush({ timeoutMs: 5000, ship: true })
  await untilTrue(async () => await replica.ask('EVAL', 'return #redis.call("KEYS", "audit:*")', '0') === '2')
  // The replica still calls itself one, and hears nothing any more: a failover that loses acknowledged writes.
  await replica.ask('CLIENT', 'PAUSE', '1')
  await replica.ask('REPLICAOF', '127.0.0.1', '1')
  for (const id of ids.slice(20)) await opened.trail.record(admitted(id))
  await opened.trail.flush({ timeoutMs: 5000, ship: true })
  const [stream = ''] = (await primary.ask('KEYS', `audit:{${gateway}:*:*}`)).split('\n')
  const lengths = [Number(await primary.ask('XLEN', stream)), Number(await replica.ask('XLEN', stream))]
  t.ok((lengths[0] ?? 0) >= 41 && (lengths[1] ?? 0) <= 21, `the replica lacks acknowledged records: ${lengths.join(', ')}`)
  await primary.kill()
  await replica.ask('REPLICAOF', 'NO', 'ONE')
  await sentinel.ask('SENTINEL', 'REMOVE', 'mymaster')
  await sentinel.ask('SENTINEL', 'MONITOR', 'mymaster', '127.0.0.1', String(replica.port), '1')
  await untilTrue(async () => Number(await replica.ask('XLEN', stream)) >= 41)
  t.ok(await opened.trail.flush({ timeoutMs: 15_000, ship: true }))
  await opened.trail.close()
  await compare(t, opened, { redis, ids })
})

t.test('Cluster: streams, registry and start-up questions; a primary dies and its replica goes on', async t => {
  const nodes = await startCluster(t)
  const redis: RedisConfig = { cluster: { addresses: nodes.slice(0, 2).map(({ address }) => address) } }
  const opened = await openTrail(t, { config: { redis, durability: 'spool' } })
  const recording = keepRecording(opened)
  await untilTrue(async () => recording.ids.length > 50)
  await untilTrue(async () => opened.trail.depth().unshipped < 20)
  const holders = []
  for (const node of nodes) if (/^master/.test(await node.ask('ROLE')) && (await node.ask('KEYS', `audit:{${gateway}:*`)) !== '') holders.push(node)
  t.equal(holders.length, 1)
  await holders[0]?.kill()
  const before = recording.ids.length
  await untilTrue(async () => recording.ids.length > before + 50)
  await recording.stop()
  t.equal(recording.refused(), 0)
  await untilTrue(async () => opened.trail.depth().unshipped === 0)
  await opened.trail.close()
  await compare(t, opened, { redis, ids: recording.ids })
})

t.test('Cluster: one server that is weaker than the others refuses the start', async t => {
  const nodes = await startCluster(t)
  for (const node of nodes) if (/^master/.test(await node.ask('ROLE'))) { await node.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'); break }
  await t.rejects(openTrail(t, { config: { redis: { cluster: { addresses: nodes.map(({ address }) => address) } } } }), { code: 'audit.redisUnsuitable', message: /may throw records away/ })
})
