// Verifies the trail in all its places and against the checkpoints. It is on record that somebody did, and what came of it.
import { readFile } from 'node:fs/promises'
import {
  AuditSetupError, createCheckpointSigner, deriveAuditKeys, hasSpool, listArchive, listHolds, openRedisTrail, readArchive, readArchiveBeginnings, readBeginnings,
  readBeginningsFile, readCheckpoints, readSpool, readStoredCheckpoints, verifyTrail, type FoundCheckpoint, type Hold, type VerifyReport, type VerifySource,
} from '../audit/audit.ts'
import { loadConfigToAsk, type GatewayConfig } from '../config/config.ts'
import { createSystemClock, type Clock } from '../shared/clock.ts'
import { RedisError } from '../shared/redis.ts'
import { S3Error } from '../shared/s3.ts'
import type { S3Config } from '../shared/s3-config.ts'
import { durationMs, SecretValue } from '../shared/schema.ts'
import { createDeps, describeQuestion } from './ask-trail.ts'
import { explainStore, openArchive } from './open-archive.ts'
import { OperationError } from './operation-error.ts'
import { recordStep } from './record-operation.ts'
import { checkpointsOf, spoolsOf } from './trail-places.ts'

export type { DamageClass, Verdict, VerifyFinding, VerifyReport } from '../audit/audit.ts'

export interface VerifyRequest {
  readonly configFile: string
  readonly reason: string
  readonly isDeep: boolean
  /** A directory with a copy of a spool, instead of the places of the configuration. */
  readonly spool?: string | undefined
  /** Directories with further checkpoints: from a witness, from another replica. */
  readonly moreCheckpoints: readonly string[]
  readonly onProgress?: ((share: number) => void) | undefined
}

export type VerifyTold = VerifyReport & {
  readonly places: readonly string[]
  readonly checkpoints: number
  /** PEM of the keys that prove checkpoints, newest first. */
  readonly publicKeys: readonly string[]
}

const onlyOwn = 'All checkpoints are from this machine: an older copy of spool and checkpoints together would look the same. Keep them elsewhere as well (audit.checkpoints), and give them here.'

/** Three missed checkpoints, and a while for a slow witness. */
const missedCheckpoints = 3
const graceMs = 30_000

/** Throws a ConfigurationError, or an OperationError when there is nothing to verify or it cannot be recorded. */
export async function verifyWholeTrail (request: VerifyRequest): Promise<VerifyTold> {
  const { config } = await loadConfigToAsk(request.configFile)
  const { audit, gateway } = config
  const deps = createDeps(config)
  const operation = describeQuestion({ name: 'audit.verify', query: {}, reason: request.reason })
  const keys = deriveAuditKeys(audit.key, gateway.name)
  await recordStep(config, { ...operation, step: 'asked' }, deps)
  const closers: Array<() => void> = []
  try {
    const { sources, holds, lost = [] } = await openPlaces(config, { clock: deps.clock, spool: request.spool, closers })
    const checkpoints = await collectCheckpoints(config, request.moreCheckpoints)
    const report = await verifyTrail({
      sources,
      checkpoints,
      holds,
      isPart: request.spool !== undefined,
      gateway: gateway.name,
      keys,
      now: deps.clock.now(),
      staleAfterMs: missedCheckpoints * durationMs(audit.checkpoints.every) + graceMs,
      isDeep: request.isDeep,
      onProgress: request.onProgress,
    })
    await recordStep(config, { ...operation, step: 'done', more: { verdict: report.verdict, findings: report.found, records: report.records } }, deps)
    const publicKeys = keys.all.map(key => createCheckpointSigner(key.checkpointSeed, gateway.name).publicKey)
    const { directories, objectStores } = audit.checkpoints
    const isOnlyOwn = directories.length + objectStores.length + request.moreCheckpoints.length === 0
    const remarks = [...report.remarks, ...lost, ...isOnlyOwn ? [onlyOwn] : []]
    return { ...report, remarks, places: sources.map(source => source.name), checkpoints: checkpoints.length, publicKeys }
  } catch (error) {
    await recordStep(config, { ...operation, step: 'failed' }, deps)
    throw explain(error)
  } finally { for (const close of closers) close() }
}

interface Opening {
  readonly clock: Clock
  readonly spool: string | undefined
  /** What is opened is entered here at once, so that it is closed whatever happens next. */
  readonly closers: Array<() => void>
}

interface OpenPlaces {
  readonly sources: readonly VerifySource[]
  /** Those that stand in the archive, where there is one. */
  readonly holds?: readonly Hold[] | undefined
  /** Sentences about what the archive had once and does not have. */
  readonly lost?: readonly string[]
}

async function openPlaces (config: GatewayConfig, { clock, spool, closers }: Opening): Promise<OpenPlaces> {
  const { gateway, audit } = config
  const sources: VerifySource[] = []
  const own = { gateway: gateway.name, keys: deriveAuditKeys(audit.key, gateway.name) }
  for (const { directory, name } of spool === undefined ? spoolsOf(gateway.dataDirectory) : [{ directory: spool, name: spool }]) {
    if (await hasSpool(directory).catch(refuseUnreadable(directory))) sources.push({ name, read: hooks => readSpool({ directory, key: audit.key, ...hooks }), beginnings: async () => readBeginnings(await readBeginningsFile(directory), { ...own, kind: 'spool' }) })
    else if (spool !== undefined) throw new OperationError(`There is no spool in ${directory}: name the directory that holds the files ending in .audit.`)
  }
  if (spool !== undefined) return { sources }
  const archive = await openArchive(config)
  if (archive !== undefined) {
    closers.push(() => { archive.index.close() })
    sources.push({ name: 'the archive', isFollower: true, read: hooks => readArchive(archive, hooks), beginnings: () => readArchiveBeginnings(archive) })
  }
  const holds = archive === undefined ? undefined : await listHolds(archive)
  const lost = archive === undefined ? [] : describeLost(archive.index.known(), await listArchive(archive))
  if (audit.redis === undefined) return { sources, holds, lost }
  const redis = await openRedisTrail({ redis: audit.redis, gateway: gateway.name, key: audit.key, clock })
  closers.push(() => { redis.close() })
  sources.push({
    name: 'Redis',
    hasAll: true,
    beginnings: () => redis.beginnings(),
    async * read (hooks) { for (const writer of await redis.writers()) yield * redis.read(writer, hooks) },
  })
  return { sources, holds, lost }
}

/** An end that the archive lost is no finding while another place has it; but somebody should know. */
function describeLost (known: ReadonlyMap<string, number>, there: readonly string[]): readonly string[] {
  const names = new Set(there)
  const lost = [...known.keys()].filter(name => !names.has(name)).sort()
  if (lost.length === 0) return []
  return [`the archive: ${lost.length === 1 ? '1 segment' : `${lost.length} segments`} that this machine's index knows ${lost.length === 1 ? 'is' : 'are'} not there (${lost[0]}). ` +
    'Unless audit prune ran on another machine, somebody removed them: sallyport audit archive puts back what the spool still has.']
}

const refuseUnreadable = (directory: string) => (error: unknown): never => {
  throw new OperationError(`${directory} cannot be read by this account: run this as the account of the gateway.`, { cause: error })
}

async function collectCheckpoints ({ gateway, audit }: GatewayConfig, more: readonly string[]): Promise<readonly FoundCheckpoint[]> {
  const own = [checkpointsOf(gateway.dataDirectory), ...audit.checkpoints.directories, ...more]
  const found: FoundCheckpoint[] = []
  for (const store of audit.checkpoints.objectStores) found.push(...await readStored(store, gateway.name))
  for (const directory of own) found.push(...await readCheckpoints(directory, gateway.name).catch(refuseUnreadable(directory)))
  return found
}

async function readStored (store: S3Config, gateway: string): Promise<readonly FoundCheckpoint[]> {
  const text = await readFile(store.secretAccessKeyFile, 'utf8').catch(refuseUnreadable(store.secretAccessKeyFile))
  return await readStoredCheckpoints(store, { gateway, clock: createSystemClock(), secretAccessKey: new SecretValue(text) }).catch((error: unknown) => {
    const code = error instanceof S3Error ? ` (${error.code})` : ''
    throw new OperationError(`The checkpoints in the bucket ${store.bucket} cannot be read${code}: check audit.checkpoints.objectStores and the network.`, { cause: error })
  })
}

function explain (error: unknown): unknown {
  if (error instanceof AuditSetupError) return new OperationError(error.message, { cause: error })
  if (error instanceof RedisError) return new OperationError(`Redis stopped answering (${error.code}), so nothing can be said about what it holds. Verify again when it does.`, { cause: error })
  return explainStore(error)
}
