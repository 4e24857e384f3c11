// The gate never hangs: whatever the disk does, a caller has its answer within the deadline.
import t from 'tap'
import { Failure } from '../../src/shared/errors.ts'
import { admitted, completed, createFaultyDisk, openTrail, systemError, until } from '../support/audit.ts'
import { createMovableClock } from '../support/clock.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'

const isRefusal = (error: unknown) => error instanceof Failure && error.code === 'audit.unavailable' && error.source === 'store' &&
  error.reason.status === 503 && (error.retryAfterSeconds ?? 0) >= 1

async function refusalOf (promise: Promise<void>): Promise<unknown> {
  return promise.then(() => 'recorded', (error: unknown) => error)
}

t.test('a disk that hangs: refused within the deadline, then at once; the trail says that it did not happen', async t => {
  const disk = createFaultyDisk()
  const clock = createMovableClock()
  const { trail, directory, key } = await openTrail(t, { deps: { disk, clock } })
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  let isSyncing = false
  disk.faults = { sync: () => { isSyncing = true; return hang } }

  const onItsWay = refusalOf(trail.record(admitted('on-its-way')))
  const connection = refusalOf(trail.record({ kind: 'connection.opened', time: clock.now(), id: 'a-connection' }))
  const session = refusalOf(trail.record({ kind: 'session.began', time: clock.now(), id: 'a-session' }))
  await until(() => isSyncing)
  const behind = refusalOf(trail.record(admitted('behind')))
  trail.note(completed('earlier'))
  t.equal(trail.ready().ok, true)

  await clock.advance(1000)
  t.ok(isRefusal(await onItsWay))
  t.ok(isRefusal(await connection))
  t.ok(isRefusal(await session))
  t.ok(isRefusal(await behind))
  t.same(trail.ready(), { ok: false, detail: 'A record was not durable within 1000 ms.' })
  t.ok(isRefusal(await refusalOf(trail.record(admitted('later')))), 'refused at once, no clock was moved')

  disk.faults = {}
  recover()
  await until(() => trail.ready().ok)
  await trail.record(admitted('after'))
  await trail.flush({ timeoutMs: 5000, ship: false })
  const events = await readTrail(directory, key)
  t.same(events.slice(1).map(({ kind, id }) => kind === 'gateway.gap' ? kind : `${kind} ${id}`), [
    'request.admitted on-its-way', 'connection.opened a-connection', 'session.began a-session', // they reached the disk after all
    'request.completed earlier',
    'request.abandoned on-its-way', 'connection.closed a-connection', 'gateway.gap', // and so each is taken back
    'gateway.gap',
    'request.admitted after',
  ])
  t.same(events.find(event => event.kind === 'request.abandoned')?.outcome, { reason: 'audit.unavailable' })
  const gaps = events.filter(event => event.kind === 'gateway.gap').map(event => event.facts)
  t.match(gaps[0], { cause: 'refusedAfterRecord', of: 'session.began', refusedId: 'a-session' })
  t.match(gaps[1], { cause: 'stalled', refused: 5 })
})

t.test('never later than the deadline, never earlier than seven eighths of it', async t => {
  const disk = createFaultyDisk()
  const clock = createMovableClock()
  const { trail } = await openTrail(t, { deps: { disk, clock }, config: { deadline: '800ms' } })
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  disk.faults = { sync: () => hang }
  await clock.advance(50)
  let answeredAt = 0
  const startedAt = clock.now()
  const answered = trail.record(admitted('one')).catch(() => { answeredAt = clock.now() })
  for (let step = 0; step < 100; step++) await clock.advance(10)
  await answered
  t.ok(answeredAt - startedAt <= 800 && answeredAt - startedAt >= 700, `${answeredAt - startedAt} ms`)
  recover()
})

t.test('a step of the wall clock, back or forward, changes nothing about the deadline', async t => {
  const disk = createFaultyDisk()
  const clock = createMovableClock()
  let stepMs = 0
  const { trail } = await openTrail(t, { deps: { disk, clock: { ...clock, now: () => clock.now() + stepMs } } })
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  disk.faults = { sync: () => hang }
  let isAnswered = false
  const answer = refusalOf(trail.record(admitted('one'))).then(result => { isAnswered = true; return result })
  stepMs = 3_600_000
  await clock.advance(500)
  t.equal(isAnswered, false)
  stepMs = -7_200_000
  await clock.advance(500)
  t.ok(isRefusal(await answer))
  recover()
})

t.test('what is noted while nothing can record is kept in order, and recorded when it can', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { deps: { disk } })
  disk.faults = { append: () => Promise.reject(systemError('EIO')) }
  trail.note(completed('n0'))
  await until(() => !trail.ready().ok)
  t.match(trail.ready().detail, /cannot be written \(EIO\)/)
  for (let n = 1; n < 3000; n++) trail.note(completed(`n${n}`))
  t.ok(isRefusal(await refusalOf(trail.record(admitted('refused')))))
  t.equal(await trail.flush({ timeoutMs: 50, ship: false }), false)
  disk.faults = {}
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: false }), true)
  await until(() => trail.ready().ok)
  await trail.flush({ timeoutMs: 10_000, ship: false })
  const events = await readTrail(directory, key)
  t.same(events.filter(event => event.kind === 'request.completed').map(event => event.id), Array.from({ length: 3000 }, (_, n) => `n${n}`))
  t.match(events.find(event => event.kind === 'gateway.gap')?.facts, { cause: 'disk', refused: 1 })
})

t.test('memory has a bound: beyond it nobody is let in until there is room, and no note is dropped', async t => {
  const disk = createFaultyDisk()
  const clock = createMovableClock()
  const { trail, directory, key } = await openTrail(t, { deps: { disk, clock } })
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  disk.faults = { sync: () => hang }
  const facts = Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`f${n}`, 'x'.repeat(1900)]))
  let noted = 0
  for (; trail.ready().ok && noted < 20_000; noted++) trail.note(completed(`n${noted}`, { facts }))
  t.ok(noted > 8000 && noted < 10_000, `${noted} notes of 8 KiB`)
  t.match(trail.ready().detail, /memory/)
  t.ok(isRefusal(await refusalOf(trail.record(admitted('refused')))))
  // A flood of refusals from ever new addresses takes no more memory now, and is counted.
  for (let n = 0; n < 50_000; n++) {
    trail.note({ kind: 'request.denied', time: clock.now(), id: `d${n}`, from: { address: `198.51.${n >> 8}.${n & 255}` }, decision: { reason: 'clientIp.notAllowed' } })
  }
  t.ok(trail.depth().waiting <= noted + 1)
  disk.faults = {}
  recover()
  await until(() => trail.ready().ok)
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: false }), true)
  const events = await readTrail(directory, key)
  t.equal(events.filter(event => event.kind === 'request.completed').length, noted)
  t.equal(events.filter(event => event.kind === 'request.denied').reduce((sum, event) => sum + (event.count ?? 1), 0), 50_000)
})

t.test('closing says so on record, refuses who comes later, and ends with a disk that hangs', async t => {
  const disk = createFaultyDisk()
  const { trail, directory, key } = await openTrail(t, { deps: { disk }, config: { deadline: '100ms' } })
  await trail.record(admitted('one'))
  await trail.close()
  t.equal((await readTrail(directory, key)).at(-1)?.kind, 'gateway.stopped')
  t.ok(isRefusal(await refusalOf(trail.record(admitted('late')))))
  t.same(trail.ready(), { ok: false, detail: 'The gateway is stopping.' })

  const hanging = createFaultyDisk()
  const second = await openTrail(t, { deps: { disk: hanging }, config: { deadline: '100ms' } })
  hanging.faults = { sync: () => new Promise(() => undefined) }
  const waiting = refusalOf(second.trail.record(admitted('never')))
  await second.trail.close()
  t.ok(isRefusal(await waiting))
})

t.test('durability redis with a disk that hangs: who waited behind it is refused, and the gate opens again although nobody is left', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const disk = createFaultyDisk()
  const { trail } = await openTrail(t, { deps: { disk }, config: { durability: 'redis', redis: { url: redis.url }, deadline: '300ms' } })
  await trail.flush({ timeoutMs: 5000, ship: true }) // the first record is in Redis; now it is on disk too
  const { promise: hang, resolve: recover } = Promise.withResolvers<void>()
  disk.faults = { sync: () => hang }
  await trail.record(admitted('in-redis'))
  t.ok(isRefusal(await refusalOf(trail.record(admitted('behind')))))
  t.equal(trail.ready().ok, false)
  disk.faults = {}
  recover()
  await until(() => trail.ready().ok)
  await trail.record(admitted('after'))
})
