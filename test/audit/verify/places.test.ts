// Trails as they are while a gateway runs, after it was killed, and in two places: nothing that is whole is suspected, and what is missing is told where.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createAuditTrail } from '../../../src/audit/audit.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { admitted, completed, connectClient, createConfig, createTestLog, gateway, listStreams, until } from '../../support/audit.ts'
import { createMovableClock } from '../../support/clock.ts'
import { recordUntilKilled } from '../../support/kill-rounds.ts'
import { startRedis } from '../../support/redis.ts'
import { checkpointsOf, copyTrail, createRoot, editLines, openVerifiedTrail, segmentsOf, spoolOf, verify, writeVerifiedTrail } from '../../support/verified-trail.ts'

const alive = setInterval(() => undefined, 1000)
t.teardown(() => { clearInterval(alive) })

t.test('a gateway that runs: intact up to its last checkpoint, and stale when it stops making them', async t => {
  const root = createRoot(t)
  const config = createConfig()
  const clock = createMovableClock(Date.now())
  const trail = await createAuditTrail(config, { clock, log: createTestLog(), directory: spoolOf(root), checkpointDirectory: checkpointsOf(root), gateway })
  t.teardown(() => trail.close())
  await trail.record(admitted('one'))
  await clock.advance(60_000)
  await until(() => trail.checkpoints().keptAt === clock.now())
  await trail.record(admitted('two'))
  const now = clock.now()
  const fresh = await verify(root, config, { now, isDeep: true })
  t.match(fresh, { verdict: 'intact', records: 3, proven: [{ seq: 2, isLast: false }] })
  t.match(fresh.remarks, [/record 2: the request\.admitted has no ending yet/, /record 3/])
  t.match(await verify(root, config, { now: now + 10 * 60_000 }), { verdict: 'unknown', findings: [{ class: 'stale', seq: 3, detail: /nothing proves what comes after it/ }] })
})

t.test('a process that was killed in the middle of a line, and its successor: intact', async t => {
  const root = createRoot(t)
  const config = createConfig()
  await recordUntilKilled({ directory: spoolOf(root), round: 1, key: config.key.reveal(), count: 40 })
  const killed = await verify(root, { ...config }, { withCheckpoints: false })
  t.equal(killed.verdict, 'unknown', 'nothing proves the end')
  t.same(killed.findings.map(finding => finding.class), ['stale'])
  const successor = await openVerifiedTrail({ root, config })
  await successor.record(admitted('after'))
  await successor.close()
  t.match(await verify(root, config), { verdict: 'intact', epochs: 2 })
})

t.test('spool and Redis beside each other', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const trail = await writeVerifiedTrail(t, { config: { redis: { url: redis.url } } })
  const { config } = trail
  const both = { redisUrl: redis.url }
  t.match(await verify(trail.root, config, { ...both, isDeep: true }), { verdict: 'intact', records: 2 * 30, epochs: 3, writers: 1 })

  await t.test('a spool that lost its end: Redis has it', async t => {
    const root = copyTrail(t, trail)
    editLines(segmentsOf(root).at(-1) as string, lines => lines.slice(0, -1))
    const report = await verify(root, config, both)
    t.equal(report.verdict, 'incomplete')
    t.match(report.findings.find(finding => /other place/.test(finding.detail)), { class: 'truncation', source: 'spool' })
  })
  await t.test('a record that was changed in one place is told there', async t => {
    const root = copyTrail(t, trail)
    editLines(segmentsOf(root)[1] as string, lines => lines.with(1, (lines[1] as string).replace(/"t":\d/, '"t":9')))
    const report = await verify(root, config, both)
    t.same(report.findings.map(finding => [finding.class, finding.source]), [['edit', 'spool']])
  })
  await t.test('two histories, each with valid seals: a fork', async t => {
    const root = createRoot(t)
    const writer = readFileSync(join(spoolOf(trail.root), 'writer'), 'utf8').trim()
    const epoch = Number(/(\d{12})-/.exec(segmentsOf(trail.root)[0] as string)?.[1])
    const forged = await createAuditTrail({ ...config, redis: undefined as never }, {
      clock: { ...createSystemClock(), now: () => epoch * 1000 }, log: createTestLog(), directory: spoolOf(root), gateway, writer,
    })
    await forged.record(admitted('forged'))
    forged.note(completed('forged'))
    await forged.close()
    const report = await verify(root, config, both)
    t.equal(report.verdict, 'tampered')
    t.match(report.findings.find(finding => finding.source === 'spool and Redis'), { class: 'fork', detail: /each with a valid seal/ })
  })
  await t.test('everything flushed from Redis', async t => {
    const client = await connectClient(t, redis.url)
    const streams = await listStreams(client)
    await client.call('DEL', streams.at(-1) as string)
    const report = await verify(trail.root, config, both)
    t.equal(report.verdict, 'incomplete')
    t.ok(report.findings.every(finding => finding.source === 'Redis'))
    await client.call('FLUSHALL')
    const beside = await verify(trail.root, config, both)
    t.match(beside, { verdict: 'incomplete', findings: [{ class: 'truncation', source: 'Redis', detail: /nothing of this writer is here/ }] })
    const flushed = await verify(trail.root, config, { ...both, withSpool: false })
    t.match(flushed, { verdict: 'incomplete', findings: [{ class: 'replayed backup' }], records: 0 })
  })
})

t.test('a running epoch that Redis does not have whole yet is a remark', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const root = createRoot(t)
  const config = createConfig({ redis: { url: redis.url } })
  const trail = await openVerifiedTrail({ root, config })
  t.teardown(() => trail.close())
  await trail.record(admitted('one'))
  await trail.flush({ timeoutMs: 5000, ship: true })
  await redis.cut()
  await trail.record(admitted('two'))
  const spool = createRoot(t)
  cpSync(root, spool, { recursive: true })
  await redis.restore()
  const report = await verify(spool, config, { redisUrl: redis.url, withCheckpoints: false })
  t.same(report.findings.map(finding => finding.class), ['stale'])
})

t.test('an unfinished last line is a remark, one in the middle is not', async t => {
  const trail = await writeVerifiedTrail(t, { epochs: 1, exchanges: 1 })
  const root = copyTrail(t, trail)
  const file = segmentsOf(root).at(-1) as string
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('{"v":1,"n":5,"t":17')]))
  const report = await verify(root, trail.config)
  t.equal(report.verdict, 'intact')
  t.match(report.remarks, [/last line is not finished/])
  rmSync(root, { recursive: true })
})
