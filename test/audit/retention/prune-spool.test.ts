// A spool loses only what the archive was seen to hold, from its beginning on, and says so in a way that nobody else can: what anybody else removes is a gap.
import { chmodSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createAuditTrail } from '../../../src/audit/audit.ts'
import { formatHeader, nameSegment, startOf } from '../../../src/audit/segment.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { admitted, createFaultyDisk, createTestLog, gateway, systemError } from '../../support/audit.ts'
import { copyTrail, editLines, openVerifiedTrail, segmentsOf, spoolOf } from '../../support/verified-trail.ts'
import { archiveInto, createRetainedTrail, later, problemsOf, prune, readRoot, verifyPlaces } from './retained-trail.ts'

t.test('all but the last file goes, every reader goes on from there, and the whole is intact with the archive alone', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const before = segmentsOf(retained.trail.root)
  const pruned = await prune(retained)
  t.match(pruned, { files: before.length - 1, last: { seq: Number }, stop: 'the last file stays' })
  t.same(segmentsOf(retained.trail.root), before.slice(-1))
  const left = await readRoot(retained)
  t.same(problemsOf(left), [])
  t.ok(left.length > 0 && left.length < 10)
  const report = await verifyPlaces(retained)
  t.match(report, { verdict: 'intact', findings: [] })
  t.ok(report.remarks.some(remark => /^spool: records of writer .* were removed on purpose; another place has the last of them\.$/.test(remark)), report.remarks.join('\n'))

  await t.test('without the archive it is incomplete, and says what to give; as a part it is told', async t => {
    t.match(await verifyPlaces(retained, { without: 'archive' }), { verdict: 'incomplete', findings: [{ class: 'gap', detail: /removed on purpose, and no place that was read has them: give the archive/ }] })
    t.match(await verifyPlaces(retained, { without: 'archive', isPart: true }), { verdict: 'intact' })
  })
  await t.test('the gateway starts again and the archive is carried on', async t => {
    const live = await openVerifiedTrail(retained.trail)
    for (let n = 0; n < 6; n += 1) await live.record(admitted(`after-${n}`))
    await live.close()
    t.match(await retained.archive(), [{ archived: 10, last: 10 }, { isClosed: true }])
    t.match(await verifyPlaces(retained), { verdict: 'intact' })
    t.ok((await prune(retained)).files > 0)
    t.match(await verifyPlaces(retained), { verdict: 'intact' })
    t.same(problemsOf(await readRoot(retained)), [])
  })
})

t.test('an epoch that runs on: its beginning goes, and the next segment of the archive follows from the one before', async t => {
  const retained = await createRetainedTrail(t, { epochs: 0 })
  const live = await openVerifiedTrail(retained.trail)
  for (let n = 0; n < 15; n += 1) await live.record(admitted(`early-${n}`))
  await live.flush({ timeoutMs: 5000, ship: false })
  t.match(await retained.archive(), [{ archived: 16, last: 16 }])
  t.ok((await prune(retained)).files >= 2)
  for (let n = 0; n < 9; n += 1) await live.record(admitted(`late-${n}`))
  await live.close()
  t.match(await retained.archive(), [{ archived: 26, isClosed: true }])
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
})

t.test('what stays: younger than asked, not archived, not in Redis, damaged, or not as the archive has it', async t => {
  const retained = await createRetainedTrail(t)
  t.match(await prune(retained), { files: 0, stop: 'what comes next is not in the archive yet' })
  await retained.archive()
  t.match(await prune(retained, { before: Date.now() - 60_000 }), { files: 0, stop: 'what comes next is too young' })
  t.match(await prune(retained, { isCarried: async () => false }), { files: 0, stop: 'what comes next is not in Redis yet' })
  t.match(await prune(retained, { isRehearsal: true }), { files: segmentsOf(retained.trail.root).length - 1 })
  t.same(problemsOf(await readRoot(retained)), [], 'a rehearsal removes nothing')

  const damaged = copyTrail(t, retained.trail)
  editLines(segmentsOf(damaged)[1] as string, lines => lines.with(1, (lines[1] as string).replace(/"t":\d/, '"t":9')))
  t.match(await prune(retained, { root: damaged }), { stop: /^record \d+ of epoch \d+ is not as it was written: run sallyport audit verify$/ })
  t.ok(segmentsOf(damaged).length >= segmentsOf(retained.trail.root).length - 1)

  const segment = join(retained.archiveRoot, readdirSync(retained.archiveRoot, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment')).sort()[0] as string)
  chmodSync(segment, 0o640)
  writeFileSync(segment, readFileSync(segment).map((byte, at) => at === 700 ? byte ^ 1 : byte))
  t.match(await prune(retained), { files: 0, stop: 'what comes next is not in the archive yet' })
})

t.test('whoever removes more, or without the key, leaves a gap', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const byHand = copyTrail(t, retained.trail)
  rmSync(segmentsOf(byHand)[0] as string)
  t.ok((await verifyPlaces(retained, { root: byHand, without: 'archive' })).findings.some(finding => finding.class === 'gap' || finding.class === 'truncation'))
  t.notSame(problemsOf(await readRoot(retained, byHand)), [])

  // Less goes than could: some files are left to be removed by hand.
  let left = 2
  await prune(retained, { isCarried: async () => left-- > 0 })
  t.same(problemsOf(await readRoot(retained)), [])
  const mark = join(spoolOf(retained.trail.root), 'beginning')
  const more = copyTrail(t, retained.trail)
  rmSync(segmentsOf(more)[0] as string)
  t.same(problemsOf(await readRoot(retained, more)).length > 0, true, 'one file more than the line says')
  const forged = copyTrail(t, retained.trail)
  const text = readFileSync(mark, 'utf8')
  for (const [what, edit] of [
    ['no line', () => ''], ['another number', (line: string) => line.replace(/"removed":\d+/g, '"removed":1')], ['of another place', (line: string) => line.replaceAll('"spool"', '"archive"')],
    ['another code', (line: string) => line.replace(/"mac":"./g, '"mac":"_')],
  ] as const) {
    writeFileSync(join(spoolOf(forged), 'beginning'), edit(text))
    t.notSame(problemsOf(await readRoot(retained, forged)), [], what)
  }
  writeFileSync(join(spoolOf(forged), 'beginning'), text)
  t.same(problemsOf(await readRoot(retained, forged)), [])
})

t.test('cut short between the line and the file, at every file: nothing is called damaged, and it is done the next time', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const whole = copyTrail(t, retained.trail)
  const files = segmentsOf(whole)
  for (let stop = 1; stop < files.length; stop += 1) {
    const root = copyTrail(t, { ...retained.trail, root: whole })
    let left = stop
    await prune(retained, { root, isCarried: async () => left-- > 0 })
    const last = files[stop - 1] as string
    cpSync(last, join(spoolOf(root), last.slice(spoolOf(whole).length + 1)))
    t.same(problemsOf(await readRoot(retained, root)), [], `file ${stop} is still there`)
    t.match(await verifyPlaces(retained, { root }), { verdict: 'intact' })
    t.match(await prune(retained, { root }), { files: files.length - stop })
    t.same(problemsOf(await readRoot(retained, root)), [])
  }
})

t.test('the gateway is told nothing of it and measures its spool anew when it is nearly full', async t => {
  const retained = await createRetainedTrail(t, { epochs: 2 })
  await archiveInto(retained.trail.root, retained.access, retained.trail)
  await prune(retained, { before: later() })
  const live = await openVerifiedTrail(retained.trail)
  t.ok(live.ready().ok)
  await live.record(admitted('after'))
  await live.close()
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
})

t.test('a file without a record, which a start left that was cut off, does not stand in the way', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  // As if the process had died after the header of an earlier epoch.
  const place = { gateway, writer: (await readRoot(retained))[0]?.writer as string, epoch: 7 }
  const keys = retained.access.auditKeys
  const earlier = join(spoolOf(retained.trail.root), nameSegment(7, 0))
  writeFileSync(earlier, `${formatHeader({ ...place, index: 0, first: 1, before: startOf(place), keyId: keys.of(7).id }, [], keys.forEpoch(place.writer, 7))}\n`, 'latin1')
  t.same(problemsOf(await readRoot(retained)), [])
  await prune(retained)
  t.notOk(segmentsOf(retained.trail.root).includes(earlier))
})

t.test('an epoch that ended before its first record is no link of the chain: the next one continues from the one before', async t => {
  const retained = await createRetainedTrail(t, { epochs: 1 })
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => { clearInterval(alive) })
  const disk = createFaultyDisk()
  let appends = 0
  disk.faults = {
    append: async (_path, data, write) => {
      appends += 1
      if (appends > 1) throw systemError('EIO')
      await write(data)
    }
  }
  const { config } = retained.trail
  await t.rejects(createAuditTrail({ ...config, deadline: '50ms' }, { clock: createSystemClock(), log: createTestLog(), directory: spoolOf(retained.trail.root), gateway, disk }))
  const live = await openVerifiedTrail(retained.trail)
  await live.close()
  const started = (await readRoot(retained)).filter(({ event }) => event?.kind === 'gateway.started')
  t.equal(started.length, 2)
  t.equal(started[1]?.event?.facts?.['previousEpoch'], started[0]?.epoch)
  t.same(problemsOf(await readRoot(retained)), [])
  await retained.archive()
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
})

t.test('the file of a start that died in its first record is not all that stays: the next start has to find where the trail ended', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const before = segmentsOf(retained.trail.root)
  const last = await readRoot(retained)
  const place = { gateway, writer: last[0]?.writer as string, epoch: (last.at(-1)?.epoch as number) + 1 }
  const keys = retained.access.auditKeys
  const header = formatHeader({ ...place, index: 0, first: 1, before: startOf(place), keyId: keys.of(place.epoch).id }, [], keys.forEpoch(place.writer, place.epoch))
  const died = join(spoolOf(retained.trail.root), nameSegment(place.epoch, 0))
  writeFileSync(died, `${header}\n{"v":1,"seq":1,"ti`, 'latin1')
  await prune(retained)
  t.same(segmentsOf(retained.trail.root), [...before.slice(-1), died])
  const live = await openVerifiedTrail(retained.trail)
  await live.close()
  t.same(problemsOf(await readRoot(retained)), [])
  await retained.archive()
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
})
