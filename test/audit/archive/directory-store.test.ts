// An archive in a directory where others can write as well, and after runs that were killed.
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createDirectoryStore } from '../../../src/audit/audit.ts'
import { createRoot } from '../../support/verified-trail.ts'

t.test('nobody can lead what is written elsewhere, or keep a name from being written', async t => {
  const root = createRoot(t)
  const archive = join(root, 'archive')
  mkdirSync(join(archive, 'crm'), { recursive: true })
  writeFileSync(join(root, 'victim'), 'as it was')
  symlinkSync(join(root, 'victim'), join(archive, 'crm', 'one.unfinished'))
  writeFileSync(join(archive, 'crm', 'two.unfinished'), 'of a run that was killed', { mode: 0o440 })
  const store = createDirectoryStore(archive)
  for (const name of ['crm/one', 'crm/two']) {
    await store.put(name, Buffer.from(name))
    t.equal(String(await store.get(name)), name)
  }
  t.equal(readFileSync(join(root, 'victim'), 'utf8'), 'as it was')
})

t.test('what is removed is gone whole: also what a run that was killed between link and removal left beside it', async t => {
  const archive = createRoot(t)
  const store = createDirectoryStore(archive)
  await store.put('crm/one.segment', Buffer.from('content'))
  await store.put('crm/one.segmentless', Buffer.from('another'))
  for (const beside of ['one.segment.unfinished', 'one.segment.abc.unfinished']) linkSync(join(archive, 'crm/one.segment'), join(archive, 'crm', beside))
  t.same(await store.list('crm/'), ['crm/one.segment', 'crm/one.segmentless'])
  await store.remove('crm/one.segment')
  t.same(readdirSync(join(archive, 'crm')), ['one.segmentless'])
  await store.remove('crm/one.segment')
  await store.remove('nowhere/one')
  t.ok(existsSync(join(archive, 'crm/one.segmentless')))
})
