// The archive answers every question as if all of it was read, though it reads only what its index names: endings far from their beginnings, WebSockets, any range of time.
import t from 'tap'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  archiveSpool, askSources, createArchiveSources, createDirectoryStore, createQuestionTokenisers, createSpoolSource, deriveArchiveKeys, deriveAuditKeys, openArchiveIndex,
} from '../../../src/audit/audit.ts'
import type { TrailQuery, TrailSource } from '../../../src/audit/audit.ts'
import { admitted, completed, gateway } from '../../support/audit.ts'
import { createRoot, openVerifiedTrail, spoolOf, writeVerifiedTrail } from '../../support/verified-trail.ts'

const minute = 60_000
const start = Date.UTC(2026, 9, 31, 23, 30)
const at = (minutes: number) => start + minutes * minute
const patient = (id: string) => ({ what: { kind: 'read', method: 'GET', path: `/patients/${id}`, record: { type: 'patient', id, patient: id } } } as const)

t.test('every question has one answer', async t => {
  const root = createRoot(t)
  const trail = await writeVerifiedTrail(t, { epochs: 0 })
  const live = await openVerifiedTrail(trail)
  // The first record has the time of today: what the test is about lies in later segments.
  for (let n = 0; n < 6; n += 1) await live.record(admitted(`early-${n}`, { time: at(0), ...patient('7002') }))
  await live.record(admitted('socket', { time: at(0), ...patient('7001') }))
  await live.record({ ...admitted('socket', { time: at(0) }), kind: 'connection.opened' })
  await live.record(admitted('download', { time: at(1), ...patient('7003') }))
  // Over the end of a month, so that the index has two files.
  for (let n = 2; n < 60; n += 1) {
    await live.record(admitted(`short-${n}`, { time: at(n), ...patient(n % 7 === 0 ? '7001' : '7002') }))
    live.note(completed(`short-${n}`, { time: at(n) }))
  }
  live.note(completed('socket', { time: at(60) }))
  for (let n = 61; n < 70; n += 1) await live.record(admitted(`open-${n}`, { time: at(n), ...patient('7002') }))
  live.note({ ...completed('socket', { time: at(70) }), kind: 'connection.closed' })
  live.note({ ...completed('download', { time: at(71) }), kind: 'request.failed' })
  await live.close()

  const directory = spoolOf(trail.root)
  const { key } = trail.config
  const index = await openArchiveIndex(join(root, 'index'))
  t.teardown(() => { index.close() })
  const to = { store: createDirectoryStore(join(root, 'archive')), gateway, keys: deriveArchiveKeys(randomBytes(32).toString('base64')), auditKeys: deriveAuditKeys(key, gateway) }
  await archiveSpool({ ...to, index, directory, auditKey: key, segmentRecords: 5 })
  const ask = async (sources: readonly TrailSource[], query: TrailQuery) => {
    const answer = askSources(query, { sources, tokenisers: createQuestionTokenisers(key, gateway) })
    const found: Array<{ readonly line: string, readonly time: number }> = []
    for await (const { event, begun } of answer.found) {
      if (!event.kind.startsWith('gateway.')) found.push({ line: `${event.kind} ${event.id} of ${begun?.event.kind ?? 'itself'}`, time: (begun?.event ?? event).time })
    }
    return found
  }
  const spool = [createSpoolSource({ directory, key, name: 'spool' })]
  const archive = await createArchiveSources(to, index)
  const abouts: TrailQuery[] = [
    { patient: '7001' }, { patient: '7003' }, { patient: 'nobody' }, {},
    { kind: 'request.failed' }, { kind: 'connection' }, { outcome: 'completed' }, { address: '203.0.113.7' },
  ]
  const ranges: ReadonlyArray<{ readonly from?: number, readonly to?: number }> = [
    {}, { from: at(0), to: at(2) }, { from: at(58) }, { from: at(60), to: at(65) }, { from: at(70) }, { to: at(1) }, { from: at(20), to: at(40) },
  ]
  let found = 0
  for (const about of abouts) {
    // Without a range, so that every beginning is known: an ending belongs to where its exchange began.
    const whole = await ask(spool, about)
    for (const range of ranges) {
      const { from = -Infinity, to = Infinity } = range
      const expected = whole.filter(({ time }) => time >= from && time < to)
      t.same(await ask(archive, { ...about, ...range }), expected, JSON.stringify({ ...about, ...range }))
      found += expected.length
    }
  }
  t.ok(found > 500, 'there was something to be found')
})
