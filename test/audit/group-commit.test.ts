// One write and one fdatasync under way, everything that waits goes into the next, and the order of arrival is the order on disk.
import t from 'tap'
import fc from 'fast-check'
import { admitted, completed, createFaultyDisk, openTrail, until } from '../support/audit.ts'
import { readEntries, readTrail } from '../support/trail.ts'

t.test('a record is on disk when its promise resolves, and readable by another reader', async t => {
  const { trail, directory, key } = await openTrail(t)
  await trail.record(admitted('one'))
  t.same((await readTrail(directory, key)).map(event => event.id).slice(1), ['one'])
  t.same(trail.ready(), { ok: true, detail: 'recording' })
  t.same(trail.depth(), { waiting: 0, unshipped: 0 })
})

t.test('the first record of a trail is gateway.started, with the facts that the gateway gives', async t => {
  const { directory, key } = await openTrail(t, { deps: { facts: { version: '1.2.3' } } })
  const [started] = await readTrail(directory, key)
  t.equal(started?.kind, 'gateway.started')
  t.same(started?.facts, { version: '1.2.3' })
})

t.test('while one batch is under way everything else waits and goes into the next: two writes for two hundred records', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { deps: { disk } })
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  disk.faults = { sync: () => gate }
  const before = disk.seen.appends
  const first = trail.record(admitted('first'))
  await until(() => disk.seen.appends === before + 1)
  const others = Array.from({ length: 199 }, (_, n) => trail.record(admitted(`other-${n}`)))
  t.equal(trail.depth().waiting, 200)
  open()
  await Promise.all([first, ...others])
  t.equal(disk.seen.appends, before + 2)
  t.equal(disk.seen.mostAtOnce, 1, 'never two at once')
  t.same((await readTrail(directory, key)).map(event => event.id).slice(1), ['first', ...Array.from({ length: 199 }, (_, n) => `other-${n}`)])
})

t.test('nothing resolves before its fdatasync', async t => {
  const disk = createFaultyDisk()
  const { trail } = await openTrail(t, { deps: { disk } })
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  let isSyncing = false
  disk.faults = { sync: () => { isSyncing = true; return gate } }
  let isRecorded = false
  const recorded = trail.record(admitted('one')).then(() => { isRecorded = true })
  await until(() => isSyncing)
  await new Promise(resolve => { setImmediate(resolve) })
  t.equal(isRecorded, false)
  open()
  await recorded
})

t.test('records and notes of any mix stand in the order in which they were handed in', async t => {
  const { trail, directory, key } = await openTrail(t, { config: { segmentSize: '16KiB' } })
  const expected: string[] = []
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ isNote: fc.boolean(), pause: fc.boolean() }), { maxLength: 30 }), async steps => {
    const waiting: Array<Promise<void>> = []
    for (const { isNote, pause } of steps) {
      const id = `n${expected.length}`
      expected.push(id)
      if (isNote) trail.note(completed(id))
      else waiting.push(trail.record(admitted(id)))
      if (pause) await new Promise(resolve => { setImmediate(resolve) })
    }
    await Promise.all(waiting)
  }), { numRuns: 40 })
  t.equal(await trail.flush({ timeoutMs: 5000, ship: true }), true)
  const entries = await readEntries(directory, key)
  t.same(entries.slice(1).map(entry => entry.event?.id), expected)
  t.same(entries.map(entry => entry.seq), entries.map((_, at) => at + 1))
})

t.test('an event that is not data fails its caller and nobody else; a note of one is kept as far as it can be', async t => {
  const { trail, directory, key, log } = await openTrail(t)
  const broken = { ...admitted('broken'), facts: { value: 1n as unknown as number } }
  const [bad, good] = await Promise.allSettled([trail.record(broken), trail.record(admitted('good'))])
  t.equal(bad.status, 'rejected')
  t.equal(good.status, 'fulfilled')
  trail.note(broken)
  await trail.flush({ timeoutMs: 5000, ship: false })
  const events = await readTrail(directory, key)
  t.same(events.slice(1).map(event => [event.id, event.facts]), [['good', undefined], ['broken', { unreadable: true }]])
  t.ok(log.lines.some(line => line['msg'] === 'audit.eventUnreadable'))
})
