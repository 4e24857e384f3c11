// What happens to the files while the gateway runs: rollover, the limit, and somebody who removes, replaces or cuts them.
import t from 'tap'
import { copyFileSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { admitted, completed, createFaultyDisk, openTrail, systemError, until } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'
import { readEntries, readTrail } from '../support/trail.ts'

const segments = (directory: string) => readdirSync(directory).filter(name => name.endsWith('.audit')).sort()

t.test('a segment is closed at its size; the files belong to the gateway alone', async t => {
  const { trail, directory, key } = await openTrail(t, { config: { segmentSize: '8KiB' } })
  for (let n = 0; n < 40; n++) await trail.record(admitted(`n${n}`))
  const names = segments(directory)
  t.ok(names.length >= 4)
  for (const name of names) {
    const stats = statSync(join(directory, name))
    t.ok(stats.size <= 8 * 1024)
    t.equal(stats.mode & 0o077, 0)
  }
  t.equal((await readTrail(directory, key)).length, 41)
})

t.test('a batch that is larger than a segment goes into one of its own', async t => {
  const { trail, directory, key } = await openTrail(t, { config: { segmentSize: '2KiB' } })
  await Promise.all(Array.from({ length: 50 }, (_, n) => trail.record(admitted(`n${n}`))))
  t.equal((await readTrail(directory, key)).length, 51)
})

t.test('80 % of the spool warns, 95 % refuses; endings are still recorded, and a restart refuses too', async t => {
  const { trail, directory, key, config, log } = await openTrail(t, { config: { maxSpoolSize: '64KiB' } })
  let recorded = 0
  while (trail.ready().ok && recorded < 500) await trail.record(admitted(`n${recorded++}`))
  t.ok(recorded > 40 && recorded < 100, `${recorded} records`)
  t.match(trail.ready().detail, /95 % of audit.maxSpoolSize/)
  t.equal(log.lines.filter(line => line['msg'] === 'audit.spoolFilling').length, 1)
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  trail.note(completed('n0'))
  t.equal(await trail.flush({ timeoutMs: 5000, ship: false }), true)
  t.match((await readTrail(directory, key)).at(-1), { kind: 'request.completed', id: 'n0' })
  await trail.close()
  await t.rejects(openTrail(t, { directory, config }), { code: 'audit.spoolUnusable', message: /95 % of audit.maxSpoolSize/ })
})

for (const [name, harm] of [
  ['removed', (path: string) => { rmSync(path) }],
  ['renamed', (path: string) => { renameSync(path, `${path}.away`) }],
  ['replaced by a copy', (path: string) => { copyFileSync(path, `${path}.copy`); renameSync(`${path}.copy`, path) }],
  ['replaced by something else', (path: string) => { writeFileSync(`${path}.other`, 'something else\n'); renameSync(`${path}.other`, path) }],
] as const) {
  t.test(`the open segment is ${name}: noticed, put back whole, and on record`, async t => {
    const clock = createMovableClock()
    const { trail, directory, key, log } = await openTrail(t, { deps: { clock } })
    await trail.record(admitted('before'))
    harm(join(directory, segments(directory)[0] as string))
    await trail.record(admitted('not-noticed-yet'))
    await clock.advance(300)
    await trail.record(admitted('after'))
    await trail.flush({ timeoutMs: 5000, ship: false })
    const events = await readTrail(directory, key)
    t.same(events.slice(1, 4).map(event => event.id), ['before', 'not-noticed-yet', 'after'])
    t.match(events.at(-1), { kind: 'gateway.gap', facts: { cause: 'segmentReplaced' } })
    t.ok(log.lines.some(line => line['msg'] === 'audit.spoolTampered'))
  })
}

t.test('it is noticed without traffic too, within two seconds, and at the latest when closing', async t => {
  const clock = createMovableClock()
  const { trail, directory, key } = await openTrail(t, { deps: { clock } })
  await trail.record(admitted('one'))
  const path = join(directory, segments(directory)[0] as string)
  rmSync(path)
  await clock.advance(2000)
  await until(() => segments(directory).length === 1)
  t.same((await readTrail(directory, key))[1]?.id, 'one')
  rmSync(path)
  await trail.close()
  t.equal((await readTrail(directory, key)).at(-1)?.kind, 'gateway.stopped')
})

t.test('the whole directory is taken away: it is made again and the open segment put back', async t => {
  const clock = createMovableClock()
  const { trail, directory, key } = await openTrail(t, { deps: { clock } })
  await trail.record(admitted('one'))
  renameSync(directory, `${directory}-away`)
  t.teardown(() => { rmSync(`${directory}-away`, { recursive: true }) })
  await clock.advance(300)
  await trail.record(admitted('two'))
  t.same((await readTrail(directory, key)).slice(1, 3).map(event => event.id), ['one', 'two'])
})

t.test('the open segment is cut: what is gone is gone, the loss is on record and seen by a reader, and recording goes on', async t => {
  const clock = createMovableClock()
  const { trail, directory, key } = await openTrail(t, { deps: { clock } })
  for (let n = 0; n < 5; n++) await trail.record(admitted(`n${n}`))
  const path = join(directory, segments(directory)[0] as string)
  truncateSync(path, readFileSync(path).length - 1500)
  await clock.advance(300)
  await trail.record(admitted('after'))
  await trail.flush({ timeoutMs: 5000, ship: false })
  const entries = await readEntries(directory, key)
  t.ok(entries.flatMap(entry => entry.problems).includes('gap'))
  t.same(entries.slice(-2).map(entry => entry.event?.facts?.['cause'] ?? entry.event?.id), ['after', 'segmentLost'])
})

t.test('the spool was full and older segments are moved away: people get in again without a restart', async t => {
  const clock = createMovableClock()
  const { trail, directory } = await openTrail(t, { config: { maxSpoolSize: '64KiB', segmentSize: '8KiB' }, deps: { clock } })
  for (let n = 0; trail.ready().ok && n < 500; n++) await trail.record(admitted(`n${n}`))
  t.equal(trail.ready().ok, false)
  for (const name of segments(directory).slice(0, 4)) renameSync(join(directory, name), join(directory, `${name}.archived`))
  await clock.advance(1000)
  await until(() => trail.ready().ok)
  await trail.record(admitted('after'))
})

t.test('a removed segment that cannot be put back closes the gate; it opens without traffic when it can', async t => {
  const clock = createMovableClock()
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { deps: { clock, disk } })
  await trail.record(admitted('one'))
  disk.faults = { create: async () => { throw systemError('ENOSPC') } }
  rmSync(join(directory, segments(directory)[0] as string))
  await clock.advance(1000)
  await until(() => !trail.ready().ok)
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  await clock.advance(5000)
  disk.faults = {}
  await clock.advance(1000)
  await until(() => trail.ready().ok)
  await trail.record(admitted('after'))
  const events = await readTrail(directory, key)
  t.same(events.filter(event => event.kind === 'request.admitted').map(event => event.id), ['one', 'after'])
  t.equal(events.filter(event => event.facts?.['cause'] === 'segmentReplaced').length, 1)
})
