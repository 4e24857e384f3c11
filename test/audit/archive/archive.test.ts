// The archive gives back what the spool had, record by record; whatever is changed in it is noticed; and nothing that is damaged gets in.
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import {
  archiveSpool, askSources, createArchiveSources, createDirectoryStore, createQuestionTokenisers, deriveArchiveKeys, deriveAuditKeys, listArchive, openArchiveIndex, readArchive,
  readCheckpoints, readSpool, verifyTrail, type TrailEntry,
} from '../../../src/audit/audit.ts'
import { admitted, completed, gateway } from '../../support/audit.ts'
import { checkpointsOf, copyTrail, createRoot, editLines, openVerifiedTrail, segmentsOf, spoolOf, writeVerifiedTrail, type VerifiedTrail } from '../../support/verified-trail.ts'

type Test = { teardown: (action: () => unknown) => void }

async function openArchive (t: Test, { config }: VerifiedTrail, root = createRoot(t)) {
  const directory = join(root, 'archive')
  const index = await openArchiveIndex(join(root, 'index'))
  t.teardown(() => { index.close() })
  const keys = deriveArchiveKeys(randomBytes(32).toString('base64'))
  return { directory, index, gateway, keys, auditKeys: deriveAuditKeys(config.key, gateway), store: createDirectoryStore(directory) }
}

const archive = (to: Awaited<ReturnType<typeof openArchive>>, trail: VerifiedTrail) =>
  archiveSpool({ ...to, directory: spoolOf(trail.root), auditKey: trail.config.key, segmentRecords: 4 })

async function collect (entries: AsyncIterable<TrailEntry>): Promise<TrailEntry[]> {
  const all: TrailEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

const comparable = ({ writer, epoch, seq, event, problems, record }: TrailEntry) => ({ writer, epoch, seq, event, problems, record: { ...record, seal: '' } })

t.test('every record comes out as it was: place, event, chain and keyed digest', async t => {
  const trail = await writeVerifiedTrail(t)
  const to = await openArchive(t, trail)
  const epochs = await archive(to, trail)
  t.match(epochs, [{ archived: 10, last: 10, isClosed: true }, { archived: 10 }, { archived: 10 }])
  const before = (await collect(readSpool({ directory: spoolOf(trail.root), key: trail.config.key }))).map(comparable)
  t.same((await collect(readArchive(to, {}))).map(comparable), before)
  t.equal((await listArchive(to)).length, 9)
  for (const name of await listArchive(to)) {
    t.notMatch(readFileSync(join(to.directory, name), 'latin1'), /4711|Example Clinician|203\.0\.113/)
    t.equal(statSync(join(to.directory, name)).mode & 0o777, 0o440, 'only to be read')
  }
  t.same((await archive(to, trail)).map(({ archived }) => archived), [10, 10, 10], 'nothing twice')
  t.equal((await listArchive(to)).length, 9)
})

t.test('a running epoch is archived by whole segments, and goes on where it ended', async t => {
  const trail = await writeVerifiedTrail(t, { epochs: 0 })
  const live = await openVerifiedTrail(trail)
  const to = await openArchive(t, trail)
  for (let n = 0; n < 5; n += 1) await live.record(admitted(`one-${n}`))
  t.match(await archive(to, trail), [{ archived: 4, last: 6, isClosed: false }])
  for (let n = 0; n < 3; n += 1) await live.record(admitted(`two-${n}`))
  t.match(await archive(to, trail), [{ archived: 8, last: 9 }])
  await live.close()
  t.match(await archive(to, trail), [{ archived: 10, last: 10, isClosed: true }])
  t.same((await collect(readArchive(to, {}))).flatMap(entry => entry.problems), [])
})

t.test('a question reads what the index names, finds endings in later segments, and does without the index', async t => {
  const trail = await writeVerifiedTrail(t, { epochs: 0 })
  const live = await openVerifiedTrail(trail)
  const patient = (id: string) => ({ what: { kind: 'read', method: 'GET', path: `/patients/${id}`, record: { type: 'patient', id, patient: id } } } as const)
  await live.record(admitted('long', patient('7001')))
  for (let n = 0; n < 20; n += 1) {
    await live.record(admitted(`other-${n}`, patient('7002')))
    live.note(completed(`other-${n}`))
  }
  live.note(completed('long'))
  await live.close()
  const to = await openArchive(t, trail)
  await archive(to, trail)
  const reads: string[] = []
  const store = { ...to.store, get: (name: string) => { reads.push(name); return to.store.get(name) } }
  const ask = async (index: Parameters<typeof createArchiveSources>[1]) => {
    reads.length = 0
    const answer = askSources({ patient: '7001' }, { sources: await createArchiveSources({ ...to, store }, index), tokenisers: createQuestionTokenisers(trail.config.key, gateway) })
    const found: string[] = []
    for await (const { event } of answer.found) found.push(`${event.kind} ${event.id}`)
    return found
  }
  const expected = ['request.admitted long', 'request.completed long']
  t.same(await ask(to.index), expected)
  t.equal(reads.length, 2, 'of 11 segments')
  t.same(await ask({ find: () => new Set(), known: () => new Map() }), expected)
  t.equal(reads.length, (await listArchive(to)).length)
})

t.test('verified beside the spool, and alone; any changed byte, a missing and an exchanged segment are found', async t => {
  const trail = await writeVerifiedTrail(t)
  const to = await openArchive(t, trail)
  await archive(to, trail)
  const spool = { name: 'spool', read: (hooks: object) => readSpool({ directory: spoolOf(trail.root), key: trail.config.key, ...hooks }) }
  const verify = async (sources: Parameters<typeof verifyTrail>[0]['sources']) => await verifyTrail({
    sources, checkpoints: await readCheckpoints(checkpointsOf(trail.root), gateway), gateway, keys: to.auditKeys, now: Date.now(), staleAfterMs: 60_000, isDeep: true,
  })
  const alone = [{ name: 'the archive', isFollower: true, read: (hooks: object) => readArchive(to, hooks) }]
  t.match(await verify(alone), { verdict: 'intact', records: 30 })
  t.match(await verify([spool, ...alone]), { verdict: 'intact', records: 60 })
  const names = await listArchive(to)
  const path = join(to.directory, names[4] as string)
  chmodSync(path, 0o640)
  const whole = readFileSync(path)
  const signed = whole.indexOf(0x0A)
  for (const at of [...Array.from({ length: Math.ceil(whole.length / 37) }, (_, step) => step * 37), ...Array.from({ length: 88 }, (_, step) => signed + step)]) {
    writeFileSync(path, Buffer.from(whole.map((byte, place) => place === at ? byte ^ 1 : byte)))
    const report = await verify(alone)
    if (report.verdict !== 'tampered') t.fail(`byte ${at}: ${report.verdict}`)
  }
  writeFileSync(path, readFileSync(join(to.directory, names[3] as string)))
  t.equal((await verify(alone)).verdict, 'tampered')
  rmSync(path)
  t.match(await verify(alone), { verdict: 'incomplete', findings: [{ class: 'gap', source: 'the archive' }] })
  t.equal((await verify([spool, ...alone])).verdict, 'incomplete')
  rmSync(join(to.directory, names.at(-1) as string))
  t.ok((await verify(alone)).findings.some(finding => finding.class === 'truncation'))
})

t.test('a record that is not as it was written is not archived, nor anything after it', async t => {
  const trail = await writeVerifiedTrail(t)
  const root = copyTrail(t, trail)
  editLines(segmentsOf(root)[1] as string, lines => lines.with(1, (lines[1] as string).replace(/"t":\d/, '"t":9')))
  const to = await openArchive(t, trail)
  await t.rejects(archive(to, { ...trail, root }), { name: 'ArchiveError', message: /^Record \d+ of writer .* cannot be archived \(mac\), and nothing after it was\. Run: sallyport audit verify/ })
  t.ok((await listArchive(to)).length <= 1)
})

t.test('a store that gives back something else, and one that has no room', async t => {
  const trail = await writeVerifiedTrail(t, { epochs: 1 })
  const to = await openArchive(t, trail)
  await t.rejects(archive({ ...to, store: { ...to.store, get: async () => Buffer.from('nothing') } }, trail), { name: 'StoreError', message: /not what was written/ })
  const blocked = createRoot(t)
  writeFileSync(join(blocked, 'archive'), 'in the way')
  await t.rejects(archive({ ...to, store: createDirectoryStore(join(blocked, 'archive')) }, trail), { name: 'StoreError', message: /cannot be used \(ENOTDIR\)/ })
  await to.store.put('a/b', Buffer.from('1'))
  await t.rejects(to.store.put('a/b', Buffer.from('2')), { name: 'StoreError', message: /nothing in it is overwritten/ })
  t.equal(String(await to.store.get('a/b')), '1')
  await t.rejects(createDirectoryStore(blocked).get('../x'), TypeError)
  t.same(readdirSync(join(to.directory, 'a')), ['b'])
})

t.test('a segment under another name than its own is damage for questions as well', async t => {
  const trail = await writeVerifiedTrail(t)
  const to = await openArchive(t, trail)
  await archive(to, trail)
  const [first = '', , , , other = ''] = await listArchive(to)
  rmSync(join(to.directory, other))
  writeFileSync(join(to.directory, other), readFileSync(join(to.directory, first)))
  const answer = askSources({ patient: '4711' }, { sources: await createArchiveSources(to, to.index), tokenisers: createQuestionTokenisers(trail.config.key, gateway) })
  for await (const { seq, epoch } of answer.found) t.notSame([epoch, seq], [0, 0])
  t.match(answer.summary(), { damaged: 1, damage: [{ problems: ['header'] }] })
})

t.test('an archive that is behind is no finding while the spool has the rest', async t => {
  const trail = await writeVerifiedTrail(t, { epochs: 0 })
  const live = await openVerifiedTrail(trail)
  const to = await openArchive(t, trail)
  for (let n = 0; n < 5; n += 1) await live.record(admitted(`one-${n}`))
  await archive(to, trail)
  await live.close()
  await writeVerifiedTrail(t, { root: trail.root, config: trail.config, epochs: 1 })
  const report = await verifyTrail({
    sources: [
      { name: 'spool', read: hooks => readSpool({ directory: spoolOf(trail.root), key: trail.config.key, ...hooks }) },
      { name: 'the archive', isFollower: true, read: hooks => readArchive(to, hooks) },
    ],
    checkpoints: await readCheckpoints(checkpointsOf(trail.root), gateway),
    gateway,
    keys: to.auditKeys,
    now: Date.now(),
    staleAfterMs: 60_000,
  })
  t.match(report, { verdict: 'intact', findings: [] })
})
