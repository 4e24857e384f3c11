// The archive loses only what is older than its retention and under no hold, from the beginning on, and does not take it back from a spool that still has it.
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { endHold, findHold, listArchive, listHolds, pruneArchive, readArchive, setHold, StoreError } from '../../../src/audit/audit.ts'
import { admitted, gateway } from '../../support/audit.ts'
import { openVerifiedTrail } from '../../support/verified-trail.ts'
import { collect, createRetainedTrail, later, problemsOf, prune, verifyPlaces, type Retained } from './retained-trail.ts'

const pruneAll = async ({ access }: Pick<Retained, 'access'>, more: { readonly before?: number, readonly isRehearsal?: boolean } = {}) =>
  await pruneArchive({ ...access, holds: await listHolds(access), before: later(), ...more })

const readAll = ({ access }: Pick<Retained, 'access'>) => collect(readArchive(access, {}))

t.test('what is young stays; what is old goes by whole segments, and the rest is still proven', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  t.match(await pruneAll(retained, { before: Date.now() - 60_000 }), { segments: 0, records: 0, last: [] })
  t.match(await pruneAll(retained, { isRehearsal: true }), { segments: 9, records: 30 })
  t.equal((await listArchive(retained.access)).length, 9)

  // The first epoch and a part of the second: by their own times.
  const all = await readAll(retained)
  const border = all[14]?.record?.time as number
  const young = all.filter(({ record }) => (record?.time ?? 0) >= border).length
  const told = await pruneAll(retained, { before: border })
  t.ok(told.segments >= 3 && told.records <= 30 - young, JSON.stringify(told))
  const left = await readAll(retained)
  t.same(problemsOf(left), [])
  t.equal(left.length, 30 - told.records)
  t.match(await verifyPlaces(retained, { without: 'spool' }), { verdict: 'intact' })
  t.match(await verifyPlaces(retained), { verdict: 'intact' })
  t.equal([...retained.access.index.known()].length, (await listArchive(retained.access)).length)

  await t.test('what is gone does not come back from the spool', async t => {
    await retained.archive()
    t.equal((await readAll(retained)).length, left.length)
  })
  await t.test('all of it may go, and a new epoch follows', async t => {
    t.match(await pruneAll(retained), { records: 30 - told.records })
    t.same(await listArchive(retained.access), [])
    await retained.archive()
    t.same(await listArchive(retained.access), [])
    t.equal(readdirSync(join(retained.archiveRoot, gateway, all[0]?.writer as string)).filter(name => name.endsWith('.beginning')).length, 1)
    t.match(await verifyPlaces(retained), { verdict: 'intact' })
  })
})

t.test('a segment that somebody else removed is a gap, also the first', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const [first = ''] = await listArchive(retained.access)
  rmSync(join(retained.archiveRoot, first))
  t.match(await verifyPlaces(retained, { without: 'spool' }), { verdict: 'incomplete' })
  t.match(await pruneAll(retained), { segments: 8 }, 'what is left may still go')
})

t.test('a segment that cannot be believed ends it', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const name = (await listArchive(retained.access))[2] as string
  const path = join(retained.archiveRoot, name)
  chmodSync(path, 0o640)
  writeFileSync(path, readFileSync(path).map((byte, at) => at === 40 ? byte ^ 1 : byte))
  t.match(await pruneAll(retained), { segments: 2, unreadable: [name] })
})

t.test('a hold keeps its range and what comes after it, until it ends', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  const times = (await readAll(retained)).map(({ record }) => record?.time as number)
  const matter = { name: 'matter-14', from: times[12] as number, to: (times[12] as number) + 1, reason: 'request of the court', by: 'counsel', at: 1 }
  await setHold(matter, retained.access)
  t.same(await listHolds(retained.access), [{ v: 1, gateway, ...matter }])
  const told = await pruneAll(retained)
  t.match(told, { heldBy: ['matter-14'] })
  t.ok(told.records > 0 && told.records <= 12, JSON.stringify(told))
  await t.rejects(setHold(matter, retained.access), StoreError)
  await t.rejects(endHold('matter-15', { reason: 'over', by: 'counsel', at: 2 }, retained.access), { name: 'StoreError', message: /There is no hold matter-15 in force/ })
  await endHold('matter-14', { reason: 'over', by: 'counsel', at: 2 }, retained.access)
  t.same(await listHolds(retained.access), [])
  await t.rejects(endHold('matter-14', { reason: 'over', by: 'counsel', at: 2 }, retained.access), StoreError)
  t.match(await pruneAll(retained), { records: 30 - told.records, heldBy: [] })
})

t.test('both ends of a hold', t => {
  const holds = [{ name: 'one', from: 100, to: 200, reason: '', by: '', at: 0 }]
  for (const [from, to, isHeld] of [[0, 99, false], [0, 100, true], [199, 300, true], [200, 300, false], [0, 300, true], [120, 130, true]] as const) t.equal(findHold(holds, { from, to }) !== undefined, isHeld, `${from} to ${to}`)
  t.end()
})

t.test('a hold that was changed holds everything; an end that is not genuine ends nothing', async t => {
  const retained = await createRetainedTrail(t, { epochs: 1 })
  await retained.archive()
  const hold = { name: 'narrow', from: 0, to: 1, reason: 'request', by: 'counsel', at: 1 }
  await setHold(hold, retained.access)
  t.match(await pruneAll(retained, { isRehearsal: true }), { segments: 3 })
  const path = join(retained.archiveRoot, gateway, 'holds', 'narrow.hold')
  chmodSync(path, 0o640)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('"to":1', '"to":0'))
  t.match(await listHolds(retained.access), [{ name: 'narrow', from: 0, to: Number.MAX_SAFE_INTEGER, reason: /its file was changed/ }])
  t.match(await pruneAll(retained), { segments: 0, heldBy: ['narrow'] })
  writeFileSync(join(retained.archiveRoot, gateway, 'holds', 'narrow.end'), text)
  t.match(await pruneAll(retained), { segments: 0 })
})

t.test('a hold under another name or of another gateway is not that hold, and holds everything', async t => {
  const retained = await createRetainedTrail(t, { epochs: 1 })
  await setHold({ name: 'narrow', from: 0, to: 1, reason: 'request', by: 'counsel', at: 1 }, retained.access)
  const folder = join(retained.archiveRoot, gateway, 'holds')
  writeFileSync(join(folder, 'renamed.hold'), readFileSync(join(folder, 'narrow.hold')))
  t.match((await listHolds(retained.access)).map(({ name, to }) => [name, to]), [['narrow', 1], ['renamed', Number.MAX_SAFE_INTEGER]])
  await setHold({ name: 'theirs', from: 0, to: 1, reason: 'request', by: 'counsel', at: 1 }, { ...retained.access, gateway: 'another' })
  writeFileSync(join(folder, 'theirs.hold'), readFileSync(join(retained.archiveRoot, 'another', 'holds', 'theirs.hold')))
  t.match((await listHolds(retained.access)).find(({ name }) => name === 'theirs'), { to: Number.MAX_SAFE_INTEGER })
})

t.test('a segment goes when its newest record is old enough, and a running epoch is carried on after all of it went', async t => {
  const retained = await createRetainedTrail(t, { epochs: 0 })
  const live = await openVerifiedTrail(retained.trail)
  const time = Date.now()
  // The first one is the start's own record.
  for (let n = 1; n < 12; n += 1) await live.record(admitted(`early-${n}`, { time: time + n * 1000 }))
  await live.flush({ timeoutMs: 5000, ship: false })
  t.match(await retained.archive(), [{ archived: 12, last: 12 }])
  t.match(await pruneAll(retained, { before: time + 6000 }), { segments: 1, records: 4 }, 'the border falls into the second')
  t.match(await pruneAll(retained, { before: time + 60_000 }), { segments: 2, records: 8 })
  for (let n = 0; n < 5; n += 1) await live.record(admitted(`late-${n}`))
  await live.close()
  t.match(await retained.archive(), [{ archived: 18, isClosed: true }])
  const left = await readAll(retained)
  t.match(left.map(({ seq }) => seq), [13, 14, 15, 16, 17, 18])
  t.same(problemsOf(left), [])
})

t.test('the spool and then the archive: the trail begins where the archive does', async t => {
  const retained = await createRetainedTrail(t)
  await retained.archive()
  await prune(retained)
  const border = (await readAll(retained))[14]?.record?.time as number
  await pruneAll(retained, { before: border })
  const report = await verifyPlaces(retained)
  t.match(report, { verdict: 'intact' })
  t.ok(report.remarks.some(remark => /^archive: .* were removed on purpose, when their time was over\.$/.test(remark)), report.remarks.join('\n'))
})
