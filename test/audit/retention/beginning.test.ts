// A line that says where a place begins counts for its kind of place and its gateway only; a witness of the archive goes by the hash, not by the number.
import t from 'tap'
import { createArchiveWitness, readBeginnings } from '../../../src/audit/audit.ts'
import { addBeginning, findBeginning, formatBeginning } from '../../../src/audit/retention/beginning.ts'
import { gateway } from '../../support/audit.ts'
import { createRetainedTrail, readRoot } from './retained-trail.ts'

const hash = 'h'.repeat(43)

t.test('for its kind of place and its gateway only, also when it is genuine', async t => {
  const { access: { auditKeys: keys } } = await createRetainedTrail(t, { epochs: 1 })
  const line = formatBeginning({ writer: 'w', epoch: 5, seq: 9, hash }, { kind: 'archive', gateway, keys })
  t.same(readBeginnings(line, { kind: 'archive', gateway, keys }), [{ writer: 'w', epoch: 5, seq: 9, hash }])
  for (const kind of ['spool', 'redis'] as const) t.same(readBeginnings(line, { kind, gateway, keys }), [], kind)
  t.same(readBeginnings(line, { kind: 'archive', gateway: 'another', keys }), [])
  t.same(readBeginnings(`${line}x\n${line.slice(1)}\n`, { kind: 'archive', gateway, keys }), [])
})

t.test('the one that fits: right before the first record, or of an earlier epoch', async t => {
  const { access: { auditKeys: keys } } = await createRetainedTrail(t, { epochs: 1 })
  const context = { kind: 'spool', gateway, keys } as const
  let text = ''
  for (const [epoch, seq] of [[5, 9], [6, 2], [6, 7]] as const) text = addBeginning(text, { writer: 'w', epoch, seq, hash }, context)
  const found = readBeginnings(text, context)
  t.match(findBeginning(found, { writer: 'w', epoch: 6, first: 8 }), { epoch: 6, seq: 7 })
  t.match(findBeginning(found, { writer: 'w', epoch: 6, first: 3 }), { epoch: 6, seq: 2 })
  t.equal(findBeginning(found, { writer: 'w', epoch: 6, first: 5 }), undefined)
  t.match(findBeginning(found, { writer: 'w', epoch: 7, first: 1 }), { epoch: 6, seq: 7 })
  t.match(findBeginning(found, { writer: 'w', epoch: 6, first: 1 }), { epoch: 5, seq: 9 })
  t.equal(findBeginning(found, { writer: 'other', epoch: 7, first: 1 }), undefined)
})

t.test('another record of the same number is not the one that the archive has', async t => {
  const retained = await createRetainedTrail(t, { epochs: 1 })
  await retained.archive()
  const entry = (await readRoot(retained))[2]
  const record = entry?.record
  if (entry === undefined || record === undefined) throw new Error('there is no third record')
  const witness = createArchiveWitness(retained.access)
  t.ok(await witness.holds(entry, record))
  t.notOk(await witness.holds(entry, { seq: record.seq, hash }))
  t.notOk(await witness.holds({ ...entry, epoch: entry.epoch + 1 }, record))
  t.notOk(await witness.holds({ ...entry, writer: 'other' }, record))
})
