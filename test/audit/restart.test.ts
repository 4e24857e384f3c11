// One writer, one epoch for each start, each linked to the one before; and an ending for everything that a dead process left open.
import t from 'tap'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createAuditTrail, type AuditEvent } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { admitted, completed, createConfig, createDirectory, createKey, createTestLog, gateway, openTrail } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'
import { readEntries, readTrail } from '../support/trail.ts'

/** The directory as it is now, as if the process had died at this moment. */
function copyOf (t: { teardown: (action: () => unknown) => void }, directory: string): string {
  const place = createDirectory()
  t.teardown(place.remove)
  cpSync(directory, place.directory, { recursive: true })
  return place.directory
}

const endings = (events: readonly AuditEvent[]) => events.filter(event => event.outcome?.reason === 'gateway.ended').map(event => `${event.kind} ${event.id}`)

t.test('each start is a new, higher epoch of the same writer and names the head of the one before', async t => {
  const clock = createMovableClock()
  const { trail, directory, config } = await openTrail(t, { deps: { clock } })
  await trail.close()
  for (let n = 0; n < 3; n++) {
    const again = await createAuditTrail(config, { clock, log: createTestLog(), directory, gateway })
    await again.close()
  }
  clock.step(-3_600_000)
  const back = await createAuditTrail(config, { clock, log: createTestLog(), directory, gateway })
  await back.close()
  const entries = await readEntries(directory, config.key)
  const epochs = [...new Set(entries.map(entry => entry.epoch))]
  t.equal(epochs.length, 5)
  t.same(epochs, epochs.toSorted((a, b) => a - b), 'higher each time, with the clock standing still and going back')
  t.equal(new Set(entries.map(entry => entry.writer)).size, 1)
  t.equal(entries[0]?.writer, readFileSync(join(directory, 'writer'), 'utf8').trim())
  const links = entries.filter(entry => entry.event?.kind === 'gateway.started').map(entry => entry.event?.facts?.['previousEpoch'])
  t.same(links, [undefined, ...epochs.slice(0, -1)])
  t.same(entries.flatMap(entry => entry.problems), [])
})

t.test('what was admitted and never ended is ended at the next start, once, and counts as disclosed', async t => {
  const { trail, directory, config } = await openTrail(t)
  await trail.record(admitted('ended'))
  trail.note(completed('ended'))
  await trail.record(admitted('open-1'))
  await trail.record({ kind: 'connection.opened', time: 1, id: 'socket-1' })
  await trail.record({ kind: 'connection.opened', time: 1, id: 'socket-2' })
  trail.note({ kind: 'connection.closed', time: 1, id: 'socket-2' })
  await trail.record(admitted('open-2'))
  await trail.flush({ timeoutMs: 5000, ship: false })
  const directory2 = copyOf(t, directory)

  const second = await openTrail(t, { directory: directory2, config })
  await second.trail.flush({ timeoutMs: 5000, ship: false })
  const events = await readTrail(directory2, config.key)
  t.same(endings(events), ['request.abandoned open-1', 'connection.closed socket-1', 'request.abandoned open-2'])
  t.equal(events.find(event => event.kind === 'request.abandoned')?.facts?.['disclosed'], 'assumed')

  for (const directory3 of [copyOf(t, directory2), copyOf(t, directory2)]) {
    const third = await openTrail(t, { directory: directory3, config })
    await third.trail.flush({ timeoutMs: 5000, ship: false })
    t.equal(endings(await readTrail(directory3, config.key)).length, 3)
  }
})

t.test('a start that dies before it has ended everything: the next one ends the rest, and nothing twice', async t => {
  const { trail, directory, config } = await openTrail(t)
  for (let n = 0; n < 5; n++) await trail.record(admitted(`open-${n}`))
  const crashed = copyOf(t, directory)
  const second = await openTrail(t, { directory: crashed, config })
  await second.trail.flush({ timeoutMs: 5000, ship: false })
  const complete = copyOf(t, crashed)
  const { writeFileSync, readdirSync } = await import('node:fs')
  const name = readdirSync(complete).filter(file => file.endsWith('.audit')).sort().at(-1) as string
  const lines = readFileSync(join(complete, name), 'latin1').split('\n').slice(0, -1)
  for (let kept = 1; kept <= lines.length; kept++) {
    const directory2 = copyOf(t, complete)
    writeFileSync(join(directory2, name), lines.slice(0, kept).map(line => `${line}\n`).join(''), 'latin1')
    const third = await openTrail(t, { directory: directory2, config })
    await third.trail.flush({ timeoutMs: 5000, ship: false })
    t.same(endings(await readTrail(directory2, config.key)).toSorted(), Array.from({ length: 5 }, (_, n) => `request.abandoned open-${n}`), `${kept} lines`)
    await third.trail.close()
  }
})

t.test('exchanges that were open before the segment began are known from its header: one segment is read, not the spool', async t => {
  const { trail, directory, config } = await openTrail(t, { config: { segmentSize: '4KiB' } })
  await trail.record(admitted('open-early'))
  for (let n = 0; n < 30; n++) {
    await trail.record(admitted(`n${n}`))
    trail.note(completed(`n${n}`))
  }
  await trail.flush({ timeoutMs: 5000, ship: false })
  const crashed = copyOf(t, directory)
  const { readdirSync } = await import('node:fs')
  const names = readdirSync(crashed).filter(file => file.endsWith('.audit')).sort()
  for (const name of names.slice(0, -1)) rmSync(join(crashed, name))
  const second = await openTrail(t, { directory: crashed, config })
  await second.trail.flush({ timeoutMs: 5000, ship: false })
  const last = (await readEntries(crashed, config.key)).map(entry => entry.event).filter(event => event !== undefined)
  t.same(endings(last), ['request.abandoned open-early'])
})

t.test('a directory of another gateway, another writer or another key is refused with a sentence', async t => {
  const { trail, directory, config } = await openTrail(t)
  await trail.close()
  const start = (given: { key?: typeof config.key, gateway?: string, writer?: string }) => createAuditTrail({ ...config, key: given.key ?? config.key },
    { clock: createSystemClock(), log: createTestLog(), directory, gateway: given.gateway ?? gateway, ...(given.writer === undefined ? {} : { writer: given.writer }) })
  await t.rejects(start({ key: createKey() }), { code: 'audit.spoolForeign', message: /sealed with the audit key/ })
  await t.rejects(start({ gateway: 'another' }), { code: 'audit.spoolForeign', message: /was written by the gateway test-gateway/ })
  await t.rejects(start({ writer: 'another' }), { code: 'audit.spoolForeign', message: /belongs to the writer/ })
  const again = await start({})
  t.equal(again.ready().ok, true)
  await again.close()
})

t.test('the writer file was lost: the segments say who writes here', async t => {
  const { trail, directory, config } = await openTrail(t)
  await trail.close()
  const writer = readFileSync(join(directory, 'writer'), 'utf8')
  rmSync(join(directory, 'writer'))
  await openTrail(t, { directory, config })
  t.equal(readFileSync(join(directory, 'writer'), 'utf8'), writer)
})

t.test('a second trail on the same directory is refused and says who has it and what to do', async t => {
  const { directory, config } = await openTrail(t)
  await t.rejects(createAuditTrail(config, { clock: createSystemClock(), log: createTestLog(), directory, gateway }), {
    code: 'audit.spoolLocked', message: `The audit spool ${directory} is in use by process ${process.pid}. Stop that gateway, or give this one a gateway.dataDirectory of its own.`,
  })
})

t.test('no key is a reason not to start', async t => {
  const place = createDirectory()
  t.teardown(place.remove)
  const { SecretValue } = await import('../../src/shared/schema.ts')
  await t.rejects(createAuditTrail(createConfig({ key: new SecretValue('') }), { clock: createSystemClock(), log: createTestLog(), directory: place.directory, gateway }), { code: 'audit.keyInvalid' })
})

t.test('a place that cannot be a spool directory is refused with its name and what to do', async t => {
  const place = createDirectory()
  t.teardown(place.remove)
  const { writeFileSync, mkdirSync } = await import('node:fs')
  writeFileSync(join(place.directory, 'file'), '')
  mkdirSync(join(place.directory, 'spool', 'lock'), { recursive: true })
  for (const directory of [join(place.directory, 'file', 'spool'), join(place.directory, 'spool')]) {
    await t.rejects(createAuditTrail(createConfig(), { clock: createSystemClock(), log: createTestLog(), directory, gateway }), {
      code: 'audit.spoolUnusable', message: new RegExp(`^The audit spool ${directory} cannot be used\\. .* Check that this account may write there`),
    })
  }
})

t.test('a start whose first record was withdrawn leaves no epoch that begins with its end', async t => {
  const place = createDirectory()
  t.teardown(place.remove)
  const config = createConfig()
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => { clearInterval(alive) })
  const system = createSystemClock()
  const ticks: Array<() => void> = []
  // The loop stands still from the moment of the first record until the deadline is over: its record never gets as far as its place in the chain.
  const clock = {
    ...system,
    now () {
      queueMicrotask(() => { for (let n = 0; n < 20; n += 1) for (const tick of ticks) tick() })
      return system.now()
    },
    every (ms: number, tick: () => void) {
      if (ms === 125) ticks.push(tick)
      return system.every(ms, tick)
    },
  }
  await t.rejects(createAuditTrail(config, { clock, log: createTestLog(), directory: place.directory, gateway }), { code: 'audit.spoolUnusable' })
  t.equal(ticks.length, 1)
  const { trail } = await openTrail(t, { config, directory: place.directory })
  await trail.record(admitted('after'))
  await trail.close()
  const entries = await readEntries(place.directory, config.key)
  t.same(entries.flatMap(({ problems }) => problems), [])
  t.match(entries.filter(({ seq }) => seq === 1).map(({ event }) => event?.kind), ['gateway.started'])
})
