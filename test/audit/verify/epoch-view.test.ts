// What is kept of an epoch grows with the records that were read, never with the numbers that somebody wrote into a line.
import t from 'tap'
import { EpochView } from '../../../src/audit/verify/epoch-view.ts'

const hash = (seq: number) => Buffer.alloc(32, seq % 251).toString('base64url')
const record = (seq: number) => ({ seq, time: 0, kind: 'request.admitted', outcome: '', tokens: {}, leaf: '', hash: hash(seq), mac: '', seal: '' })
const entry = (seq: number, problems: ReadonlyArray<'gap' | 'mac' | 'order'> = []) => ({ writer: 'w', epoch: 1, seq, event: undefined, problems, record: record(seq) })

t.test('a forged number costs no memory', async t => {
  const view = new EpochView('w', 1)
  view.add(entry(1))
  const before = process.memoryUsage().arrayBuffers
  view.add(entry(2 ** 24, ['mac', 'gap']))
  t.ok(process.memoryUsage().arrayBuffers - before < 1024 ** 2)
  t.equal(view.hashOf(2 ** 24), hash(2 ** 24))
})

t.test('the hash of every record that is there, in whatever order they came, and of none that is not', async t => {
  const view = new EpochView('w', 1)
  for (let seq = 1; seq <= 5000; seq += 1) view.add(entry(seq))
  view.add(entry(5003, ['gap']))
  view.add(entry(5002, ['order']))
  for (const seq of [1, 64, 65, 4999, 5000, 5002, 5003]) t.equal(view.hashOf(seq), hash(seq), String(seq))
  for (const seq of [0, 5001, 5004]) t.equal(view.hashOf(seq), undefined, String(seq))
  t.same(view.gaps(), [{ from: 5001, to: 5001 }])
})
