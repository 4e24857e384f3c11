// The trail behind Sentinels and on a Cluster: a primary dies while records are written, what it acknowledged and its successor lacks is carried again, and
// spool and Redis hold the same records, each once.
import t, { type Test } from 'tap'
import { openRedisTrail, readSpool, type TrailEntry } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import type { RedisConfig } from '../../src/shared/redis-config.ts'
import { admitted, completed, connectClient, gateway, openClient, openTrail } from '../support/audit.ts'
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

t.test('Sentinel: a successor that is weaker than configured is refused until it was set right', async t => {
  const { sentinel, primary, replica } = await startSentinelGroup(t)
  const redis: RedisConfig = { sentinel: { name: 'mymaster', addresses: [sentinel.address] } }
  const { trail } = await openTrail(t, { config: { redis, durability: 'redis', deadline: '500ms' } })
  await replica.ask('CONFIG', 'SET', 'appendfsync', 'everysec')
  await primary.kill()
  await untilTrue(async () => trail.ready().detail.includes('appendfsync everysec'))
  t.equal(trail.ready().ok, false)
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  await replica.ask('CONFIG', 'SET', 'appendfsync', 'always')
  await replica.ask('CLIENT', 'KILL', 'TYPE', 'normal')
  await untilTrue(async () => trail.ready().ok)
  await trail.record(admitted('after'))
})

t.test('Sentinel: an old primary that goes on answering is left as soon as the Sentinel names another', async t => {
  const { sentinel, replica } = await startSentinelGroup(t)
  const redis: RedisConfig = { sentinel: { name: 'mymaster', addresses: [sentinel.address] } }
  const client = await connectClient(t, redis)
  const other = await connectClient(t, redis)
  const heard: string[] = []
  await other.subscribe('channel', message => { heard.push(message) })
  await sentinel.ask('SENTINEL', 'FAILOVER', 'mymaster')
  await untilTrue(async () => (await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')).includes(String(replica.port)))
  await untilTrue(async () => String(await client.call('CONFIG', 'GET', 'port')) === `port,${replica.port}`)
  await untilTrue(async () => { await client.call('PUBLISH', 'channel', 'after'); return heard.includes('after') })
})

t.test('Sentinel: a connection that is dropped while it is being opened is opened all the same', async t => {
  const { sentinel } = await startSentinelGroup(t)
  const client = openClient(t, { sentinel: { name: 'mymaster', addresses: [sentinel.address] } })
  for (let round = 0; round < 20; round += 1) {
    client.reconnect() // in every state in which it can be
    await new Promise(resolve => { setTimeout(resolve, round * 3) })
  }
  await untilTrue(async () => await client.call('PING') === 'PONG')
})

t.test('Sentinel: the start says who does not answer, and which name nobody knows; one Sentinel is enough', async t => {
  const { sentinel } = await startSentinelGroup(t)
  const open = (name: string, ...addresses: string[]) => openTrail(t, { config: { redis: { sentinel: { name, addresses } }, durability: 'redis' } })
  await t.rejects(open('other', sentinel.address), { code: 'audit.redisUnreachable', message: /no Sentinel knows a primary of this name/ })
  await t.rejects(open('mymaster', 'redis://127.0.0.1:1'), { code: 'audit.redisUnreachable', message: /no Sentinel answers/ })
  const { trail } = await open('mymaster', 'redis://127.0.0.1:1', sentinel.address)
  t.equal(trail.ready().ok, true)
})
