// Pruning and declared emergencies from the command line: on record with their reasons, refused with a sentence, and verified afterwards.
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { deriveAuditKeys, findEmergency } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { baseYaml } from '../config/workspace.ts'
import { accessKeyId, bucket, secretKey, startObjectStore } from '../support/object-store.ts'
import { createQuestionPlace } from './question-place.ts'
import { archiveYaml, createRetentionPlace, filesOf, reason } from './retention-place.ts'
import { runCli } from './run-cli.ts'

t.test('audit prune: says what would go, removes it, and the trail is intact and answers as before', async t => {
  const place = await createRetentionPlace(t, ', keepElsewhereDays: 0')
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
  const place = await createRetentionPlace(t)
  const yaml = (more: string) => place.workspace.load(`${place.yaml}${archiveYaml(more)}`)
  t.match((await yaml(', retentionYears: 5')).lines, [/^\d+:\d+ {2}audit\.archive\.retentionYears is 5, and 6 is the floor: write 6 or more, or say who decided and why in audit\.archive\.shorterRetention\.$/])
  t.same((await yaml(', retentionYears: 7')).lines, [])
  t.same((await yaml(', retentionYears: 5, shorterRetention: { approvedBy: privacy officer, reason: decided }')).lines, [])
  await place.run('audit', 'archive', ...reason)
  t.equal((await place.run('audit', 'prune', ...reason)).code, 0)
  t.match((await place.operations()).at(-1), { operation: 'audit.prune', step: 'done', retentionYears: 5, approvedBy: 'privacy officer', shorterBecause: 'decided' })
})

t.test('the archive is in one place, and an address without TLS is refused', async t => {
  const { workspace } = await createRetentionPlace(t)
  const yaml = (archive: string) => workspace.load(`${baseYaml}  archive: { keyFile: keys/archive.key, ${archive} }\n`)
  const s3 = (endpoint: string) => `s3: { endpoint: '${endpoint}', bucket: trail, accessKeyId: KEY, secretAccessKeyFile: keys/s3.secret }`
  t.match((await yaml('segmentRecords: 100')).lines, [/audit\.archive says no place: add directory, or s3\.$/])
  t.match((await yaml(`directory: archive, ${s3('https://store.example')}`)).lines, [/audit\.archive has both directory and s3: it is in one place\. Remove one\.$/])
  t.match((await yaml('directory: archive, lock: governance')).lines, [/audit\.archive\.lock is for an object store/])
  t.match((await yaml(s3('http://store.example'))).lines, [/audit\.archive\.s3\.endpoint begins with http:\/\/: use https:\/\/\.$/])
  t.match((await yaml(s3('https://store.example/path'))).lines, [/audit\.archive\.s3\.endpoint/])
  t.same((await yaml(s3('https://store.example'))).lines, [])
})

t.test('the end that the archive lost is told, though the spool still has it, and comes back', async t => {
  const place = await createRetentionPlace(t)
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
  const place = await createRetentionPlace(t)
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
  const place = await createRetentionPlace(t)
  t.match(await place.run('audit', 'emergency', ...reason), { code: 1, err: /^This gateway knows no emergency: without audit\.emergency/ })
  const allowed = await createRetentionPlace(t, ' }\n  emergency: { file: run/emergency, atMost: 30m')
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
