// Opening a named pipe to read waits for a writer that never comes: whoever can put one where a segment or a checkpoint is expected would hold up every reader.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readCheckpoints, readSpool } from '../../src/audit/audit.ts'
import { createKey } from '../support/audit.ts'
import { createRoot } from '../support/verified-trail.ts'

t.test('a pipe, a device and a directory in the place of a segment: a segment without a header', { timeout: 20_000 }, async t => {
  const spool = createRoot(t)
  execFileSync('mkfifo', [join(spool, '000000000001-000000.audit')])
  symlinkSync('/dev/zero', join(spool, '000000000002-000000.audit'))
  mkdirSync(join(spool, '000000000003-000000.audit'))
  const problems = []
  for await (const entry of readSpool({ directory: spool, key: createKey() })) problems.push(`${entry.epoch} ${entry.problems.join()}`)
  t.same(problems, ['1 header', '2 header', '3 header'])
})

t.test('the same in the place of a checkpoint, and one that is endless: none of them is a checkpoint', { timeout: 20_000 }, async t => {
  const directory = createRoot(t)
  execFileSync('mkfifo', [join(directory, 'crm-a.checkpoint')])
  symlinkSync('/dev/zero', join(directory, 'crm-b.checkpoint'))
  mkdirSync(join(directory, 'crm-c.checkpoint'))
  writeFileSync(join(directory, 'crm-d.checkpoint'), 'x'.repeat(1_000_000))
  const found = await readCheckpoints(directory, 'crm')
  t.same(found.map(({ checkpoint }) => checkpoint), [undefined, undefined, undefined, undefined])
})
