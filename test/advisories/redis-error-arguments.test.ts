// Errors of ioredis carry the arguments of the failed command, which here is a whole record. None of it may reach a log or a caller.
import t from 'tap'
import { inspect } from 'node:util'
import { createRedisClient, RedisError } from '../../src/shared/redis.ts'
import { admitted, connectClient, listStreams, openTrail } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'

const canary = 'Planted-Value-555-0100'

t.test('a command that fails says why in one word, and nothing of what was sent', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const client = await connectClient(t, redis.url)
  await client.call('SET', 'text', '1')
  const failing: Array<() => Promise<unknown>> = [
    () => client.call('XADD', 'text', '*', 'field', canary),
    () => client.callBuffer('XADD', 'text', '*', 'field', canary),
    () => client.call('NOSUCHCOMMAND', canary),
    () => client.call('EVAL', `return redis.error_reply('${canary} in the reply')`, 0),
  ]
  for (const call of failing) {
    const error: unknown = await call().then(() => undefined, (caught: unknown) => caught)
    t.ok(error instanceof RedisError)
    t.notMatch(`${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`, /Planted-Value/)
  }
  await redis.cut()
  const cut: unknown = await client.call('SET', 'key', canary).then(() => undefined, (caught: unknown) => caught)
  t.notMatch(inspect(cut, { depth: 20, showHidden: true }), /Planted-Value/)
})

t.test('a password never shows, whatever the server answers', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { SecretValue } = await import('../../src/shared/schema.ts')
  const client = createRedisClient({ url: redis.url, username: 'nobody', password: new SecretValue(canary) }, { commandTimeoutMs: 500 })
  t.teardown(() => { client.close() })
  const error: unknown = await client.call('PING').then(() => undefined, (caught: unknown) => caught)
  t.notMatch(`${inspect(error, { depth: 20, showHidden: true })} ${client.lastError() ?? ''}`, /Planted-Value/)
})

t.test('the trail against a Redis that refuses records: the log has no values, and no stack of the client', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { trail, log } = await openTrail(t, { config: { redis: { url: redis.url } } })
  await trail.flush({ timeoutMs: 5000, ship: true })
  const client = await connectClient(t, redis.url)
  const [stream] = await listStreams(client)
  await client.call('DEL', stream ?? '')
  await client.call('SET', stream ?? '', 'not a stream')
  await trail.record(admitted(canary, { what: { kind: 'read', method: 'GET', path: `/patients/${canary}` } }))
  t.equal(await trail.flush({ timeoutMs: 300, ship: true }), false)
  t.ok(log.lines.some(line => line['msg'] === 'audit.redisUnavailable'))
  t.notMatch(JSON.stringify(log.lines), /Planted-Value/)
  t.match(trail.ready(), { ok: true, detail: /WRONGTYPE/ })
})
