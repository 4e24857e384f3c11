// Bytes a record takes in Redis: what the streams need, by Redis' own account.
import { join } from 'node:path'
import { createRedisClient } from '../../src/shared/redis.ts'
import { createExchange } from './events.ts'
import type { Figure } from './figures.ts'
import { gateway, openTrail } from './place.ts'

const targetBytes = 700

export interface SizeOptions { readonly directory: string, readonly redisUrl: string, readonly exchanges: number }

export async function measureRedisSize ({ directory, redisUrl, exchanges }: SizeOptions): Promise<readonly Figure[]> {
  const client = createRedisClient({ url: redisUrl }, { commandTimeoutMs: 30_000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  await client.call('FLUSHALL')
  const readUsed = async () => Number(/^used_memory:(\d+)/m.exec(String(await client.call('INFO', 'memory')))?.[1])
  const before = await readUsed()
  const trail = await openTrail(join(directory, 'size'), { redis: { url: redisUrl } })
  for (let n = 0; n < exchanges; n += 64) {
    await Promise.all(Array.from({ length: 64 }, async () => {
      const { admitted, completed } = createExchange(Date.now())
      await trail.record(admitted)
      trail.note(completed)
    }))
  }
  await trail.flush({ timeoutMs: 60_000, ship: true })
  const used = await readUsed() - before
  const streams = (await client.call('KEYS', `audit:{${gateway}:*:*}`)) as string[]
  let [bytes, records] = [0, 0]
  for (const stream of streams) {
    bytes += Number(await client.call('MEMORY', 'USAGE', stream, 'SAMPLES', '0'))
    records += Number(await client.call('XLEN', stream))
  }
  await trail.close()
  client.close()
  return [
    { name: 'a record in Redis, by MEMORY USAGE of its stream', value: bytes / records, unit: 'bytes', target: { atMost: targetBytes }, note: `${records.toLocaleString('en')} records` },
    { name: 'a record in Redis, by what all of it grew', value: used / records, unit: 'bytes' },
  ]
}
