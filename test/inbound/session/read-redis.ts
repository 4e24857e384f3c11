// Everything that stands in a Redis, as text: what somebody reads who has a copy of it.
import { createRedisClient } from '../../../src/shared/redis.ts'

const readers: Readonly<Record<string, readonly string[]>> = {
  string: ['GET'], hash: ['HGETALL'], set: ['SMEMBERS'], zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
}

export interface RedisReader {
  readAll(): Promise<string>
  call(command: string, ...args: readonly (string | number)[]): Promise<unknown>
  close(): void
}

export async function createRedisReader (url: string): Promise<RedisReader> {
  const client = createRedisClient({ url }, { commandTimeoutMs: 5000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  return {
    async readAll () {
      const lines: string[] = []
      for (const key of await client.call('KEYS', '*') as string[]) {
        const type = await client.call('TYPE', key) as string
        if (type === 'none') continue // it went by itself just now
        const [command, ...args] = readers[type] ?? []
        if (command === undefined) throw new TypeError(`a ${type} was not expected`)
        lines.push(key, JSON.stringify(await client.call(command, key, ...args)))
      }
      return lines.join('\n')
    },
    call: (command, ...args) => client.call(command, ...args),
    close: () => { client.close() },
  }
}
