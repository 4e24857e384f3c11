// One place that holds records of the trail and can be asked: a spool directory, one writer's streams in Redis, an archive.
import { readdir } from 'node:fs/promises'
import type { SecretValue } from '../../shared/schema.ts'
import { readSpool, withoutUnfinished, type ReadHooks, type TrailEntry } from '../reader.ts'
import type { RedisTrail } from '../read-redis.ts'
import { listSegments } from '../segment.ts'
import type { TrailQuery, WantedTokens } from './query.ts'

export interface Search {
  readonly query: TrailQuery
  /** The same question in tokens, for sources that have an index of them. */
  readonly tokens: WantedTokens
}

export interface TrailSource {
  /** For people: `the spool data/audit`. */
  readonly name: string
  /**
   * Every record that may be an answer, and the ending of every exchange whose beginning is handed out. More is allowed, less is not; so are damaged entries and,
   * without an event, those that `wants` refuses. In the order of the writer, epoch and number; one writer's only.
   */
  find (search: Search, hooks: ReadHooks): AsyncIterable<TrailEntry>
}

export function createSpoolSource (options: { readonly directory: string, readonly key: SecretValue, readonly name: string }): TrailSource {
  const { directory, key, name } = options
  return {
    name,
    find: (_search, hooks) => withoutUnfinished(readSpool({ directory, key, ...hooks })),
  }
}

/** Whether a directory has a trail to be asked. Throws what the system says when it cannot be read. */
export async function hasSpool (directory: string): Promise<boolean> {
  try { return listSegments(await readdir(directory)).length > 0 } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** One for each writer: those of other replicas are there as well as our own. */
export async function createRedisSources (redis: RedisTrail): Promise<readonly TrailSource[]> {
  return (await redis.writers()).map(writer => ({
    name: `Redis, writer ${writer}`,
    find: (_search, hooks) => redis.read(writer, hooks),
  }))
}
