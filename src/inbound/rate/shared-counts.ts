// Adds what this gateway counted to what the others did, in Redis: one hash for each minute, one command for each name. Names are keyed digests, so Redis
// learns neither people nor addresses. When Redis does not answer, each gateway goes on with its own counts.
import { createRedisClient } from '../../shared/redis.ts'
import type { RedisConfig } from '../../shared/redis-config.ts'

export interface SharedCounts {
  /** Adds and returns the sum of all gateways. Throws when Redis does not answer. */
  add(minute: number, counts: ReadonlyArray<readonly [name: string, count: number]>): Promise<ReadonlyMap<string, number>>
  close(): void
}

const commandTimeoutMs = 400
const keepMs = 180_000

export function createSharedCounts (config: RedisConfig, gateway: string): SharedCounts {
  const client = createRedisClient(config, { commandTimeoutMs })
  return {
    async add (minute, counts) {
      const key = `sallyport:{${gateway}}:rate:${minute}`
      const sums = await Promise.all(counts.map(async ([name, count]) => [name, Number(await client.call('HINCRBY', key, name, count))] as const))
      await client.call('PEXPIRE', key, keepMs)
      return new Map(sums)
    },
    close () { client.close() },
  }
}
