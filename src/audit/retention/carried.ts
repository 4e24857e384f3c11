// Whether Redis has, or had and gave up on purpose, everything of a spool up to a record.
import type { RedisClient } from '../../shared/redis.ts'
import type { RedisTrail } from '../read-redis.ts'
import { nameStream, parseEntry, readEntries } from '../redis-stream.ts'
import { readShippedMark } from '../shipped-mark.ts'
import { compareBeginnings, type Beginning } from './beginning.ts'

export interface CarriedOptions {
  readonly directory: string
  readonly client: RedisClient
  readonly trail: RedisTrail
  readonly gateway: string
}

/** Records are carried in order, so the last one tells of those before it. Throws a RedisError. */
export async function createCarriedTest ({ directory, client, trail, gateway }: CarriedOptions): Promise<(last: Beginning) => Promise<boolean>> {
  const shippedEpoch = await readShippedMark(directory)
  const beginnings = await trail.beginnings()
  return async last => {
    const { writer, epoch, seq, hash } = last
    if (epoch <= shippedEpoch || beginnings.some(each => each.writer === writer && compareBeginnings(last, each) <= 0)) return true
    const [entry] = await readEntries(client, nameStream({ gateway, writer, epoch }), { from: `${seq}-0`, to: `${seq}-0`, count: 1 })
    return entry !== undefined && parseEntry(entry)?.record.hash === hash
  }
}
