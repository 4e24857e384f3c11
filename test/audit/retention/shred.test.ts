// One record's content can be taken away in every place: the chain stays whole, verification accepts it only with the operation on record, and nothing of it is left in any file.
import { copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { listArchive, openRedisTrail, shredInArchive, shredInRedis, shredInSpool, type ShreddedPlace } from '../../../src/audit/audit.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { createRedisClient } from '../../../src/shared/redis.ts'
import { admitted, type Entry, gateway, readStream } from '../../support/audit.ts'
import { startRedis } from '../../support/redis.ts'
import { openVerifiedTrail, segmentsOf, spoolOf } from '../../support/verified-trail.ts'
import { createRetainedTrail, readRoot, verifyPlaces, type Retained } from './retained-trail.ts'

/** The third record of the first epoch, and its sealed part. */
async function findTarget (retained: Retained): Promise<{ readonly place: ShreddedPlace, readonly seal: string }> {
  const entry = (await readRoot(retained))[2]
  if (entry?.record === undefined) throw new Error('there is no third record')
  return { place: { writer: entry.writer, epoch: entry.epoch, seq: entry.seq }, seal: entry.record.seal }
}

/** As `sallyport audit shred` has it on record. */
async function recordShredding ({ trail }: Retained, { writer, epoch, seq }: ShreddedPlace, steps: ReadonlyArray<{ readonly step: string, readonly places?: string }> = [{ step: 'asked' }, { step: 'done' }]): Promise<void> {
  const live = await openVerifiedTrail(trail)
  for (const step of steps) await live.record({ kind: 'operation.run', time: Date.now(), id: `shred-${writer}-${seq}`, who: { id: 'officer', roles: ['administrator'] }, facts: { operation: 'audit.shred', writer, epoch, record: seq, ...step } })
  await live.close()
}

t.test('in the spool', async t => {
  const retained = await createRetainedTrail(t)
  const { place, seal } = await findTarget(retained)
  const modes = segmentsOf(retained.trail.root).map(path => statSync(path).mode)
  t.equal(await shredInSpool(spoolOf(retained.trail.root), place), 'full')
  t.same(segmentsOf(retained.trail.root).map(path => statSync(path).mode), modes)
  for (const name of readdirSync(spoolOf(retained.trail.root))) t.notOk(readFileSync(join(spoolOf(retained.trail.root), name), 'latin1').includes(seal), name)
  t.same((await readRoot(retained)).filter(({ problems }) => problems.length > 0).map(({ seq, problems }) => [seq, ...problems]), [[3, 'shredded']])
  t.match(await verifyPlaces(retained, { without: 'archive' }), { verdict: 'tampered', findings: [{ class: 'edit', seq: 3, detail: /no operation on record did it/ }] })
  await recordShredding(retained, place)
  const report = await verifyPlaces(retained, { without: 'archive' })
  t.match(report, { verdict: 'intact' })
  t.ok(report.remarks.some(remark => remark.startsWith('1 record was shredded by an operation on record')))
  t.equal(await shredInSpool(spoolOf(retained.trail.root), place), 'gone', 'again')
  t.equal(await shredInSpool(spoolOf(retained.trail.root), { ...place, seq: 99 }), 'none')
  t.equal(await shredInSpool(spoolOf(retained.trail.root), { ...place, writer: 'somebody-else' }), 'none')
})

t.test('an operation on record about another record excuses nothing', async t => {
  const retained = await createRetainedTrail(t)
  const { place } = await findTarget(retained)
  await shredInSpool(spoolOf(retained.trail.root), place)
  await recordShredding(retained, { ...place, seq: 4 })
  t.match(await verifyPlaces(retained, { without: 'archive' }), { verdict: 'tampered' })
})

t.test('one that broke off accounts for the places where it was done, and for no other', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const { place } = await findTarget(retained)
  await recordShredding(retained, place, [{ step: 'asked' }])
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
  await shredInSpool(spoolOf(retained.trail.root), place)
  t.match(await verifyPlaces(retained), { verdict: 'tampered', findings: [{ class: 'edit', source: 'spool', detail: /begun and not as done: run sallyport audit shred for it again/ }] })
  await recordShredding(retained, place, [{ step: 'failed' }])
  t.match(await verifyPlaces(retained), { verdict: 'tampered', findings: [{ class: 'edit', source: 'spool', detail: /no operation on record did it/ }] }, 'failed before anything was done')
  await recordShredding(retained, place, [{ step: 'failed', places: 'spool' }])
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
  await shredInArchive(retained.access, place)
  t.match(await verifyPlaces(retained), { verdict: 'tampered', findings: [{ class: 'edit', source: 'archive' }] })
  await recordShredding(retained, place)
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
})

t.test('also in the copies that lie beside a segment whose name was taken', async t => {
  const retained = await createRetainedTrail(t)
  const { place, seal } = await findTarget(retained)
  const directory = spoolOf(retained.trail.root)
  const [first = '', last = ''] = [segmentsOf(retained.trail.root)[0], segmentsOf(retained.trail.root).at(-1)]
  const copies = [`${first}.stranger-64-1234`, `${first}.restoring`]
  for (const copy of copies) copyFileSync(first, copy)
  t.equal(await shredInSpool(directory, place), 'full')
  for (const copy of copies) t.notOk(readFileSync(copy, 'latin1').includes(seal), copy)
  copyFileSync(copies[0] as string, `${last}.restoring`)
  t.equal(await shredInSpool(directory, place), 'gone', 'what has no content is no reason to wait')
  const { writer, epoch, seq } = (await readRoot(retained)).at(-1) as Awaited<ReturnType<typeof readRoot>>[number]
  copyFileSync(last, `${last}.restoring`)
  t.equal(await shredInSpool(directory, { writer, epoch, seq }), 'open')
})

t.test('not in the file that the gateway writes', async t => {
  const retained = await createRetainedTrail(t, { epochs: 1 })
  const [entry] = (await readRoot(retained)).slice(-1)
  const before = readFileSync(segmentsOf(retained.trail.root).at(-1) as string)
  t.equal(await shredInSpool(spoolOf(retained.trail.root), { writer: entry?.writer as string, epoch: entry?.epoch as number, seq: entry?.seq as number }), 'open')
  t.ok(readFileSync(segmentsOf(retained.trail.root).at(-1) as string).equals(before))
})

t.test('in the archive: the segment is written anew, the earlier one is gone, and it is still read, verified and carried on', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const { place } = await findTarget(retained)
  const before = await listArchive(retained.access)
  t.equal(await shredInArchive(retained.access, place, { isRehearsal: true }), 'full')
  t.same(await listArchive(retained.access), before)
  t.equal(await shredInArchive(retained.access, place), 'full')
  const after = await listArchive(retained.access)
  t.equal(after.length, before.length)
  t.match(after[0], /\.r1\.segment$/)
  t.same(readdirSync(retained.archiveRoot, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment')).sort(), [...after].sort())
  t.same([...retained.access.index.known().keys()].sort(), [...after].sort())
  t.match(await verifyPlaces(retained, { without: 'spool' }), { verdict: 'tampered', findings: [{ seq: 3 }] })
  t.ok(await shredInArchive(retained.access, { ...place, seq: 4 }))
  t.match((await listArchive(retained.access))[0], /\.r2\.segment$/)
  t.equal(await shredInArchive(retained.access, place), 'gone', 'again')
  t.match((await listArchive(retained.access))[0], /\.r2\.segment$/)
  t.notOk(await shredInArchive(retained.access, { ...place, seq: 99 }))
  await recordShredding(retained, place)
  await recordShredding(retained, { ...place, seq: 4 })
  await retained.archive()
  t.match(await verifyPlaces(retained, { without: 'spool' }), { verdict: 'intact', records: 38 })
})

t.test('in Redis: the stream keeps its other records and its end, also while it grows', async t => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const retained = await createRetainedTrail(t, { epochs: 0, config: { redis: { url: server.url } } })
  const live = await openVerifiedTrail(retained.trail)
  for (let n = 0; n < 1200; n += 1) await live.record(admitted(`early-${n}`))
  await live.flush({ timeoutMs: 5000, ship: true })
  const redis = await openRedisTrail({ redis: { url: server.url }, gateway, key: retained.trail.config.key, clock: createSystemClock() })
  const client = createRedisClient({ url: server.url }, { commandTimeoutMs: 2000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  t.teardown(() => { redis.close(); client.close() })
  const { place, seal } = await findTarget(retained)
  let pages = 0
  const growing = {
    ...client,
    call: async (command: string, ...args: ReadonlyArray<string | number | Buffer>) => {
      if (command === 'EVAL') {
        await live.record(admitted(`between-${pages += 1}`))
        await live.flush({ timeoutMs: 5000, ship: true })
      }
      return await client.call(command, ...args)
    }
  }
  t.equal(await shredInRedis(growing, { gateway, ...place }, { isRehearsal: true }), 'full')
  t.equal(pages, 0)
  t.equal(await shredInRedis(growing, { gateway, ...place }), 'full')
  t.equal(pages, 3)
  for (let n = 0; n < 3; n += 1) await live.record(admitted(`late-${n}`))
  await live.flush({ timeoutMs: 5000, ship: true })
  await live.close()
  t.same(await client.call('KEYS', '*shredding*'), [])
  const entries = []
  for await (const entry of redis.read(place.writer)) entries.push(entry)
  t.equal(entries.length, 1 + 1200 + 3 + 3 + 1)
  t.same(entries.filter(({ problems }) => problems.length > 0).map(({ seq, problems }) => [seq, ...problems]), [[3, 'shredded']])
  const [, fields] = (await readStream(client, `audit:{${gateway}:${place.writer}:${place.epoch}}`))[place.seq - 1] as Entry
  t.same(fields.slice(-2), [Buffer.from('seal'), Buffer.alloc(0)])
  t.notOk(fields.some(field => field.equals(Buffer.from(seal, 'base64url'))))
  t.equal(await shredInRedis(client, { gateway, ...place }), 'gone', 'again')
  t.notOk(await shredInRedis(client, { gateway, ...place, seq: 99_999 }))
})

t.test('in Redis: of two at once the later one goes on, the earlier one stops and brings nothing back', async t => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const retained = await createRetainedTrail(t, { epochs: 0, config: { redis: { url: server.url } } })
  const live = await openVerifiedTrail(retained.trail)
  for (let n = 0; n < 1200; n += 1) await live.record(admitted(`early-${n}`))
  await live.close()
  const client = createRedisClient({ url: server.url }, { commandTimeoutMs: 2000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  t.teardown(() => { client.close() })
  const { place } = await findTarget(retained)
  let pages = 0
  const interrupted = {
    ...client,
    call: async (command: string, ...args: ReadonlyArray<string | number | Buffer>) => {
      if (command === 'EVAL' && (pages += 1) === 2) t.equal(await shredInRedis(client, { gateway, ...place, seq: place.seq + 1 }), 'full')
      return await client.call(command, ...args)
    },
  }
  await t.rejects(shredInRedis(interrupted, { gateway, ...place }), { code: 'TAKEN' })
  const emptied = async () => (await readStream(client, `audit:{${gateway}:${place.writer}:${place.epoch}}`)).flatMap(([, fields], at) => fields.at(-1)?.length === 0 ? [at + 1] : [])
  t.same(await emptied(), [place.seq + 1])
  t.same(await client.call('KEYS', '*shredding*'), [])
  // What a process that died left is taken away by the next.
  const mark = `audit:{${gateway}:${place.writer}:${place.epoch}}:shredding`
  await client.call('HSET', mark, 'copy', `${mark}:left`)
  await client.call('XADD', `${mark}:left`, '1-0', 'v', '1')
  t.equal(await shredInRedis(client, { gateway, ...place }), 'full')
  t.same(await emptied(), [place.seq, place.seq + 1])
  t.same(await client.call('KEYS', '*shredding*'), [])
})
