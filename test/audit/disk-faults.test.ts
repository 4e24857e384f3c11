// A disk that is full, fails, or lies about what it has: nothing acknowledged is lost, and recording goes on by itself.
import t from 'tap'
import fc from 'fast-check'
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { admitted, completed, createDirectory, createFaultyDisk, openTrail, systemError, until } from '../support/audit.ts'
import { readEntries, readTrail } from '../support/trail.ts'

const segments = (directory: string) => readdirSync(directory).filter(name => name.endsWith('.audit'))

t.test('a full disk closes the gate, and it opens by itself when there is space again', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key, log } = await openTrail(t, { deps: { disk } })
  disk.faults = { append: async (_path, data, write) => { await write(data.subarray(0, 100)); throw systemError('ENOSPC') }, create: async () => { throw systemError('ENOSPC') } }
  const waiting = trail.record(admitted('waiting'))
  await until(() => !trail.ready().ok)
  t.match(trail.ready().detail, /full \(ENOSPC\)/)
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  disk.faults = {}
  await waiting
  t.same(trail.ready(), { ok: true, detail: 'recording' })
  await trail.flush({ timeoutMs: 5000, ship: false })
  const events = await readTrail(directory, key)
  t.same(events.map(event => event.id).filter(id => ['waiting', 'refused'].includes(id)), ['waiting'])
  t.match(events.at(-1), { kind: 'gateway.gap', facts: { cause: 'disk', refused: 1 } })
  t.ok(log.lines.some(line => line['msg'] === 'audit.gateClosed') && log.lines.some(line => line['msg'] === 'audit.gateReopened'))
})

t.test('after a failed fdatasync the batch is written again in a new segment, whatever the old one seems to hold', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { deps: { disk } })
  await trail.record(admitted('before'))
  t.equal(segments(directory).length, 1)
  let failures = 0
  disk.faults = { sync: async () => { if (failures++ === 0) throw systemError('EIO') } }
  await trail.record(admitted('in-the-failed-batch'))
  t.equal(segments(directory).length, 2)
  await trail.record(admitted('after'))
  const ids = (await readTrail(directory, key)).map(event => event.id)
  t.same(ids.filter(id => !/^[A-Za-z0-9_-]{16}$/.test(id)), ['before', 'in-the-failed-batch', 'after'])
})

t.test('a tail that changed behind our back is found when the next segment begins, and is on record', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key, log } = await openTrail(t, { deps: { disk } })
  await trail.record(admitted('before'))
  const path = join(directory, segments(directory)[0] as string)
  const { size } = statSync(path)
  let failures = 0
  disk.faults = {
    sync: async () => {
      if (failures++ > 0) return
      truncateSync(path, size - 50)
      throw systemError('EIO')
    },
  }
  await trail.record(admitted('after'))
  disk.faults = {}
  await trail.flush({ timeoutMs: 5000, ship: false })
  t.ok(log.lines.some(line => line['msg'] === 'audit.spoolTampered' && line['trouble'] === 'tailChanged'))
  const entries = await readEntries(directory, key)
  t.ok(entries.some(entry => entry.problems.includes('gap')))
  t.same(entries.slice(-3).map(entry => entry.event?.facts?.['cause'] ?? entry.event?.id), ['after', 'tailChanged', 'disk'])
})

t.test('any mix of failing writes, half writes and failing syncs: everything acknowledged is there, once, in order', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { deps: { disk }, config: { segmentSize: '8KiB', deadline: '30s' } })
  const expected: string[] = []
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('append', 'half', 'sync', 'create', 'none', 'none'), { maxLength: 6 }), fc.integer({ min: 1, max: 8 }), async (plan, count) => {
    const steps = [...plan]
    disk.faults = {
      append: async (_path, data, write) => {
        const step = steps.shift()
        if (step === 'append') throw systemError('EIO')
        if (step === 'half') { await write(data.subarray(0, data.length / 2)); throw systemError('ENOSPC') }
        await write(data)
      },
      sync: async () => { if (steps[0] === 'sync') { steps.shift(); throw systemError('EIO') } },
      create: async () => { if (steps[0] === 'create') { steps.shift(); throw systemError('EMFILE') } },
    }
    const waiting = Array.from({ length: count }, (_, n) => {
      const id = `r${expected.length}`
      expected.push(id)
      if (n % 2 === 0) return trail.record(admitted(id)).catch(() => { expected.splice(expected.indexOf(id), 1) })
      trail.note(completed(id))
      return undefined
    })
    await Promise.all(waiting)
  }), { numRuns: 25 })
  disk.faults = {}
  t.equal(await trail.flush({ timeoutMs: 20_000, ship: false }), true)
  const events = await readTrail(directory, key)
  t.same(events.filter(event => event.kind.startsWith('request.')).map(event => event.id), expected)
})

t.test('a disk that is full at the start refuses to start, says which directory and why, and gives the directory back', async t => {
  const place = createDirectory()
  t.teardown(place.remove)
  const disk = createFaultyDisk()
  disk.faults = { create: async () => { throw systemError('ENOSPC') } }
  const { directory } = place
  await t.rejects(openTrail(t, { directory, deps: { disk }, config: { deadline: '100ms' } }), { code: 'audit.spoolUnusable', message: new RegExp(`${directory}.*full \\(ENOSPC\\)`) })
  const { trail } = await openTrail(t, { directory })
  t.equal(trail.ready().ok, true)
})
