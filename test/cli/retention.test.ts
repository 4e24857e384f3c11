// Pruning, holds and shredding from the command line: on record with their reasons, refused with a sentence, and verified afterwards.
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { deriveAuditKeys, findEmergency } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { baseYaml } from '../config/workspace.ts'
import { accessKeyId, bucket, secretKey, startObjectStore } from '../support/object-store.ts'
import { readEntries, readTrail } from '../support/trail.ts'
import { createQuestionPlace, type QuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

const reason = ['--reason', 'yearly clearing']
const archiveYaml = (more = '') => `  segmentSize: 4KiB\n  archive: { keyFile: keys/archive.key, directory: archive${more} }\n`

async function createPlace (t: { teardown (action: () => void): void }, more = '') {
  const place = await createQuestionPlace(t, { yaml: archiveYaml(more) })
  place.workspace.write('keys/archive.key', randomBytes(32).toString('base64'))
  const run = (...args: string[]) => runCli([...args, '--config', place.file])
  return { ...place, run, yaml: baseYaml, operations: () => readOperations(place) }
}

async function readOperations (place: QuestionPlace) {
  const events = await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)
  return events.filter(event => event.kind === 'operation.run').map(event => event.facts)
}

const filesOf = (place: QuestionPlace, directory: string) => readdirSync(place.workspace.path(directory)).filter(name => name.endsWith('.audit'))

t.test('audit prune: says what would go, removes it, and the trail is intact and answers as before', async t => {
  const place = await createPlace(t, ', keepElsewhereDays: 0')
  const ask = () => place.run('audit', 'query', '--person', 'nurse-1', ...reason)
  const before = await ask()
  t.match(await place.run('audit', 'prune'), { code: 2, err: /^Please say why you ask/ })
  t.match(await place.run('audit', 'prune', ...reason), { code: 0, out: /^the gateway's spool: 0 files \(0\.0 MiB\) went; then it ended: what comes next is not in the archive yet\./ })
  t.equal((await place.run('audit', 'archive', ...reason)).code, 0)
  const files = filesOf(place, 'data/audit').length
  t.ok(files > 2)
  t.match(await place.run('audit', 'prune', '--dry-run', ...reason), { code: 0, out: new RegExp(`^the gateway's spool: ${files - 1} files \\(0\\.0 MiB\\) would go; then it ended: the last file stays\\.\n`) })
  t.equal(filesOf(place, 'data/audit').length, files)
  const pruned = await place.run('audit', 'prune', ...reason)
  t.match(pruned, { code: 0, out: /the archive: 0 segments with 0 records went\.\n$/ }, pruned.err)
  t.equal(filesOf(place, 'data/audit').length, 1)
  t.equal((await ask()).out, before.out)
  const verified = await place.run('audit', 'verify', '--deep', ...reason)
  t.equal(verified.code, 0, verified.out)
  t.match(verified.out, /the gateway's spool: records of writer \S+ up to epoch \d+, record \d+ were removed on purpose; another place has the last of them\./)
  t.match((await place.operations()).filter(facts => facts?.['operation'] === 'audit.prune').at(-1), { step: 'done', reason: 'yearly clearing', retentionYears: 6, keepElsewhereDays: 0, spoolFiles: Number })
})

t.test('retention: six years are the floor, unless somebody decided otherwise, and that is on record', async t => {
  const place = await createPlace(t)
  const yaml = (more: string) => place.workspace.load(`${place.yaml}${archiveYaml(more)}`)
  t.match((await yaml(', retentionYears: 5')).lines, [/^\d+:\d+ {2}audit\.archive\.retentionYears is 5, and 6 is the floor: write 6 or more, or say who decided and why in audit\.archive\.shorterRetention\.$/])
  t.same((await yaml(', retentionYears: 7')).lines, [])
  t.same((await yaml(', retentionYears: 5, shorterRetention: { approvedBy: privacy officer, reason: decided }')).lines, [])
  await place.run('audit', 'archive', ...reason)
  t.equal((await place.run('audit', 'prune', ...reason)).code, 0)
  t.match((await place.operations()).at(-1), { operation: 'audit.prune', step: 'done', retentionYears: 5, approvedBy: 'privacy officer', shorterBecause: 'decided' })
})

t.test('the archive is in one place, and an address without TLS is refused', async t => {
  const { workspace } = await createPlace(t)
  const yaml = (archive: string) => workspace.load(`${baseYaml}  archive: { keyFile: keys/archive.key, ${archive} }\n`)
  const s3 = (endpoint: string) => `s3: { endpoint: '${endpoint}', bucket: trail, accessKeyId: KEY, secretAccessKeyFile: keys/s3.secret }`
  t.match((await yaml('segmentRecords: 100')).lines, [/audit\.archive says no place: add directory, or s3\.$/])
  t.match((await yaml(`directory: archive, ${s3('https://store.example')}`)).lines, [/audit\.archive has both directory and s3: it is in one place\. Remove one\.$/])
  t.match((await yaml('directory: archive, lock: governance')).lines, [/audit\.archive\.lock is for an object store/])
  t.match((await yaml(s3('http://store.example'))).lines, [/audit\.archive\.s3\.endpoint begins with http:\/\/: use https:\/\/\.$/])
  t.match((await yaml(s3('https://store.example/path'))).lines, [/audit\.archive\.s3\.endpoint/])
  t.same((await yaml(s3('https://store.example'))).lines, [])
})

t.test('audit hold, holds, release', async t => {
  const place = await createPlace(t)
  t.match(await place.run('audit', 'holds'), { code: 0, out: 'No hold is in force.\n' })
  t.match(await place.run('audit', 'hold', 'Matter 14', ...reason), { code: 2, err: /^Matter 14 is no name for a hold: write lower-case letters/ })
  t.match(await place.run('audit', 'hold', 'matter-14'), { code: 2, err: /^Please say why/ })
  t.match(await place.run('audit', 'hold', 'matter-14', '--from', '2026-11-20', '--to', '2026-11-20', ...reason), {
    code: 0, out: 'matter-14: everything from 2026-11-20T00:00:00.000Z to 2026-11-21T00:00:00.000Z is held. It stands until: sallyport audit release matter-14\n',
  })
  t.match(await place.run('audit', 'hold', 'matter-14', ...reason), { code: 1, err: /^There is or was a hold matter-14, and a name is used once\. Choose another: matter-14-2\.$/m })
  t.match(await place.run('audit', 'holds'), { code: 0, out: /^matter-14: everything from .* is held\. yearly clearing \(\S+, 2026-\S+Z\)\n$/ })
  t.match(await place.run('audit', 'release', 'matter-15', ...reason), { code: 1, err: /There is no hold matter-15 in force/ })
  t.match(await place.run('audit', 'release', 'matter-14', ...reason), { code: 0, out: 'The hold matter-14 has ended.\n' })
  t.match(await place.run('audit', 'holds'), { out: 'No hold is in force.\n' })
  t.match((await place.operations()).map(facts => `${facts?.['operation']} ${facts?.['step']}`), [
    'audit.hold asked', 'audit.hold done', 'audit.hold asked', 'audit.hold failed', 'audit.release asked', 'audit.release failed', 'audit.release asked', 'audit.release done',
  ])
})

t.test('audit shred: in every place, on record, and no question shows it again', async t => {
  const place = await createPlace(t)
  await place.run('audit', 'archive', ...reason)
  const query = async () => (await place.run('audit', 'query', '--patient', '4711', ...reason)).out.trimEnd().split('\n').map(line => JSON.parse(line) as { readonly id: string, readonly writer: string, readonly epoch: number, readonly seq: number })
  const target = (await query())[0] as Awaited<ReturnType<typeof query>>[number]
  const shred = (...args: string[]) => place.run('audit', 'shred', ...args, ...reason)
  const named = ['--writer', target.writer, '--epoch', String(target.epoch), '--seq', String(target.seq)]
  t.match(await shred(), { code: 2, err: /^audit shred needs --writer, --epoch and --seq: sallyport audit query prints the three/ })
  t.match(await shred(...named.slice(0, 4), '--seq', 'three'), { code: 2, err: /^--seq is a number from 1/ })
  t.match(await shred(...named.slice(0, 4), '--seq', '9999'), { code: 1, err: /^No place has record 9999 of writer/ })
  // Asked for and not possible would stand on record as an excuse for whoever empties it by hand.
  const last = (await readEntries(place.workspace.path('data/audit'), place.config.audit.key)).at(-1)
  const shreddings = async () => (await place.operations()).filter(facts => facts?.['operation'] === 'audit.shred').length
  const before = await shreddings()
  t.match(await shred('--writer', target.writer, '--epoch', String(last?.epoch), '--seq', String(last?.seq)), { code: 1, err: /stands in the file that the gateway is writing/ })
  t.equal(await shreddings(), before)
  await place.run('audit', 'hold', 'matter-14', ...reason)
  t.match(await shred(...named), { code: 1, err: /^The hold matter-14 may concern this record \(yearly clearing\), so nothing was done\. End it first/ })
  await place.run('audit', 'release', 'matter-14', ...reason)
  t.match(await shred(...named), { code: 0, out: /^The record is shredded in: the gateway's spool, the archive\. If it told of an access, no question.* What was exported/ })
  t.notOk((await query()).some(({ seq, epoch, writer }) => seq === target.seq && epoch === target.epoch && writer === target.writer))
  const verified = await place.run('audit', 'verify', '--deep', ...reason)
  t.equal(verified.code, 0, verified.out)
  t.match(verified.out, /1 record was shredded by an operation on record/)
  t.match(await shred(...named), { code: 0, out: "Its content was gone already: the gateway's spool, the archive. That it was asked for again is on record.\n" })
  t.match((await place.operations()).at(-1), { operation: 'audit.shred', step: 'done', repeated: true })
  t.equal((await place.operations()).filter(facts => facts?.['operation'] === 'audit.shred' && facts['step'] === 'failed').length, 0, 'what cannot be done is not asked for')
})

t.test('a hold whose file was removed from the archive is missed, and still holds', async t => {
  const place = await createPlace(t)
  await place.run('audit', 'archive', ...reason)
  await place.run('audit', 'hold', 'matter-14', ...reason)
  await place.run('audit', 'hold', 'matter-15', ...reason)
  await place.run('audit', 'release', 'matter-15', ...reason)
  const found = (await place.run('audit', 'query', '--person', 'nurse-1', ...reason)).out.split('\n')[0] as string
  const { writer, epoch, seq } = JSON.parse(found) as { readonly writer: string, readonly epoch: number, readonly seq: number }
  const shred = () => place.run('audit', 'shred', '--writer', writer, '--epoch', String(epoch), '--seq', String(seq), ...reason)
  t.equal((await place.run('audit', 'verify', ...reason)).code, 0)
  const holds = place.workspace.path('archive')
  const names = readdirSync(holds, { recursive: true, encoding: 'utf8' }).filter(name => name.includes('/holds/'))
  t.ok(names.length >= 3)
  for (const name of names) rmSync(`${holds}/${name}`, { recursive: true })
  const verified = await place.run('audit', 'verify', ...reason)
  t.equal(verified.code, 2, verified.out)
  t.match(verified.out, /the archive: the legal hold matter-14, which \S+ set on \S+, is not there any more, and no operation on record ended it/)
  t.notMatch(verified.out, /matter-15/)
  t.match(await shred(), { code: 1, err: /^The hold matter-14 may concern this record/ })
  // Nor does it help to take the archive out of the configuration.
  place.workspace.write('gateway.yaml', baseYaml.replaceAll('\r', ''))
  t.match(await shred(), { code: 1, err: /^The hold matter-14 may concern this record/ })
})

t.test('a damaged record may have set a hold: nothing is removed, unless somebody takes that upon them', async t => {
  const place = await createPlace(t, ', keepElsewhereDays: 0')
  await place.run('audit', 'archive', ...reason)
  await place.run('audit', 'hold', 'matter-14', ...reason)
  const found = (await place.run('audit', 'query', '--person', 'nurse-1', ...reason)).out.split('\n')[0] as string
  const { writer, epoch, seq } = JSON.parse(found) as { readonly writer: string, readonly epoch: number, readonly seq: number }
  const shred = (...more: string[]) => place.run('audit', 'shred', '--writer', writer, '--epoch', String(epoch), '--seq', String(seq), ...more, ...reason)
  for (const name of readdirSync(place.workspace.path('archive'), { recursive: true, encoding: 'utf8' }).filter(one => one.includes('/holds/'))) rmSync(place.workspace.path(`archive/${name}`), { recursive: true })
  const directory = 'data/audit-cli'
  const file = place.workspace.path(`${directory}/${filesOf(place, directory).sort()[0]}`)
  writeFileSync(file, readFileSync(file, 'latin1').replace(/"seal":"(.)/, (_all, first: string) => `"seal":"${first === 'A' ? 'B' : 'A'}`), 'latin1')
  const files = filesOf(place, 'data/audit').length
  const refused = /^The trail is damaged or not all there, so a legal hold may be on record that cannot be read, and nothing was removed\. .*: writer \S+, epoch \d+, record \d+: \w+.*--despite-damage\.$/m
  t.match(await shred(), { code: 1, err: refused })
  t.match(await place.run('audit', 'prune', ...reason), { code: 1, err: refused })
  t.equal(filesOf(place, 'data/audit').length, files)
  t.equal((await place.run('audit', 'query', '--person', 'nurse-1', ...reason)).out.split('\n')[0], found)
  t.equal((await place.run('audit', 'prune', '--despite-damage', ...reason)).code, 0)
  t.ok(filesOf(place, 'data/audit').length < files)
  const facts = (await readEntries(place.workspace.path(directory), place.config.audit.key)).map(({ event }) => event?.facts)
  t.match(facts.filter(fact => fact?.['despiteDamage'] === true).map(fact => fact?.['step']), ['asked', 'done'])
})

t.test('the end that the archive lost is told, though the spool still has it, and comes back', async t => {
  const place = await createPlace(t)
  await place.run('audit', 'archive', ...reason)
  const root = place.workspace.path('archive')
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment') && !name.includes('audit-cli')).sort()
  rmSync(`${root}/${names.at(-1)}`)
  const verified = await place.run('audit', 'verify', ...reason)
  t.equal(verified.code, 0, verified.out)
  t.match(verified.out, /the archive: 1 segment that this machine's index knows is not there \(\S+\.segment\)\. Unless audit prune ran on another machine, somebody removed them: sallyport audit archive puts back/)
  await place.run('audit', 'archive', ...reason)
  t.notMatch((await place.run('audit', 'verify', ...reason)).out, /is not there/)
})

t.test('audit prune: time in which nothing was recorded does not count, unless somebody says so', async t => {
  const place = await createPlace(t)
  await place.run('audit', 'archive', ...reason)
  // The records are of days ago by the test's own clock; seven years ahead nothing came since.
  const index = new DatabaseSync(readdirSync(place.workspace.path('data/archive-index')).filter(name => name.endsWith('.sqlite')).map(name => place.workspace.path(`data/archive-index/${name}`))[0] as string)
  t.ok(Number(index.prepare('SELECT count(*) AS n FROM segment').get()?.['n']) > 0)
  index.prepare('UPDATE segment SET last_time = last_time - ?').run(7 * 366 * 86_400_000)
  index.close()
  t.match(await place.run('audit', 'prune', '--dry-run', ...reason), { code: 0, out: /2,5\d\d days in which nothing new came into the archive did not count towards the retention\. Is the clock of this machine right\? If it is: --count-pauses\.$/m })
  t.notMatch((await place.run('audit', 'prune', '--dry-run', '--count-pauses', ...reason)).out, /did not count/)
  t.match((await place.operations()).at(-1), { operation: 'audit.prune', step: 'done', countsPauses: true })
})

t.test('an archive and checkpoints in an object store: filled, verified, asked, pruned; what it does not let go is said', async t => {
  const server = await startObjectStore(t)
  const s3 = (prefix: string) => `{ endpoint: '${server.endpoint}', bucket: ${bucket}, prefix: ${prefix}/, accessKeyId: ${accessKeyId}, secretAccessKeyFile: keys/s3.secret }`
  const yaml = `  segmentSize: 4KiB\n  checkpoints: { objectStores: [${s3('witness')}] }\n  archive: { keyFile: keys/archive.key, s3: ${s3('archive')}, lock: compliance, keepElsewhereDays: 0 }\n`
  const place = await createQuestionPlace(t, { yaml, clock: createSystemClock() })
  const run = (...args: string[]) => runCli([...args, ...reason, '--config', place.file])
  place.workspace.write('keys/archive.key', randomBytes(32).toString('base64'))
  t.match(await run('audit', 'archive'), { code: 1, err: /^The object store's secret key .*s3\.secret cannot be read \(ENOENT\): run this as the account that archives, or write it there\./ })
  place.workspace.write('keys/s3.secret', secretKey)
  t.match(await run('audit', 'archive'), { code: 0, out: /each segment was read back/ })
  t.ok([...server.objects].filter(([name]) => name.startsWith('archive/') && name.endsWith('.segment')).every(([, { mode }]) => mode === 'COMPLIANCE'))
  t.ok([...server.objects.keys()].some(name => name.startsWith('witness/') && name.endsWith('.checkpoint')))
  t.match(await run('audit', 'prune'), { code: 0, out: /^the gateway's spool: [1-9]\d* files? / })
  const verified = await run('audit', 'verify', '--deep')
  t.equal(verified.code, 0, verified.out)
  t.notMatch(verified.out, /All checkpoints are from this machine/)
  t.match(await run('audit', 'query', '--person', 'nurse-1'), { code: 0, out: /"person":"nurse-1"/ })
  const target = JSON.parse((await run('audit', 'query', '--person', 'nurse-1')).out.split('\n')[0] as string) as { readonly writer: string, readonly epoch: number, readonly seq: number }
  const shredded = await run('audit', 'shred', '--writer', target.writer, '--epoch', String(target.epoch), '--seq', String(target.seq))
  t.match(shredded, { code: 1, err: /bucket trail cannot be used \(AccessDenied\).* under lock can be removed by nobody until its time is over/ })
  server.faults.push(...Array.from({ length: 60 }, () => 503 as const))
  t.match(await run('audit', 'verify'), { code: 3, err: /bucket trail cannot be (?:used|read) \(HTTP_503\)/ })
})

t.test('audit emergency: declared for a time and ended, on record; refused with a sentence where it is not allowed or too long', async t => {
  const place = await createPlace(t)
  t.match(await place.run('audit', 'emergency', ...reason), { code: 1, err: /^This gateway knows no emergency: without audit\.emergency/ })
  const allowed = await createPlace(t, ' }\n  emergency: { file: run/emergency, atMost: 30m')
  const file = allowed.workspace.path('run/emergency')
  t.match(await allowed.run('audit', 'emergency', ...reason), { code: 1, err: /run\/emergency cannot be written \(ENOENT\): nothing was declared/ })
  allowed.workspace.write('run/keep', '')
  t.match(await allowed.run('audit', 'emergency'), { code: 2, err: /^Please say why/ })
  t.match(await allowed.run('audit', 'emergency', '--for', 'soon', ...reason), { code: 2, err: '--for soon is no time: write 30m or 1h.' })
  t.match(await allowed.run('audit', 'emergency', '--for', '31m', ...reason), { code: 1, err: /at most 30m here/ })
  t.match(await allowed.run('audit', 'emergency', '--end', ...reason), { code: 1, err: /^No emergency of this gateway is declared/ })
  t.match(await allowed.run('audit', 'emergency', '--end', '--for', '1m', ...reason), { code: 2 })
  t.match(await allowed.run('audit', 'emergency', '--for', '10m', ...reason), { code: 0, err: '', out: /^Until \d{4}-.* people are let in also while nothing can be recorded\./ })
  const context = { gateway: allowed.config.gateway.name, keys: deriveAuditKeys(allowed.config.audit.key, allowed.config.gateway.name) }
  const declared = findEmergency(file, context)
  t.match(declared, { reason: 'yearly clearing', by: String })
  t.equal((declared?.until ?? 0) - (declared?.since ?? 0), 600_000)
  t.notMatch(readFileSync(file, 'latin1'), /yearly/)
  t.match(await allowed.run('audit', 'emergency', '--end', ...reason), { code: 0, out: /has ended/ })
  t.equal(findEmergency(file, context), undefined)
  t.match((await allowed.operations()).map(facts => [facts?.['operation'], facts?.['reason']]), [['audit.emergency', 'yearly clearing'], ['audit.emergency.end', 'yearly clearing']])

  await t.test('nothing can be recorded: it is declared all the same, and says so', async t => {
    rmSync(allowed.workspace.path('data/audit-cli'), { recursive: true })
    allowed.workspace.write('data/audit-cli', 'a file where the directory was')
    t.match(await allowed.run('audit', 'emergency', ...reason), { code: 0, out: /^Until /, err: /^This is not on record yet; the gateway puts it there once it can\. / })
    t.ok(findEmergency(file, context))
  })
})
