// Removes the oldest part of each writer's streams in Redis: only what is older than asked and what the archive was seen to hold. The last record of a writer stays,
// because the next one is compared with it. The registry keeps naming streams that are gone: so nothing carries them there again.
import type { RedisClient } from '../../shared/redis.ts'
import type { AuditKeys } from '../keys.ts'
import type { RedisTrail } from '../read-redis.ts'
import type { TrailEntry } from '../reader.ts'
import { nameBeginnings, nameRegistry, nameStream } from '../redis-stream.ts'
import type { ArchiveWitness } from './archive-witness.ts'
import { addBeginning, type Beginning } from './beginning.ts'

export interface PruneRedisOptions {
  readonly client: RedisClient
  readonly trail: RedisTrail
  readonly gateway: string
  readonly keys: AuditKeys
  readonly witness: ArchiveWitness
  /** Records of this time or later stay; milliseconds since the epoch. */
  readonly before: number
  readonly isRehearsal?: boolean | undefined
}

/** Returns what the streams of each writer begin after now, and how many records went. Throws a RedisError. */
export async function pruneRedis (options: PruneRedisOptions): Promise<ReadonlyArray<{ readonly last: Beginning, readonly records: number }>> {
  const pruned: Array<{ last: Beginning, records: number }> = []
  for (const writer of await options.trail.writers()) {
    const found = await findRemovable(writer, options)
    if (found === undefined) continue
    if (options.isRehearsal !== true) for (const last of found.ends) await removeUpTo(last, options)
    pruned.push({ last: found.ends.at(-1) as Beginning, records: found.records })
  }
  return pruned
}

/** The last record that may go in each epoch, oldest first. */
async function findRemovable (writer: string, { trail, witness, before }: PruneRedisOptions): Promise<{ ends: readonly Beginning[], records: number } | undefined> {
  const ends: Beginning[] = []
  let records = 0
  // One behind: the last of all stays.
  let held: TrailEntry | undefined
  const take = ({ epoch, seq, record }: TrailEntry) => {
    if (ends.at(-1)?.epoch === epoch) ends.pop()
    ends.push({ writer, epoch, seq, hash: record?.hash ?? '' })
    records += 1
  }
  for await (const entry of trail.read(writer)) {
    if (held !== undefined) take(held)
    const { record, problems } = entry
    held = undefined
    if (record === undefined || (problems.length > 0 && problems.join() !== 'shredded') || record.time >= before || !await witness.holds(entry, record)) break
    held = entry
  }
  return ends.length === 0 ? undefined : { ends, records }
}

async function removeUpTo (last: Beginning, { client, gateway, keys }: PruneRedisOptions): Promise<void> {
  const registry = nameRegistry(gateway)
  const field = nameBeginnings(last.writer)
  const known = await client.call('HGET', registry, field) as string | null
  await client.call('HSET', registry, field, addBeginning(known ?? '', last, { kind: 'redis', gateway, keys }))
  await client.call('XTRIM', nameStream({ gateway, ...last }), 'MINID', `${last.seq + 1}-0`)
}
