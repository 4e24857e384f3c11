// `audit verify` from the command line: the verdict in words and as exit code, on record with its reason, and nothing is changed by looking.
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'
import { createQuestionPlace, type QuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

const reason = ['--reason', 'quarterly review']
const verify = (place: QuestionPlace, ...args: string[]) => runCli(['audit', 'verify', ...args, '--config', place.file])

function digest (directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory).sort()) hash.update(name).update(readFileSync(join(directory, name)))
  return hash.digest('hex')
}

const firstSegment = (place: QuestionPlace) => place.workspace.path(`data/audit/${readdirSync(place.workspace.path('data/audit')).find(name => name.endsWith('.audit'))}`)

function editFirst (place: QuestionPlace, edit: (lines: string[]) => readonly string[]): void {
  const file = firstSegment(place)
  writeFileSync(file, `${edit(readFileSync(file, 'latin1').trimEnd().split('\n')).join('\n')}\n`, 'latin1')
}

t.test('an untouched trail: intact, exit code 0, on record, and the trail is as it was', async t => {
  const place = await createQuestionPlace(t)
  const before = digest(place.workspace.path('data/audit'))
  const result = await verify(place, ...reason)
  t.equal(result.code, 0, result.out + result.err)
  t.match(result.out, /^INTACT {6}every record is as it was written, and up to the last checkpoint none is missing\n\nRead {2}\d+ records of 2 epochs and 2 writers in the gateway's spool, the spool of operations; 2 checkpoints\.\n/)
  t.match(result.out, /Last good checkpoint of writer [\w-]+: \d{4}-.*Z, epoch \d+, record \d+, the end of that epoch\./)
  t.match(result.out, /\nAll checkpoints are from this machine: an older copy .* would look the same\./)
  t.equal(digest(place.workspace.path('data/audit')), before)
  const operations = await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)
  t.match(operations.filter(event => event.kind === 'operation.run').map(event => event.facts), [
    { operation: 'audit.verify', step: 'asked', reason: 'quarterly review' },
    { operation: 'audit.verify', step: 'done', verdict: 'intact', findings: 0 },
  ])
  t.equal((await verify(place, '--deep', ...reason)).code, 0)
  t.match(JSON.parse((await verify(place, '--json', ...reason)).out), { verdict: 'intact', findings: [], publicKeys: [/^-----BEGIN PUBLIC KEY-----/] })
})

t.test('tampered: exit code 1, the first bad record, its class, and what to do', async t => {
  const place = await createQuestionPlace(t)
  editFirst(place, lines => lines.with(3, (lines[3] as string).replace(/"t":\d/, '"t":9')))
  const result = await verify(place, ...reason)
  t.equal(result.code, 1)
  t.match(result.out, /^TAMPERED {4}something is not what was written\n/)
  t.match(result.out, /\nFirst: writer [\w-]+, epoch \d+, record 3 \(edit\)\. In all 1 finding:\n {2}edit {15}the gateway's spool: writer .*, record 3: its clear fields are not what was written\.\n/)
  t.match(result.out, /Keep every place as it is, make a copy/)
  t.match(JSON.parse((await verify(place, '--json', ...reason)).out), { verdict: 'tampered', findings: [{ class: 'edit', seq: 3 }], found: 1 })
})

t.test('incomplete: exit code 2; a copy and other checkpoints can be named', async t => {
  const place = await createQuestionPlace(t)
  const copy = place.workspace.path('copy')
  cpSync(place.workspace.path('data/audit'), copy, { recursive: true })
  const witness = place.workspace.path('witness')
  cpSync(place.workspace.path('data/checkpoints'), witness, { recursive: true })
  editFirst(place, lines => lines.slice(0, -2))
  const result = await verify(place, ...reason)
  t.equal(result.code, 2)
  t.match(result.out, /^INCOMPLETE {2}records are missing\n[\s\S]*truncation {9}the gateway's spool: .*knows \d+ records of this epoch, and only \d+ are here\./)
  t.equal((await verify(place, '--spool', copy, ...reason)).code, 0, 'the copy is whole')
  rmSync(place.workspace.path('data/checkpoints'), { recursive: true })
  t.match(await verify(place, '--spool', copy, ...reason), { code: 3, out: /^UNKNOWN[\s\S]*nothing proves that the end was not cut/ })
  const witnessed = await verify(place, '--spool', copy, '--checkpoints', witness, ...reason)
  t.equal(witnessed.code, 0)
  t.notMatch(witnessed.out, /from this machine/)
})

t.test('what cannot be done is said in one sentence', async t => {
  const place = await createQuestionPlace(t)
  t.match(await verify(place), { code: 2, out: '', err: /^Please say why you ask/ })
  t.match(await verify(place, '--spool', place.workspace.path('none'), ...reason), { code: 3, out: '', err: /^There is no spool in .*none: name the directory that holds the files ending in \.audit\.\n$/ })
})

t.test('audit archive: sealed in another directory, on record, asked and verified like every other place', async t => {
  const place = await createQuestionPlace(t, { yaml: '  archive: { keyFile: keys/archive.key, directory: archive }\n' })
  const archive = (...args: string[]) => runCli(['audit', 'archive', ...args, '--config', place.file])
  t.match(await archive(), { code: 2, err: /^Please say why you ask/ })
  t.match(await archive(...reason), { code: 1, err: /archive's key .*archive\.key cannot be read \(ENOENT\)/ })
  place.workspace.write('keys/archive.key', randomBytes(32).toString('base64'))
  t.match(await archive(...reason), { code: 0, out: /^\d+ records in 2 segments, \d+ bytes a record; each segment was read back\.\n/ })
  t.match(await archive(...reason), { code: 0, out: /^6 records in 2 segments/ }, 'the operations of before')
  const steps = (await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)).filter(event => event.facts?.['operation'] === 'audit.archive').map(event => event.facts?.['step'])
  t.same(steps, ['asked', 'done', 'asked', 'done'])
  t.match(await verify(place, '--deep', ...reason), { code: 0, out: /in the gateway's spool, the spool of operations, the archive/ })
  const ask = () => runCli(['audit', 'query', '--patient', '4711', '--kind', 'request', ...reason, '--config', place.file])
  const before = (await ask()).out
  rmSync(place.workspace.path('data/audit'), { recursive: true })
  t.equal((await ask()).out, before, 'the archive answers alone')
  t.not(before, '')
  const name = readdirSync(place.workspace.path('archive'), { recursive: true, encoding: 'utf8' }).find(each => each.endsWith('.segment')) ?? ''
  const file = place.workspace.path(`archive/${name}`)
  const whole = readFileSync(file)
  rmSync(file)
  writeFileSync(file, whole.subarray(0, -1))
  t.equal((await verify(place, ...reason)).code, 1)
})

t.test('an archive that cannot be read: the other places answer, and it is said; nothing is called verified', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const place = await createQuestionPlace(t, { yaml: `  redis: { url: '${redis.url}' }\n  archive: { keyFile: keys/archive.key, directory: archive }\n` })
  place.workspace.write('keys/archive.key', randomBytes(32).toString('base64'))
  place.workspace.write('archive', 'a file where a directory should be')
  const asked = await runCli(['audit', 'query', '--patient', '4711', ...reason, '--config', place.file])
  t.match(asked, { code: 3, out: /request\.admitted/, err: /^!! NOT ASKED: The archive in .* cannot be used \(ENOTDIR\)/ })
  t.match(await verify(place, ...reason), { code: 3, out: '', err: /^The archive in .* cannot be used \(ENOTDIR\)/ })
  const steps = (await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)).filter(event => event.facts?.['operation'] === 'audit.verify').map(event => event.facts?.['step'])
  t.same(steps, ['asked', 'failed'])
  await redis.stop()
  place.workspace.write('gateway.yaml', readFileSync(place.file, 'utf8').replace(/ {2}archive: .*\n/, ''))
  t.match(await verify(place, ...reason), { code: 3, out: '', err: /Redis does not answer/ })
  const later = (await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)).filter(event => event.facts?.['operation'] === 'audit.verify').map(event => event.facts?.['step'])
  t.same(later, ['asked', 'failed', 'asked', 'failed'])
})

t.test('what cannot be verified is 3, not 1: no configuration, a mistake in it', async t => {
  t.match(await runCli(['audit', 'verify', '--reason', 'monthly', '--config', '/nowhere/gateway.yaml']), { code: 3, err: /gateway\.yaml/ })
})
