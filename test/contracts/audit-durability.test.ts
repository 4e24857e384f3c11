// One suite for what "on record" means: when `record` resolves, the record is where `audit.durability` says, and the answer to a caller is the same.
import t from 'tap'
import type { AuditConfig } from '../../src/audit/config.ts'
import { admitted, completed, openTrail, readRedis } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'
import { readEntries } from '../support/trail.ts'

for (const durability of ['spool', 'redis', 'dual'] as const satisfies ReadonlyArray<AuditConfig['durability']>) {
  t.test(`${durability}: the record is there at the moment its promise resolves`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const { trail, directory, key } = await openTrail(t, { config: { durability, redis: { url: redis.url } } })
    for (let n = 0; n < 10; n++) {
      await trail.record(admitted(`n${n}`))
      if (durability !== 'redis') t.ok((await readEntries(directory, key)).some(entry => entry.event?.id === `n${n}`), 'on disk')
      if (durability !== 'spool') t.ok((await readRedis(redis.url, key)).some(entry => entry.event?.id === `n${n}`), 'in Redis')
    }
  })

  t.test(`${durability}: many in parallel, all in both places in the end, in one order`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const { trail, directory, key } = await openTrail(t, { config: { durability, redis: { url: redis.url }, segmentSize: '128KiB' } })
    const waiting: Array<Promise<void>> = []
    for (let n = 0; n < 600; n++) {
      waiting.push(trail.record(admitted(`n${n}`)))
      trail.note(completed(`n${n}`))
      if (n % 50 === 0) await Promise.all(waiting.splice(0))
    }
    await Promise.all(waiting)
    t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
    t.same(trail.depth(), { waiting: 0, unshipped: 0 })
    const [onDisk, inRedis] = [await readEntries(directory, key), await readRedis(redis.url, key)]
    t.same([...onDisk, ...inRedis].flatMap(entry => entry.problems), [])
    t.same(onDisk.map(entry => entry.event?.id).slice(1), Array.from({ length: 1200 }, (_, n) => `n${n >> 1}`))
    t.same(inRedis, onDisk)
  })

  t.test(`${durability}: closing leaves a trail that ends with gateway.stopped, in both places`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const { trail, directory, key } = await openTrail(t, { config: { durability, redis: { url: redis.url } } })
    await trail.record(admitted('one'))
    await trail.close()
    for (const entries of [await readEntries(directory, key), await readRedis(redis.url, key)]) t.equal(entries.at(-1)?.event?.kind, 'gateway.stopped')
    await trail.close()
  })
}
