// Longer answers from the command line: several sources as one trail, the story of a patient, disclosures, a signed export.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { fingerprintCommand, nodeCommand, opensslCommand } from '../../src/audit/export/how-to-verify.ts'
import { baseYaml } from '../config/workspace.ts'
import { writeTrail } from '../support/patient-trail.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'
import { createQuestionPlace, silent, type QuestionPlace } from './question-place.ts'
import { runCli, type CliResult } from './run-cli.ts'

const reason = ['--reason', 'complaint 2026-114']
const ask = (place: QuestionPlace, ...args: string[]) => runCli(['audit', ...args, '--config', place.file])
const rowsOf = ({ out }: CliResult) => out.trimEnd().split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Record<string, unknown>)

t.test('the spool and Redis are one trail, each record once; a Redis that is away is said', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const place = await createQuestionPlace(t, { yaml: `  redis: { url: "${redis.url}" }\n` })
  const own = rowsOf(await ask(place, 'query', '--patient', '4711', ...reason)).filter(row => row['kind'] !== 'operation.run')
  t.equal(own.length, 17, 'what both have is told once')
  const other = place.workspace.path('other-replica')
  await writeTrail(place.config.audit, { directory: other, gateway: place.config.gateway.name, log: silent })
  rmSync(other, { recursive: true })
  const both = rowsOf(await ask(place, 'query', '--patient', '4711', ...reason)).filter(row => row['kind'] !== 'operation.run')
  t.equal(both.length, 34, 'another replica\'s are in Redis only')
  t.same(both.map(row => row['time']), both.map(row => row['time']).toSorted(), 'in the order of time')
  const away = place.workspace.write('away.yaml', `${baseYaml}  redis: { url: "redis://127.0.0.1:1" }\n`)
  t.match(await runCli(['audit', 'query', '--patient', '4712', ...reason, '--config', away]), { code: 3, err: /^!! NOT ASKED: Redis does not answer/ })
})

t.test('the story of a patient, as the golden case has it', async t => {
  const place = await createQuestionPlace(t)
  const { code, out } = await ask(place, 'patient', '4711', '--from', '2026-11-20', '--to', '2026-11-23', ...reason)
  t.equal(code, 0)
  t.equal(out, readFileSync(join(import.meta.dirname, '../cases/patient-story/all-that-can-happen.txt'), 'utf8'))
  const chicago = await ask(place, 'patient', '4711', '--from', '2026-11-20', '--to', '2026-11-21', '--time-zone', 'America/Chicago', ...reason)
  t.match(chicago.out, /Times are America\/Chicago\.[\s\S]*\n {4}02:00-02:04 {2}read the patient's own record \(name, birthDate\), twice\n/)
  t.match((await ask(place, 'patient', 'nobody', ...reason)).out, /Nobody is on record with this patient\. The configuration names no records \(access\.records\)/)
})

t.test('disclosures have the columns of 45 CFR 164.528', async t => {
  const place = await createQuestionPlace(t)
  t.match(rowsOf(await ask(place, 'disclosures', '--patient', '4711', ...reason)), [{
    date: '2026-11-22T10:00:00.000Z', recipient: 'Example Laboratory', recipientAddress: 'orders@laboratory.example', description: 'laboratory order', purpose: 'treatment',
  }])
  t.same(rowsOf(await ask(place, 'disclosures', '--patient', '4712', ...reason)), [])
})

t.test('an export is signed, its own page verifies it, and it is on record', async t => {
  const place = await createQuestionPlace(t, { yaml: '  exportKey: { file: keys/export.key }\n' }).catch(() => undefined)
  t.equal(place, undefined, 'the key must be there')
  const plain = await createQuestionPlace(t)
  const out = join(mkdtempSync(join(tmpdir(), 'sallyport-export-')), 'out')
  t.teardown(() => { rmSync(join(out, '..'), { recursive: true }) })
  const command = ['export', '--format', 'csv,jsonl,fhir,ocsf,cef,html', '--patient', '4711', '--to-dir', out, ...reason]
  t.match(await ask(plain, ...command), { code: 1, err: /^audit\.exportKey is not configured/ })
  plain.workspace.write('keys/export.key', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  plain.workspace.write('gateway.yaml', `${baseYaml}  exportKey: { file: keys/export.key }\n`)
  const made = await ask(plain, ...command)
  t.match(made, { code: 0, out: /^17 records in / })
  const shell = (text: string) => execFileSync('sh', ['-c', text], { cwd: out, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` } })
  t.match(shell(opensslCommand), /Signature Verified Successfully/)
  t.equal(shell(nodeCommand), 'whole\n')
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { key: { fingerprint: string }, heads: unknown[] }
  t.match(shell(fingerprintCommand), manifest.key.fingerprint)
  t.match(manifest, { records: 17, reason: 'complaint 2026-114', filters: { patient: '4711' }, damaged: 0 })
  t.ok(readFileSync(join(out, 'HOW-TO-VERIFY.md'), 'utf8').includes(nodeCommand))
  const done = (await readTrail(plain.workspace.path('data/audit-cli'), plain.config.audit.key)).find(event => event.facts?.['step'] === 'done')
  const digest = String(done?.facts?.['manifest'])
  t.match(digest, /^[0-9a-f]{64}$/)
  t.ok(made.out.includes(digest))
  t.match(await ask(plain, ...command), { code: 1, err: /holds something already/ })
  const html = readFileSync(join(out, 'summary.html'), 'utf8')
  t.notMatch(html, /gateway\.started/)
  t.notMatch(html, /<script|https?:\/\/|<link|<img/)
  writeFileSync(join(out, 'records.csv'), 'changed')
  t.throws(() => shell(nodeCommand), /records\.csv was CHANGED/)
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify({ ...manifest, reason: 'another' })}\n`)
  t.throws(() => shell(opensslCommand))
  t.throws(() => shell(nodeCommand), /signature is WRONG/)
})
