// The table of answers on terminals of several widths.
import t from 'tap'
import { formatEvent } from '../../src/cli/format-event.ts'
import { formatTableLines } from '../../src/cli/format-table.ts'
import { createTimeZone } from '../../src/shared/time-zone.ts'
import type { Row } from '../../src/operations/ask-trail.ts'

const zone = createTimeZone('UTC') as NonNullable<ReturnType<typeof createTimeZone>>
const row: Row = {
  time: '2026-11-21T22:15:00.000Z',
  kind: 'request.denied',
  outcome: 'refused',
  person: 'a-person-with-a-rather-long-name@clinic.example',
  address: '203.0.113.7',
  method: 'GET',
  path: `/patients/4711/${'documents/'.repeat(12)}`,
  recordType: 'patient',
  record: '4711',
  patient: '4711',
  reason: 'access.noRule',
  id: 'Xf3kQ0aB2cD4eF6g',
} as Row

t.test('wide: one line, with head and whole id', async t => {
  const [head, ...more] = formatTableLines(undefined, { zone, width: 200 })
  t.same(more, [])
  t.match(head, /^time +kind +outcome +person +address +what +why +id$/)
  const lines = formatTableLines(row, { zone, width: 200 })
  t.equal(lines.length, 1)
  t.ok(lines.every(line => line.length <= 200))
  t.match(lines[0], /^2026-11-21 22:15:00 {2}request\.denied +refused +a-person-with-a-rather-… +203\.0\.113\.7 +patient 4711 {2}GET \/patients\/.*… +access\.noRule +Xf3kQ0aB2cD4eF6g$/)
})

t.test('a record that was on a list: its route has the method already', async t => {
  const { path: _path, reason: _reason, ...seen } = { ...row, kind: 'record.seen', route: 'GET /api/patients' }
  t.match(formatTableLines(seen as Row, { zone, width: 200 })[0], / patient 4711 {2}GET \/api\/patients /)
  const event = { kind: 'record.seen', time: 0, id: 'x', what: { kind: 'list', method: 'GET', route: 'POST,GET /api/patients', record: { type: 'patient', id: '4711', patient: '4711' } } } as const
  t.match(formatEvent(event), /record\.seen +GET \/api\/patients \[patient 4711 4711\]/)
})

t.test('narrow: two lines, none wider than the terminal, nothing left out', async t => {
  for (const width of [80, 100, 120, 160]) {
    const lines = formatTableLines(row, { zone, width })
    t.equal(lines.length, 2, String(width))
    t.same(lines.filter(line => line.length > width), [], String(width))
    t.match(lines[0], /^2026-11-21 22:15:00 {2}request\.denied +refused +a-person-\S+ +203\.0\.113\.7$/)
    t.match(lines[1], /^ {4}patient 4711 .* access\.noRule +Xf3kQ0aB2cD4eF6g$/)
    t.equal(formatTableLines(undefined, { zone, width }).length, 2)
  }
})
