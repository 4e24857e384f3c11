// The default of ioredis sends a command again when its answer was cut, and an XADD is there twice; with resending off, its promise never settles.
// Here the same batch is appended again behind a comparison: nothing twice, nothing lost.
import t from 'tap'
import { admitted, connectClient, listStreams, openTrail, readRedis, until } from '../support/audit.ts'
import { startCuttingRelay } from '../support/cutting-relay.ts'
import { startRedis } from '../support/redis.ts'
import { readEntries } from '../support/trail.ts'

for (const fate of ['cut', 'half', 'swallow'] as const) {
  t.test(`answers ${fate} again and again: no record twice, none lost`, async t => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const relay = await startCuttingRelay(redis.url)
    t.teardown(() => relay.stop())
    const { trail, directory, key } = await openTrail(t, { config: { redis: { url: relay.url } } })
    await trail.flush({ timeoutMs: 5000, ship: true })
    const most = fate === 'swallow' ? 2 : 12
    let fates = 0
    relay.onAnswer = piece => {
      if (!piece.includes('stored') || fates >= most || Math.random() < 0.4) return 'pass'
      fates += 1
      return fate
    }
    for (let n = 0; n < 400; n++) {
      await trail.record(admitted(`n${n}`))
      if (n % 20 === 0) await until(() => trail.depth().unshipped === 0) // so that there are many batches, each with an answer of its own
    }
    t.equal(await trail.flush({ timeoutMs: 20_000, ship: true }), true)
    t.ok(fates > 0, `${fates} answers never arrived`)
    const inRedis = await readRedis(redis.url, key)
    t.same(inRedis.flatMap(entry => entry.problems), [])
    t.same(inRedis.map(entry => entry.event?.id), (await readEntries(directory, key)).map(entry => entry.event?.id))
    const client = await connectClient(t, redis.url)
    const [stream] = await listStreams(client)
    t.equal(await client.call('XLEN', stream ?? ''), 401)
  })
}

t.test('durability redis, the answer swallowed: the caller is refused in time, and the exchange is ended on record', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const relay = await startCuttingRelay(redis.url)
  t.teardown(() => relay.stop())
  const { trail, directory, key } = await openTrail(t, { config: { redis: { url: relay.url }, durability: 'redis', deadline: '400ms' } })
  relay.onAnswer = piece => piece.includes('stored') ? 'swallow' : 'pass'
  const startedAt = performance.now()
  await t.rejects(trail.record(admitted('unanswered')), { code: 'audit.unavailable' })
  t.ok(performance.now() - startedAt < 1000)
  t.equal(trail.ready().ok, false)
  relay.onAnswer = () => 'pass'
  t.equal(await trail.flush({ timeoutMs: 10_000, ship: true }), true)
  await trail.record(admitted('after'))
  const events = (await readEntries(directory, key)).map(entry => `${entry.event?.kind} ${entry.event?.id}`)
  t.ok(events.includes('request.abandoned unanswered'))
  t.equal(events.at(-1), 'request.admitted after')
  t.same((await readRedis(redis.url, key)).flatMap(entry => entry.problems), [])
})
