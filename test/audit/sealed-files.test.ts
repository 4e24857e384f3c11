// Messages that wait, one sealed file each: what was written comes back, and nothing else does.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openSealedFiles, SealedFileError } from '../../src/audit/audit.ts'
import { createDisk } from '../../src/audit/disk.ts'
import { SecretValue } from '../../src/shared/schema.ts'

const directory = mkdtempSync(join(tmpdir(), 'sallyport-sealed-'))
t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
const master = randomBytes(32).toString('base64')
const key = new SecretValue(master)
const place = join(directory, 'queue')
const files = await openSealedFiles(place, { key, purpose: 'queue' })
const plain = Buffer.from('Zyxwina Qwertzon')

t.test('what was written comes back', async t => {
  await files.put('b', plain)
  await files.put('a', Buffer.alloc(0))
  t.same(await files.read('b'), plain)
  t.same(await files.read('a'), Buffer.alloc(0))
  t.equal(await files.read('c'), undefined)
  t.same((await files.list()).map(({ name }) => name), ['a', 'b'])
  await files.put('a', plain)
  t.same(await files.read('a'), plain, 'replaced')
  await files.remove('a')
  t.same((await files.list()).map(({ name }) => name), ['b'])
  t.notOk(readFileSync(join(place, 'b.sealed'), 'latin1').includes('Zyxwina'))
})

t.test('a name stays in its directory', async t => {
  for (const name of ['../b', 'a/b', '', 'x'.repeat(81), 'a.b']) await t.rejects(files.put(name, plain), TypeError, name)
})

t.test('bound to its name, its purpose and its bytes', async t => {
  const path = join(place, 'b.sealed')
  const bytes = readFileSync(path)
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    writeFileSync(path, changed)
    await t.rejects(files.read('b'), SealedFileError, `byte ${at}`)
  }
  writeFileSync(path, bytes.subarray(0, -1))
  await t.rejects(files.read('b'), SealedFileError, 'cut')
  writeFileSync(path, bytes)
  renameSync(path, join(place, 'other.sealed'))
  await t.rejects(files.read('other'), SealedFileError, 'another name')
  renameSync(join(place, 'other.sealed'), path)
  const quarantine = await openSealedFiles(place, { key, purpose: 'quarantine' })
  await t.rejects(quarantine.read('b'), SealedFileError, 'another purpose')
  t.same(await files.read('b'), plain)
})

t.test('after a change of keys the earlier one still opens; a foreign one does not', async t => {
  const next = await openSealedFiles(place, { key: new SecretValue(`${randomBytes(32).toString('base64')}\n${master} until 99`), purpose: 'queue' })
  t.same(await next.read('b'), plain)
  await next.put('new', plain)
  await t.rejects(files.read('new'), /another key/)
})

t.test('a disk that fails leaves nothing behind, and the file before stays', async t => {
  const disk = createDisk()
  const full = await openSealedFiles(place, {
    key,
    purpose: 'queue',
    disk: { ...disk, create: async path => ({ ...await disk.create(path), append: async () => { throw Object.assign(new Error('full'), { code: 'ENOSPC' }) } }) },
  })
  await t.rejects(full.put('b', Buffer.from('other')), { code: 'ENOSPC' })
  t.same(await files.read('b'), plain)
  t.same(readdirSync(place).filter(name => name.endsWith('.new')), [])
  writeFileSync(join(place, 'z.sealed.0123456789ab.new'), 'half')
  t.same((await files.list()).map(({ name }) => name), ['b', 'new'])
  await files.clearUnfinished()
  t.same(readdirSync(place).sort(), ['b.sealed', 'new.sealed'])
})
