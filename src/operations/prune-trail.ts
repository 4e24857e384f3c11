// Removes what may go: from the spools and Redis what the archive was seen to hold, and from the archive what is older than its retention and under no hold.
import {
  createArchiveWitness, createCarriedTest, hasSpool, listHolds, pruneArchive, pruneRedis, pruneSpool, type PrunedSpool,
} from '../audit/audit.ts'
import { loadConfig, type GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { createDeps } from './ask-trail.ts'
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
}

export interface PruneTold {
  readonly spools: ReadonlyArray<PrunedSpool & { readonly name: string }>
  readonly redisRecords: number
  readonly archiveSegments: number
  readonly archiveRecords: number
  /** Names of holds that kept segments. */
  readonly heldBy: readonly string[]
  readonly unreadable: readonly string[]
}

const dayMs = 86_400_000

/** Throws a ConfigurationError or an OperationError. */
export async function pruneTrail ({ configFile, reason, isRehearsal }: PruneRequest): Promise<PruneTold> {
  const { config } = await loadConfig(configFile)
  const settings = config.audit.archive
  const archive = await openArchive(config)
  if (archive === undefined || settings === undefined) throw new OperationError('audit.archive is not configured, and nothing is removed that is not archived.')
  const { retentionYears, keepElsewhereDays, shorterRetention } = settings
  const deps = createDeps(config)
  const now = deps.clock.now()
  const facts = {
    reason,
    retentionYears,
    keepElsewhereDays,
    ...(isRehearsal ? { rehearsal: true } : {}),
    ...(shorterRetention === undefined ? {} : { approvedBy: shorterRetention.approvedBy, shorterBecause: shorterRetention.reason }),
  }
  let told: PruneTold | undefined
  try {
    await runInSteps(config, { name: 'audit.prune', facts }, {
      ...deps,
      run: async () => {
        told = await pruneAll(config, { archive, isRehearsal, clock: deps.clock, before: now - keepElsewhereDays * dayMs, expired: goBack(now, retentionYears) })
        const { spools, heldBy, unreadable, ...counts } = told
        return { ...counts, spoolFiles: spools.reduce((sum, { files }) => sum + files, 0), holds: heldBy.join(' '), unreadable: unreadable.length }
      },
    })
    return told as unknown as PruneTold
  } catch (error) { throw explainRedis(error) } finally { archive.index.close() }
}

/** The same day and time years ago. */
export function goBack (time: number, years: number): number {
  const date = new Date(time)
  return date.setUTCFullYear(date.getUTCFullYear() - years)
}

interface Pruning {
  readonly archive: OpenArchive
  readonly isRehearsal: boolean
  readonly clock: Clock
  /** Times before which records may go from spool and Redis, and from the archive. */
  readonly before: number
  readonly expired: number
}

async function pruneAll (config: GatewayConfig, { archive, isRehearsal, clock, before, expired }: Pruning): Promise<PruneTold> {
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
    const kept = await pruneArchive({ ...archive, holds: await listHolds(archive), before: expired, isRehearsal })
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
