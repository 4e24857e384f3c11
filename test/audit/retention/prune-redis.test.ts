// Streams in Redis lose only what the archive was seen to hold; readers, the gateway and verification go on from there, and a trim by anybody else is a gap.
import t from 'tap'
import { createArchiveWitness, openRedisTrail, pruneRedis, type AuditTrail } from '../../../src/audit/audit.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { createRedisClient } from '../../../src/shared/redis.ts'
import { admitted, gateway } from '../../support/audit.ts'
import { startRedis } from '../../support/redis.ts'
import { openVerifiedTrail } from '../../support/verified-trail.ts'
import { collect, createRetainedTrail, later, problemsOf, prune, verifyPlaces, type Retained } from './retained-trail.ts'

type Test = { teardown: (action: () => unknown) => void }

async function createPlace (t: Test, options: { readonly epochs?: number } = {}) {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const retained = await createRetainedTrail(t, { ...options, config: { redis: { url: server.url } } })
  const redis = await openRedisTrail({ redis: { url: server.url }, gateway, key: retained.trail.config.key, clock: createSystemClock() })
  const client = createRedisClient({ url: server.url }, { commandTimeoutMs: 2000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  t.teardown(() => { redis.close(); client.close() })
  return { ...retained, redis, client }
}

const pruneStreams = ({ access, redis, client }: Retained & Pick<Awaited<ReturnType<typeof createPlace>>, 'redis' | 'client'>, more: { readonly before?: number, readonly isRehearsal?: boolean } = {}) =>
  pruneRedis({ client, trail: redis, gateway, keys: access.auditKeys, witness: createArchiveWitness(access), before: later(), ...more })

async function readStreams ({ redis }: Pick<Awaited<ReturnType<typeof createPlace>>, 'redis'>) {
  const [writer = ''] = await redis.writers()
  return await collect(redis.read(writer))
}

async function settle (live: AuditTrail): Promise<void> {
  await live.flush({ timeoutMs: 5000, ship: true })
}

t.test('everything but the last record goes, and the whole is intact', async t => {
  const place = await createPlace(t)
  t.same(await pruneStreams(place), [], 'nothing is archived yet')
  await place.archive()
  t.same(await pruneStreams(place, { before: Date.now() - 60_000 }), [], 'too young')
  t.match(await pruneStreams(place, { isRehearsal: true }), [{ records: 29 }])
  t.equal((await readStreams(place)).length, 30)
  t.match(await pruneStreams(place), [{ records: 29, last: { seq: 9 } }])
  const left = await readStreams(place)
  t.match(left, [{ seq: 10, problems: [] }])
  t.match(await verifyPlaces(place, { redis: place.redis }), { verdict: 'intact', findings: [] })
  t.same(await pruneStreams(place), [], 'nothing more')

  await t.test('the gateway goes on, and nothing comes back', async t => {
    const live = await openVerifiedTrail(place.trail)
    await live.record(admitted('after'))
    await settle(live)
    await live.close()
    const entries = await readStreams(place)
    t.match(entries, [{ seq: 10 }, { seq: 1 }, { seq: 2 }, { seq: 3 }])
    t.same(problemsOf(entries), [])
    t.match(await verifyPlaces(place, { redis: place.redis }), { verdict: 'intact' })
  })
  await t.test('the spool may lose what Redis gave up on purpose', async t => {
    await place.archive()
    await prune(place)
    t.match(await verifyPlaces(place, { redis: place.redis }), { verdict: 'intact' })
  })
})

t.test('a running epoch loses its beginning while it is written', async t => {
  const place = await createPlace(t, { epochs: 0 })
  const live = await openVerifiedTrail(place.trail)
  for (let n = 0; n < 11; n += 1) await live.record(admitted(`early-${n}`))
  await settle(live)
  await place.archive()
  t.match(await pruneStreams(place), [{ records: 11 }])
  for (let n = 0; n < 5; n += 1) await live.record(admitted(`late-${n}`))
  await settle(live)
  await live.close()
  const entries = await readStreams(place)
  t.equal(entries[0]?.seq, 12)
  t.same(problemsOf(entries), [])
  await place.archive()
  t.match(await verifyPlaces(place, { redis: place.redis }), { verdict: 'intact' })
})

t.test('a trim without the line, and one that goes further, is a gap', async t => {
  const place = await createPlace(t, { epochs: 1 })
  const [stream = ''] = await place.client.call('KEYS', 'audit:{*:*:*}') as string[]
  await place.client.call('XTRIM', stream, 'MINID', '4-0')
  t.match(await verifyPlaces(place, { redis: place.redis, without: 'archive' }), { verdict: 'incomplete', findings: [{ class: 'gap', source: 'Redis' }] })

  const further = await createPlace(t, { epochs: 2 })
  await further.archive()
  await pruneStreams(further)
  const live = await openVerifiedTrail(further.trail)
  for (let n = 0; n < 3; n += 1) await live.record(admitted(`after-${n}`))
  await settle(live)
  await live.close()
  const streams = (await further.client.call('KEYS', 'audit:{*:*:*}') as string[]).sort()
  await further.client.call('XTRIM', streams.at(-1) as string, 'MINID', '3-0')
  t.ok((await verifyPlaces(further, { redis: further.redis })).findings.some(finding => finding.class === 'gap' && finding.source === 'Redis'))
})

t.test('cut short between the line and the trim', async t => {
  const place = await createPlace(t)
  await place.archive()
  const broken = {
    ...place.client,
    call: async (command: string, ...args: ReadonlyArray<string | number | Buffer>) => {
      if (command === 'XTRIM') throw new Error('the connection broke')
      return await place.client.call(command, ...args)
    }
  }
  await t.rejects(pruneStreams({ ...place, client: broken }))
  const entries = await readStreams(place)
  t.equal(entries.length, 30)
  t.same(problemsOf(entries), [])
  t.match(await verifyPlaces(place, { redis: place.redis }), { verdict: 'intact' })
  t.match(await pruneStreams(place), [{ records: 29 }])
  t.same(problemsOf(await readStreams(place)), [])
})
