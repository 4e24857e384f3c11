import t from 'tap'
import { createRedisClient } from '../../src/shared/redis.ts'
import { startJourney } from '../support/journey.ts'
import { startRedis } from '../support/redis.ts'

async function readStreams (url: string): Promise<number> {
  const client = createRedisClient({ url }, { commandTimeoutMs: 2000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  let entries = 0
  for (const key of await client.call('KEYS', 'audit:*') as string[]) {
    if (await client.call('TYPE', key) === 'stream') entries += Number(await client.call('XLEN', key))
  }
  client.close()
  return entries
}

t.test('Redis is killed: the spool takes over, nobody notices, and every record arrives later, once', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const journey = await startJourney(t, { configure (draft) { draft['audit'] = { ...draft['audit'], redis: { url: redis.url } } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  t.ok(await journey.gateway.rooms.audit.flush({ timeoutMs: 5000, ship: true }))
  await redis.kill()
  for (let round = 0; round < 30; round += 1) t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200)
  const ready = await fetch(`${journey.healthUrl}/ready`)
  t.equal(ready.status, 200, 'still ready')
  t.ok(journey.gateway.rooms.audit.depth().unshipped >= 60)
  await redis.revive()
  for (let tries = 0; tries < 200 && journey.gateway.rooms.audit.depth().unshipped > 0; tries += 1) {
    await journey.clock.advance(1000)
    await new Promise(resolve => { setTimeout(resolve, 25) })
  }
  t.equal(journey.gateway.rooms.audit.depth().unshipped, 0)
  const onDisk = (await journey.trail()).length
  t.ok(onDisk > 60)
  t.equal(await readStreams(redis.url), onDisk)
})
