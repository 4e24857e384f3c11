// Where a question is asked: the gateway's spool, the spool of administrators' operations, Redis, which has the trails of other replicas too,
// and the archive.
import { AuditSetupError, createArchiveSources, createRedisSources, createSpoolSource, hasSpool, openRedisTrail, type RedisTrail, type TrailSource } from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { RedisError } from '../shared/redis.ts'
import { explainStore, openArchive, type OpenArchive } from './open-archive.ts'
import { OperationError } from './operation-error.ts'
import { spoolsOf } from './trail-places.ts'

export interface OpenSources {
  readonly sources: readonly TrailSource[]
  /** Sentences about places that could not be asked: what only they have is not in the answer. */
  readonly missing: readonly string[]
  close (): void
}

/** Throws an OperationError when there is nothing to be asked. */
export async function openSources (config: GatewayConfig, { clock }: { readonly clock: Clock }): Promise<OpenSources> {
  const { gateway, audit } = config
  const sources: TrailSource[] = []
  const spools = spoolsOf(gateway.dataDirectory)
  for (const { directory, name } of spools) {
    const isThere = await hasSpool(directory).catch((error: unknown) => {
      throw new OperationError(`The trail in ${directory} cannot be read by this account: run this as the account of the gateway.`, { cause: error })
    })
    if (isThere) sources.push(createSpoolSource({ directory, key: audit.key, name }))
  }
  const missing: string[] = []
  let redis: RedisTrail | undefined
  if (audit.redis !== undefined) {
    try {
      redis = await openRedisTrail({ redis: audit.redis, gateway: gateway.name, key: audit.key, clock })
      sources.push(...await createRedisSources(redis))
    } catch (error) {
      if (!(error instanceof AuditSetupError) && !(error instanceof RedisError)) throw error
      missing.push(error instanceof AuditSetupError ? error.message : `Redis cannot be read (${error.code}): grant its user +@read on ~audit:*.`)
    }
  }
  let archive: OpenArchive | undefined
  try {
    archive = await openArchive(config)
    if (archive !== undefined) sources.push(...await createArchiveSources(archive, archive.index))
  } catch (error) {
    const explained = explainStore(error)
    if (!(explained instanceof OperationError)) throw error
    missing.push(explained.message)
  }
  const close = () => { redis?.close(); archive?.index.close() }
  if (sources.length > 0) return { sources, missing, close }
  close()
  throw new OperationError(`There is no trail in ${spools[0]?.directory}${missing.length === 0 ? '' : `, and ${missing.join(' ')}`}: start the gateway once, and run this as its account.`)
}
