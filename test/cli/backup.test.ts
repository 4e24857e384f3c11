// Backup, restore and drill from the command line: after everything is gone, everything is there again, and proven; a backup that was touched is not believed.
import { execFileSync } from 'node:child_process'
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nameArchiveSegment } from '../../src/audit/archive/segment-codec.ts'
import { bucket, accessKeyId, secretKey, startObjectStore } from '../support/object-store.ts'
import { readEntries, readTrail } from '../support/trail.ts'
import { createPlace, reason } from './backup-place.ts'
import { runCli } from './run-cli.ts'

t.test('everything is lost: what was backed up is there again, proven, and answers', async t => {
  const place = await createPlace(t)
  t.match(await place.run('audit', 'archive'), { code: 0 })
  const made = await place.run('backup')
  t.match(made, { code: 0, out: /^sallyport\/sets\/\d{8}T\d{9}Z\.set: \d+ files \(\d+\.\d MiB\), sealed\.\nThe archive has 2 objects: 2 copied now \(0\.0 MiB\), each read back\.\n$/ }, made.err)
  const asked = async (file: string) => (await runCli(['audit', 'query', '--person', 'nurse-1', ...reason, '--config', file])).out
  const before = await asked(place.file)
  const files = readdirSync(place.path('.'), { recursive: true, encoding: 'utf8' }).filter(name => name.startsWith('backups') && existsSync(place.path(name)) && /\.(?:set|segment)$/.test(name))
  for (const name of files) t.notMatch(readFileSync(place.path(name), 'latin1'), /nurse-1|4711|BEGIN PRIVATE KEY/, name)

  const key = readFileSync(place.path('keys/backup.key'))
  for (const name of ['data', 'archive', 'gateway.yaml', 'keys', 'idp', 'tls']) rmSync(place.path(name), { recursive: true, force: true })
  writeFileSync(place.path('backup.key'), key)
  const restored = await runCli(['restore', '--from', place.path('backups'), '--key', place.path('backup.key'), '--to-dir', place.path('again')])
  t.match(restored, { code: 0, out: /: \d+ files and 2 objects of the archive are in .*again\.\nVerified: \d+ records, intact\.\n/ }, restored.out + restored.err)
  t.notOk(existsSync(place.path('again/keys/backup.key')), 'the key of backups is in none')
  writeFileSync(place.path('again/keys/backup.key'), key)
  t.equal(await asked(place.path('again/gateway.yaml')), before)
  const verified = await runCli(['audit', 'verify', '--deep', ...reason, '--config', place.path('again/gateway.yaml')])
  t.equal(verified.code, 0, verified.out + verified.err)
  t.match(await runCli(['restore', '--from', place.path('backups'), '--key', place.path('backup.key'), '--to-dir', place.path('again')]), { code: 1, err: /again holds something already: name a new or empty directory/ })
})

t.test('a gateway that was restored, and uses the keys where they came out of the backup, can be backed up and restored again', async t => {
  const place = await createPlace(t)
  mkdirSync(place.path('trail-keys'))
  for (const name of ['archive', 'export']) cpSync(place.path(`keys/${name}.key`), place.path(`trail-keys/${name}.key`))
  writeFileSync(place.file, readFileSync(place.file, 'utf8').replace('keys/export.key', 'trail-keys/export.key').replace('keys/archive.key', 'trail-keys/archive.key'))
  await place.run('audit', 'archive')
  t.match(await place.run('backup'), { code: 0 })
  const restored = await place.restore('again')
  t.match(restored, { code: 0, out: /intact/ }, restored.out + restored.err)
})

t.test('a name in the archive, without what it promises, keeps nothing out of a backup', async t => {
  const place = await createPlace(t)
  const [entry] = await readEntries(place.path('data/audit'), place.config.audit.key)
  const { writer = '', epoch = 0 } = entry ?? {}
  const planted = nameArchiveSegment({ gateway: 'sallyport', writer, epoch, first: 1, last: 999_999 })
  place.workspace.write(`archive/${planted}`, 'not a segment')
  const made = await place.run('backup')
  t.equal(made.code, 0, made.err)
  const records = (await readEntries(place.path('data/audit'), place.config.audit.key)).length
  const restored = await place.restore('again')
  // The planted name itself is found, too.
  t.equal((await readEntries(place.path('again/data/audit'), place.config.audit.key)).length, records, restored.out + restored.err)
  t.notMatch(restored.out, /intact/)
})

t.test('a second backup copies only what is new; a set can be named; what the archive gave up goes, what somebody removed stays', async t => {
  const place = await createPlace(t)
  await place.run('audit', 'archive')
  await place.run('backup')
  const objects = () => readdirSync(place.path('backups'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment'))
  const first = objects()
  await place.run('audit', 'prune')
  const target = JSON.parse((await place.run('audit', 'query', '--person', 'nurse-1')).out.split('\n')[0] as string) as { readonly writer: string, readonly epoch: number, readonly seq: number }
  t.match(await place.run('audit', 'shred', '--writer', target.writer, '--epoch', String(target.epoch), '--seq', String(target.seq)), { code: 0 })
  await place.run('audit', 'archive')
  const second = await place.run('backup')
  t.match(second, { code: 0, out: /copied now .*; 1 removed, as the archive did\./ }, second.err)
  t.equal(objects().filter(name => first.includes(name)).length, first.length - 1)
  const [gone] = readdirSync(place.path('archive'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment'))
  rmSync(join(place.path('archive'), gone as string))
  t.notMatch((await place.run('backup')).out, /removed/)
  t.ok(objects().includes(gone as string))
  const sets = readdirSync(place.path('backups'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.set')).sort()
  t.equal(sets.length, 3)
  t.match(await place.restore('one', '--set', 'none.set'), { code: 1, err: /^There is no set none\.set\. The sets: / })
  const restored = await place.restore('two', '--set', sets[1] as string)
  t.match(restored, { code: 0, out: /Verified: \d+ records, intact\.[^]*shredded by an operation on record/ }, restored.out + restored.err)
})

t.test('a backup that was touched: another key, a changed set, a missing and a changed object', async t => {
  const place = await createPlace(t)
  t.match(await place.run('backup'), { code: 0 })
  const path = join(place.path('backups'), readdirSync(place.path('backups'), { recursive: true, encoding: 'utf8' }).find(name => name.endsWith('.set')) as string)
  const whole = readFileSync(path)
  chmodSync(path, 0o640)
  place.workspace.write('other.key', randomBytes(32).toString('base64'))
  t.match(await runCli(['restore', '--from', place.path('backups'), '--key', place.path('other.key'), '--to-dir', place.path('a')]), { code: 1, err: /cannot be opened: it was made with another backup key, or it was changed\./ })
  for (const at of [0, 20, 60, whole.length - 1]) {
    writeFileSync(path, whole.map((byte, index) => index === at ? byte ^ 1 : byte))
    t.match(await place.restore(`b${at}`), { code: 1, err: /cannot be opened/ }, `byte ${at}`)
  }
  writeFileSync(path, whole)
  t.match(await runCli(['restore', '--from', place.path('backups')]), { code: 2, err: /^restore needs --to-dir/ })
  t.match(await runCli(['restore', '--from', place.path('nothing'), '--key', place.path('keys/backup.key'), '--to-dir', place.path('c')]), { code: 1, err: /^There is no backup in / })

  await place.run('audit', 'archive')
  await place.run('backup')
  const copy = place.path('copy')
  cpSync(place.path('backups'), copy, { recursive: true })
  const [segment = ''] = readdirSync(place.path('backups'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment'))
  const object = join(place.path('backups'), segment)
  const bytes = readFileSync(object)
  chmodSync(object, 0o640)
  writeFileSync(object, bytes.map((byte, index) => index === bytes.length >> 1 ? byte ^ 1 : byte))
  t.match(await place.restore('d'), { code: 1, out: /Verified: \d+ records, tampered\./ })
  rmSync(object)
  t.match(await place.restore('e'), { code: 1, err: /^!! MISSING: \S+\.segment belongs to the set and is not in the backup\./ })
})

t.test('restore-drill: a random day, proven and asked, signed, with its times, on record', async t => {
  const place = await createPlace(t)
  t.match(await place.run('restore-drill'), { code: 1, err: /^There is no backup in / })
  await place.run('backup')
  t.match(await place.run('restore-drill'), { code: 1, err: /no segment of an archive yet: run sallyport audit archive and sallyport backup first/ })
  await place.run('audit', 'archive')
  await place.run('backup')
  const passed = await place.run('restore-drill')
  t.match(passed, { code: 0, out: /^PASSED {2}\d{4}-\d\d-\d\d from \S+\.set: \d+ segments?, \d+ records, \d+ checkpoints?\.\nA question about one patient of that day found \d+ records?\.\nTime: opened \d+ ms, restored \d+ ms, proven \d+ ms, asked \d+ ms; in all \d+ ms\.\nSigned: .*\.json \(key [0-9a-f]{16}…\)\n$/ }, passed.err)
  const file = /Signed: (\S+\.json)/.exec(passed.out)?.[1] as string
  const bytes = readFileSync(file)
  const { publicKey, verdict } = JSON.parse(bytes.toString()) as { readonly publicKey: string, readonly verdict: string }
  t.equal(verdict, 'passed')
  t.ok(verify(null, bytes, createPublicKey(publicKey), readFileSync(`${file}.sig`)))
  t.notOk(verify(null, Buffer.from(bytes.toString().replace('"passed"', '"failed"')), createPublicKey(publicKey), readFileSync(`${file}.sig`)))
  // As docs/backup.md tells it.
  const commands = /```sh\n(node -p[^]*?)```/.exec(readFileSync(new URL('../../docs/backup.md', import.meta.url), 'utf8'))?.[1]?.replaceAll('RESULT.json', file) ?? 'false'
  t.match(execFileSync('sh', ['-ec', commands], { cwd: place.path('.'), encoding: 'utf8', env: { PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` } }), /Signature Verified Successfully/)
  const steps = (await readTrail(place.path('data/audit-cli'), place.config.audit.key)).filter(event => event.facts?.['operation'] === 'restore-drill').map(event => event.facts)
  t.match(steps.at(-1), { step: 'done', reason: 'nightly', verdict: 'passed', ms: Number })
  t.notOk(readdirSync('/tmp').some(name => name.startsWith('sallyport-drill-')), 'nothing is left behind')

  // Whatever segment the drill takes, it is not what was archived.
  for (const segment of readdirSync(place.path('backups'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.segment'))) {
    const path = join(place.path('backups'), segment)
    chmodSync(path, 0o640)
    const content = readFileSync(path)
    writeFileSync(path, content.map((byte, index) => index === content.length >> 1 ? byte ^ 1 : byte))
  }
  t.match(await place.run('restore-drill'), { code: 1, out: /^FAILED[^]* is missing, or is not what was archived\.\n/ })
})

t.test('a backup in an object store is tried there', async t => {
  const server = await startObjectStore(t)
  const place = await createPlace(t, `s3: { endpoint: '${server.endpoint}', bucket: ${bucket}, accessKeyId: ${accessKeyId}, secretAccessKeyFile: keys/s3.secret }`)
  place.workspace.write('keys/s3.secret', secretKey)
  await place.run('audit', 'archive')
  t.match(await place.run('backup'), { code: 0 })
  t.match(await place.run('restore-drill', '--json'), { code: 0, out: /"verdict":"passed"/ })
})
