// An emergency lets people in while nothing can be recorded: only where it is allowed, only with the key, only for its time, and the trail tells of it afterwards.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { deriveAuditKeys, formatEmergency, type Emergency } from '../../src/audit/audit.ts'
import { admitted, completed, createConfig, createDirectory, createFaultyDisk, createKey, gateway, openTrail, systemError, until } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'
import { readTrail } from '../support/trail.ts'

type Test = { teardown: (action: () => unknown) => void }

const minute = 60_000

async function setUp (t: Test, { isAllowed = true } = {}) {
  const clock = createMovableClock()
  const disk = createFaultyDisk()
  const place = createDirectory()
  t.teardown(() => { place.remove() })
  const file = join(place.directory, 'emergency')
  const config = createConfig(isAllowed ? { emergency: { file, atMost: '1h' } } : {})
  const opened = await openTrail(t, { config, deps: { clock, disk } })
  const mend = async () => {
    disk.faults = {}
    await until(async () => { await clock.advance(1000); return opened.trail.depth().waiting === 0 })
  }
  // A trail whose disk is broken closes when its deadline is over, and this clock stands still.
  t.teardown(() => mend())
  const declare = (change: Partial<Emergency> = {}, { key = config.key, name = gateway } = {}) => {
    const emergency = { since: clock.now(), until: clock.now() + 30 * minute, by: 'security officer', reason: 'The disk broke. Ticket 4711', ...change }
    writeFileSync(file, formatEmergency(emergency, { gateway: name, keys: deriveAuditKeys(key, name) }))
  }
  return {
    ...opened,
    clock,
    file,
    declare,
    async breakDisk () {
      disk.faults = { append: async () => { throw systemError('EIO') } }
      opened.trail.note(completed('before'))
      await until(() => !opened.trail.ready().ok)
    },
    async mendDisk () {
      await mend()
      await until(() => opened.trail.ready().detail === 'recording')
    },
  }
}

t.test('declared: people are let in at once, and everything is on record when the disk is back, with who declared it and why', async t => {
  const { trail, clock, declare, breakDisk, mendDisk, directory, key, log } = await setUp(t)
  await breakDisk()
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  declare()
  await clock.advance(1000)
  await trail.record(admitted('let-in'))
  trail.note(completed('let-in'))
  t.match(trail.ready(), { ok: true, detail: /^Emergency until .*, declared by security officer: people are let in, and nothing is on record\. .*EIO/ })
  t.equal(log.lines.filter(line => line['msg'] === 'audit.emergencyBegan').length, 1)
  await mendDisk()
  await trail.record(admitted('after'))
  const events = await readTrail(directory, key)
  t.same(events.filter(event => event.kind.startsWith('request')).map(({ id }) => id), ['before', 'let-in', 'let-in', 'after'])
  t.match(events.find(event => event.kind === 'gateway.gap')?.facts, {
    cause: 'disk', refused: 1, letIn: 1, dropped: 0, declaredBy: 'security officer', declaredBecause: 'The disk broke. Ticket 4711', declaredUntil: Number,
  })
})

t.test('its end: by time, or by removing the file; then people are refused again', async t => {
  const { trail, clock, declare, breakDisk, file } = await setUp(t)
  await breakDisk()
  declare({ until: clock.now() + 10_000 })
  await clock.advance(1000)
  await trail.record(admitted('one'))
  await clock.advance(8000)
  await trail.record(admitted('two'))
  await clock.advance(1000)
  await t.rejects(trail.record(admitted('too late')), { code: 'audit.unavailable' })
  t.equal(trail.ready().ok, false)
  declare()
  await clock.advance(1000)
  await trail.record(admitted('declared again'))
  rmSync(file)
  await clock.advance(1000)
  await t.rejects(trail.record(admitted('ended')), { code: 'audit.unavailable' })
})

t.test('what declares nothing: another key, another gateway, a change, a longer time than allowed, a time to come, a configuration without it', async t => {
  const { trail, clock, declare, breakDisk, file } = await setUp(t)
  await breakDisk()
  const refused = async (what: string) => {
    await clock.advance(1000)
    await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' }, what)
  }
  for (const [what, write] of [
    ['nothing there', () => undefined],
    ['another key', () => { declare({}, { key: createKey() }) }],
    ['another gateway', () => { declare({}, { name: 'other' }) }],
    ['longer than allowed', () => { declare({ until: clock.now() + 61 * minute }) }],
    ['a time to come', () => { declare({ since: clock.now() + 10 * minute }) }],
    ['a change', () => { declare(); writeFileSync(file, readFileSync(file, 'latin1').replace(/1 (.)/, (_, letter: string) => `1 ${letter === 'W' ? 'X' : 'W'}`)) }],
    ['no declaration at all', () => { writeFileSync(file, 'x'.repeat(100_000)) }],
    ['a pipe that never ends', () => { rmSync(file); execFileSync('mkfifo', [file]) }],
    ['a link to a device that never ends', () => { rmSync(file); symlinkSync('/dev/zero', file) }],
  ] as const) {
    write()
    await refused(what)
  }
  rmSync(file)
  declare()
  await clock.advance(1000)
  await trail.record(admitted('let in'))

  const other = await setUp(t, { isAllowed: false })
  await other.breakDisk()
  other.declare()
  await other.clock.advance(1000)
  await t.rejects(other.trail.record(admitted('refused')), { code: 'audit.unavailable' }, 'not allowed')
})

t.test('while recording works a declaration changes nothing; a gateway that stops lets nobody in', async t => {
  const { trail, clock, declare, directory, key, log } = await setUp(t)
  declare()
  await clock.advance(1000)
  await trail.record(admitted('recorded'))
  t.same((await readTrail(directory, key)).map(({ id }) => id).slice(-1), ['recorded'])
  t.equal(trail.ready().detail, 'recording')
  await trail.close()
  await t.rejects(trail.record(admitted('refused')), { code: 'audit.unavailable' })
  t.notOk(log.lines.some(line => line['msg'] === 'audit.emergencyBegan'))
})

t.test('more than memory may hold: people are let in all the same, and the trail says how many events it lacks', async t => {
  const { trail, clock, declare, breakDisk, mendDisk, directory, key } = await setUp(t)
  await breakDisk()
  declare()
  await clock.advance(1000)
  const big = 'x'.repeat(8000)
  for (let n = 0; n < 18_000; n += 1) await trail.record(admitted(`n${n}`, { what: { kind: 'read', method: 'GET', path: big } }))
  const waiting = trail.depth().waiting
  t.ok(waiting > 5000 && waiting < 17_500, `${waiting} wait`)
  await mendDisk()
  await trail.flush({ timeoutMs: 20_000, ship: false })
  const events = await readTrail(directory, key)
  const gap = events.find(event => event.kind === 'gateway.gap' && event.facts?.['letIn'] !== undefined)?.facts
  t.equal(gap?.['letIn'], 18_000)
  t.equal(events.filter(event => event.kind === 'request.admitted').length + Number(gap?.['dropped']), 18_000)
})

t.test('the process died in an emergency: the next start puts its declaration on record', async t => {
  const { trail, declare, directory, config, key } = await setUp(t)
  declare()
  await trail.close()
  await openTrail(t, { directory, config })
  t.match((await readTrail(directory, key)).at(-1), { kind: 'gateway.gap', facts: { cause: 'emergencyDeclared', declaredBy: 'security officer' } })
})
