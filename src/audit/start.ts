// The audit trail: nothing passes that is not on record first. The room's door for a start, which records and asks nothing of what is stored; audit.ts gives out
// the same and the rest.
import { dirname } from 'node:path'
import type { Clock } from '../shared/clock.ts'
import { createRequestId } from '../shared/ids.ts'
import type { Logger } from '../shared/log.ts'
import { createRedisClient, RedisError, type RedisClient } from '../shared/redis.ts'
import { durationMs, sizeBytes } from '../shared/schema.ts'
import type { AuditConfig } from './config.ts'
import { backfillSpool } from './backfill.ts'
import { Checkpointer, type CheckpointerOptions } from './checkpoints/checkpointer.ts'
import { createCheckpointSigner } from './checkpoints/note.ts'
import { createPlaces } from './checkpoints/places.ts'
import { createDisk, describeDiskError, type Disk } from './disk.ts'
import { createEmergencyWatch, findEmergency } from './emergency.ts'
import type { AuditEvent } from './event.ts'
import { deriveAuditKeys, type AuditKeys } from './keys.ts'
import { LiveTrail } from './live-trail.ts'
import { lockSpool, type SpoolLock } from './lock.ts'
import { createOpenExchanges, endingsOf } from './open-exchanges.ts'
import { probeRedis, type RedisDemands } from './probe-redis.ts'
import { recoverSpool, type Recovered, type RecoverOptions } from './recover.ts'
import { createSealer } from './seal.ts'
import { placeText, startOf } from './segment.ts'
import { AuditSetupError } from './setup-error.ts'
import { Shipper } from './ship.ts'
import { Spool } from './spool.ts'
import { tokeniserOf } from './tokens.ts'
import type { AuditTrail } from './trail.ts'

export type { AuditTrail } from './trail.ts'

/** An answer that takes longer is as good as none: the same call is made again. */
const commandTimeoutMs = 1000
/** How long a start waits for Redis. */
const probeTimeoutMs = 3000

export interface AuditTrailDeps {
  readonly clock: Clock
  readonly log: Logger
  /** The spool directory: this gateway's own, on a disk that survives a restart. */
  readonly directory: string
  /** Where checkpoints are kept beside the configured copies. Undefined: there are none. */
  readonly checkpointDirectory?: string | undefined
  /** Name of the gateway. */
  readonly gateway: string
  /** Expected writer; by default a random one that the directory remembers. */
  readonly writer?: string
  readonly disk?: Disk
  /** Further facts for `gateway.started`: versions, digest of the configuration. */
  readonly facts?: NonNullable<AuditEvent['facts']>
}

/**
 * Opens the trail: takes the directory, begins a new epoch that continues the one before, and ends what a crash left open.
 * Throws an AuditSetupError that names the place and says what to do.
 */
export async function createAuditTrail (config: AuditConfig, deps: AuditTrailDeps): Promise<AuditTrail> {
  const { clock, log, directory, gateway, disk = createDisk() } = deps
  const keys = deriveAuditKeys(config.key, gateway)
  const lock = await takeDirectory(disk, directory)
  let connected: RedisClient | undefined
  try {
    connected = await connectRedis(config, deps)
    const recovered = await recover({ disk, directory, gateway, keys, writer: deps.writer }, connected, { log, isRedisNeeded: config.durability !== 'spool' })
    const { writer } = recovered
    const epoch = Math.max((recovered.epochs.at(-1) ?? 0) + 1, Math.floor(clock.now() / 1000))
    const place = { gateway, writer, epoch }
    const epochKeys = keys.forEpoch(writer, epoch)
    const exchanges = createOpenExchanges(recovered.open)
    const spool = new Spool({
      disk,
      clock,
      directory,
      place,
      keys: epochKeys,
      keyId: keys.of(epoch).id,
      segmentBytes: sizeBytes(config.segmentSize),
      usedBytes: recovered.usedBytes,
      openExchanges: exchanges.list,
      onTrouble (trouble) {
        log.error('audit.spoolTampered', { trouble, directory })
        trail.note({ kind: 'gateway.gap', time: clock.now(), id: createRequestId(), facts: { cause: trouble } })
      },
    })
    const trail = new LiveTrail({
      clock,
      log,
      spool,
      exchanges,
      durability: config.durability,
      deadlineMs: durationMs(config.deadline),
      maxSpoolBytes: sizeBytes(config.maxSpoolSize),
      tokeniser: tokeniserOf(keys, epoch),
      sealer: createSealer(epochKeys, startOf(place), placeText(place)),
      connectShipper: callbacks => connected === undefined
        ? undefined
        : new Shipper({
          ...callbacks, clock, log, directory, place, client: connected, keyIdOf: each => keys.of(each).id, earlierEpochs: recovered.epochs, demands: demandsOf(config, clock),
        }),
      connectCheckpointer: callbacks => connectCheckpointer(config, { ...deps, ...callbacks, place, keys }),
      emergency: config.emergency === undefined ? undefined : createEmergencyWatch(config.emergency, { clock, gateway, keys }),
      release: lock.release,
    })
    await begin(trail, recovered, { ...deps, facts: { ...deps.facts, ...factsOf(config) } })
    noteDeclared(trail, config, { clock, gateway, keys })
    return trail
  } catch (error) {
    connected?.close()
    lock.release()
    throw explainDirectory(error, directory)
  }
}

async function takeDirectory (disk: Disk, directory: string): Promise<SpoolLock> {
  try {
    await disk.makeDirectory(directory)
    await disk.syncDirectory(dirname(directory))
    return lockSpool(directory)
  } catch (error) { throw explainDirectory(error, directory) }
}

/** The system's own error with the place it is about and what to do; any other as it is. */
function explainDirectory (error: unknown, directory: string): unknown {
  const isSystems = error instanceof Error && ('syscall' in error || 'errcode' in error)
  if (!isSystems) return error
  return new AuditSetupError('audit.spoolUnusable', `The audit spool ${directory} cannot be used. ${describeDiskError(error)} Check that this account may write there and that it is a local disk.`, { cause: error })
}

/** A Redis that may hold the trail, or undefined when none is configured. */
async function connectRedis (config: AuditConfig, { clock, log }: AuditTrailDeps): Promise<RedisClient | undefined> {
  if (config.redis === undefined) {
    if (config.durability === 'spool') return undefined
    throw new AuditSetupError('audit.redisUnreachable', `audit.durability is ${config.durability} and there is no audit.redis. Configure it, or set audit.durability to spool.`)
  }
  const client = createRedisClient(config.redis, { commandTimeoutMs })
  try {
    for (const detail of await probeRedis({ client, timeoutMs: probeTimeoutMs, ...demandsOf(config, clock) })) log.warn('audit.redisUnproven', { detail })
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

function factsOf ({ redisAttestation }: AuditConfig): NonNullable<AuditEvent['facts']> {
  return redisAttestation === undefined ? {} : { redisAttestedBy: redisAttestation.by, redisAttestedBecause: redisAttestation.because }
}

/** A declaration that still lies there may be all that is left of an emergency in which the process died. */
function noteDeclared (trail: AuditTrail, { emergency }: AuditConfig, context: Parameters<typeof createEmergencyWatch>[1]): void {
  const { clock } = context
  const declared = emergency === undefined ? undefined : findEmergency(emergency.file, context)
  if (declared === undefined) return
  const { by, reason, since, until } = declared
  trail.note({ kind: 'gateway.gap', time: clock.now(), id: createRequestId(), facts: { cause: 'emergencyDeclared', declaredBy: by, declaredBecause: reason, declaredAt: since, declaredUntil: until } })
}

function demandsOf ({ durability, redisAttestation: attestation }: AuditConfig, clock: Clock): RedisDemands {
  return { clock, durability, attestation }
}

function connectCheckpointer (config: AuditConfig, deps: Pick<AuditTrailDeps, 'clock' | 'log' | 'checkpointDirectory'> & Pick<CheckpointerOptions, 'onChange' | 'place'> & { readonly keys: AuditKeys }): Checkpointer | undefined {
  const { checkpointDirectory, keys, ...rest } = deps
  if (checkpointDirectory === undefined) return undefined
  const { every, records } = config.checkpoints
  const key = keys.of(deps.place.epoch)
  return new Checkpointer({
    ...rest,
    keyId: key.id,
    signer: createCheckpointSigner(key.checkpointSeed, deps.place.gateway),
    places: createPlaces(config.checkpoints, { clock: deps.clock, directory: checkpointDirectory }),
    everyMs: durationMs(every),
    records,
  })
}

/** What lies in the directory, completed by what Redis has of it. */
async function recover (options: RecoverOptions, client: RedisClient | undefined, redis: { readonly log: Logger, readonly isRedisNeeded: boolean }): Promise<Recovered> {
  const { log, isRedisNeeded } = redis
  const recovered = await recoverSpool(options)
  if (client?.isReady() !== true || recovered.damage !== undefined) return recovered
  try {
    const count = await backfillSpool({ ...options, client }, recovered)
    if (count === 0) return recovered
    log.warn('audit.spoolBackfilled', { records: count })
  } catch (error) {
    if (!(error instanceof RedisError)) throw error
    if (isRedisNeeded) throw new AuditSetupError('audit.redisUnsuitable', `audit.redis cannot be read (${error.code}). Grant its user +@read on ~audit:*, or look why it does not answer.`, { cause: error })
    log.warn('audit.redisUnavailable', { detail: `Redis cannot be read (${error.code}).` })
  }
  return recoverSpool(options)
}

/** The first records of an epoch: where it continues from, and an ending for everything that the last process left open. */
async function begin (trail: AuditTrail, recovered: Recovered, { clock, log, directory, facts }: AuditTrailDeps): Promise<void> {
  const { previous, tornBytes, damage, open } = recovered
  const started = trail.record({
    kind: 'gateway.started',
    time: clock.now(),
    id: createRequestId(),
    facts: {
      ...facts,
      ...(previous === undefined ? {} : { previousEpoch: previous.epoch, previousSeq: previous.seq, previousHash: previous.hash }),
      ...(tornBytes === 0 ? {} : { tornBytes }),
    },
  })
  if (damage !== undefined) {
    log.error('audit.spoolDamaged', { problem: damage, epoch: previous?.epoch })
    trail.note({ kind: 'gateway.gap', time: clock.now(), id: createRequestId(), facts: { cause: 'damaged', problem: damage, epoch: previous?.epoch ?? 0 } })
  }
  for (const ending of endingsOf(open, { time: clock.now(), epoch: previous?.epoch ?? 0 })) trail.note(ending)
  try { await started } catch (cause) {
    const { detail } = trail.ready()
    await trail.close()
    throw new AuditSetupError('audit.spoolUnusable', `Nothing can be recorded in ${directory}, so the gateway does not start. ${detail}`, { cause })
  }
}

export type { AuditEvent } from './event.ts'
export { listFurtherWorkers, spoolDirectory } from './spool-place.ts'
export { openFeeds, type Feeds } from './feeds/feeds.ts'
export { openSealedFiles, SealedFileError, type SealedFiles } from './sealed-files.ts'
export { deriveSealingKeys, type SealingKey } from './sealing-keys.ts'
export { AuditSetupError } from './setup-error.ts'
