// What already happened is on record once, however long the disk takes: nobody can be refused any more.
import t from 'tap'
import { completed, createFaultyDisk, openTrail, until } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'
import { readTrail } from '../support/trail.ts'

t.test('a disk that hangs far beyond the deadline: the caller waits, and there is one record of it', async t => {
  const disk = createFaultyDisk()
  const clock = createMovableClock()
  const { trail, directory, key } = await openTrail(t, { deps: { disk, clock } })
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  let isSyncing = false
  disk.faults = { sync: () => { isSyncing = true; return hang } }
  let isSettled = false
  const ending = trail.recordEnding(completed('mail-1')).then(() => { isSettled = true })
  await until(() => isSyncing)
  await t.rejects(Promise.all([trail.record(completed('refused')), clock.advance(1000)]), { code: 'audit.unavailable' })
  await clock.advance(600_000)
  t.equal(isSettled, false, 'not on record, and not refused')
  const closedGate = trail.recordEnding(completed('mail-2'))
  disk.faults = {}
  recover()
  await Promise.all([ending, closedGate])
  await trail.flush({ timeoutMs: 5000, ship: false })
  const ids = (await readTrail(directory, key)).map(({ id }) => id)
  t.same(ids.filter(id => id.startsWith('mail-')), ['mail-1', 'mail-2'])
})

t.test('a gateway that stops on a disk that hangs: whoever waits is told that it is not on record', async t => {
  const disk = createFaultyDisk()
  const clock = createMovableClock()
  const { trail } = await openTrail(t, { deps: { disk, clock } })
  let isSyncing = false
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  disk.faults = { sync: () => { isSyncing = true; return hang } }
  const ending = t.rejects(trail.recordEnding(completed('mail-1')), { code: 'audit.unavailable' })
  await until(() => isSyncing)
  const closing = trail.close()
  await clock.advance(10_000)
  await ending
  recover()
  await closing
  await t.rejects(trail.recordEnding(completed('mail-2')), { code: 'audit.unavailable' })
})
