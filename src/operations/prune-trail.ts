// Removes what may go: from the spools and Redis what the archive was seen to hold, and from the archive what is older than its retention and under no hold.
import {
  createArchiveWitness, createCarriedTest, goBack, hasSpool, limitRetention, listArchive, pruneArchive, pruneRedis, pruneSpool, readWholeSegment, type Hold, type PrunedSpool,
  type RetentionLimit,
} from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { createDeps } from './ask-trail.ts'
import { findKnownHolds } from './known-holds.ts'
import { openArchive, type OpenArchive } from './open-archive.ts'
import { explainRedis, openRedisToChange } from './open-redis.ts'
import { OperationError } from './operation-error.ts'
import { runInSteps } from './record-operation.ts'
import { spoolsOf } from './trail-places.ts'

export interface PruneRequest {
  readonly configFile: string
  readonly reason: string
  /** Finds out what would go, and removes nothing. */
  readonly isRehearsal: boolean
  /** Time in which the archive did not grow counts as well. */
  readonly countsPauses: boolean
  readonly isDespiteDamage: boolean
}

export interface PruneTold {
  readonly spools: ReadonlyArray<PrunedSpool & { readonly name: string }>
  readonly redisRecords: number
  readonly archiveSegments: number
  readonly archiveRecords: number
  /** Names of holds that kept segments. */
  readonly heldBy: readonly string[]
  readonly unreadable: readonly string[]
  /** Days that did not count towards the retention. */
  readonly notCountedDays: number
}

const dayMs = 86_400_000

/** Throws a ConfigurationError or an OperationError. */
export async function pruneTrail ({ configFile, reason, isRehearsal, countsPauses, isDespiteDamage }: PruneRequest): Promise<PruneTold> {
  const { config } = await loadConfigToAsk(configFile)
  const settings = config.audit.archive
  const archive = await openArchive(config)
  if (archive === undefined || settings === undefined) throw new OperationError('Only what is in the archive is removed, and the configuration has none: add audit.archive first (docs/archive.md). Nothing was removed.')
  const { retentionYears, keepElsewhereDays, shorterRetention } = settings
  const deps = createDeps(config)
  const now = deps.clock.now()
  const facts = {
    reason,
    retentionYears,
    keepElsewhereDays,
    ...(isRehearsal ? { rehearsal: true } : {}),
    ...(countsPauses ? { countsPauses } : {}),
    ...(isDespiteDamage ? { despiteDamage: true } : {}),
    ...(shorterRetention === undefined ? {} : { approvedBy: shorterRetention.approvedBy, shorterBecause: shorterRetention.reason }),
  }
  let told: PruneTold | undefined
  try {
    const holds = await findKnownHolds(config, { archive, clock: deps.clock, isDespiteDamage })
    const limit = countsPauses ? { before: goBack(now, retentionYears), notCountedMs: 0 } : await limitArchive(archive, { now, years: retentionYears })
    const notCountedDays = Math.round(limit.notCountedMs / dayMs)
    await runInSteps(config, { name: 'audit.prune', facts }, {
      ...deps,
      run: async () => {
        const pruned = await pruneAll(config, { archive, holds, isRehearsal, clock: deps.clock, before: now - keepElsewhereDays * dayMs, expired: limit.before })
        told = { ...pruned, notCountedDays }
        const { spools, heldBy, unreadable, ...counts } = told
        return { ...counts, spoolFiles: spools.reduce((sum, { files }) => sum + files, 0), holds: heldBy.join(' '), unreadable: unreadable.length }
      },
    })
    return told as unknown as PruneTold
  } catch (error) { throw explainRedis(error) } finally { archive.index.close() }
}

/** Of the archive's segments, those too that the index has lost. */
async function limitArchive (archive: OpenArchive, options: { readonly now: number, readonly years: number }): Promise<RetentionLimit> {
  const known = archive.index.known()
  const ends: number[] = []
  for (const name of await listArchive(archive)) {
    const end = known.get(name) ?? (await readWholeSegment(archive, name)).manifest?.to
    if (end !== undefined) ends.push(end)
  }
  return limitRetention(ends, options)
}

interface Pruning {
  readonly archive: OpenArchive
  readonly holds: readonly Hold[]
  readonly isRehearsal: boolean
  readonly clock: Clock
  /** Times before which records may go from spool and Redis, and from the archive. */
  readonly before: number
  readonly expired: number
}

async function pruneAll (config: GatewayConfig, { archive, holds, isRehearsal, clock, before, expired }: Pruning): Promise<Omit<PruneTold, 'notCountedDays'>> {
  const { gateway, audit } = config
  const place = { gateway: gateway.name, keys: archive.auditKeys, witness: createArchiveWitness(archive), before, isRehearsal }
  const redis = audit.redis === undefined ? undefined : await openRedisToChange(config, { clock })
  try {
    const spools: Array<PrunedSpool & { name: string }> = []
    for (const { directory, name } of spoolsOf(gateway.dataDirectory)) {
      if (!await hasSpool(directory)) continue
      const isCarried = redis === undefined ? async () => true : await createCarriedTest({ ...redis, directory, gateway: gateway.name })
      spools.push({ name, ...await pruneSpool({ ...place, directory, auditKey: audit.key, isCarried }) })
    }
    const streams = redis === undefined ? [] : await pruneRedis({ ...place, ...redis })
    const kept = await pruneArchive({ ...archive, holds, before: expired, isRehearsal })
    return {
      spools,
      redisRecords: streams.reduce((sum, { records }) => sum + records, 0),
      archiveSegments: kept.segments,
      archiveRecords: kept.records,
      heldBy: kept.heldBy,
      unreadable: kept.unreadable,
    }
  } finally {
    redis?.close()
  }
}
