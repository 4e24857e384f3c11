import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makeDirectory } from '../../src/shared/make-directory.ts'

const root = mkdtempSync(join(tmpdir(), 'sallyport-directory-'))
t.teardown(() => { rmSync(root, { recursive: true }) })

t.test('makes what is missing, for the owner alone, and leaves what is there', async t => {
  await makeDirectory(join(root, 'a', 'b', 'c'))
  t.equal(statSync(join(root, 'a', 'b', 'c')).mode & 0o777, 0o700)
  await makeDirectory(join(root, 'a', 'b'))
  await makeDirectory('/')
})

t.test('a file in the way, and a place where the system makes none: its error, at once', async t => {
  writeFileSync(join(root, 'file'), '')
  await t.rejects(makeDirectory(join(root, 'file')), { code: 'ENOTDIR' })
  await t.rejects(makeDirectory(join(root, 'file', 'x', 'y')), { code: 'ENOTDIR' })
  if (process.platform === 'linux') await t.rejects(makeDirectory('/proc/none/x'), { code: /^E/ })
})
