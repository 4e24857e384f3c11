// Records what an administrator did from the command line. The gateway is the one writer of its spool, so operations have a spool of their own
// beside it, sealed with the same key; it is shipped to Redis like the gateway's when there is one.
import { userInfo } from 'node:os'
import { AuditSetupError, createAuditTrail, type AuditEvent, type AuditTrail } from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { Failure } from '../shared/errors.ts'
import { createRequestId } from '../shared/ids.ts'
import type { Logger } from '../shared/log.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { checkpointsOf, operationsSpool } from './trail-places.ts'

type Facts = Readonly<Record<string, string | number | boolean>>

export interface Operation {
  /** `sessions.revoke` */
  readonly name: string
  /** What it is about; no PHI. */
  readonly facts: Facts
  /** The patient or record that it is about: sealed, and found by its token. */
  readonly about?: NonNullable<AuditEvent['what']> | undefined
  /** Does it, once it is on record that it was asked for. Returns further facts about how it went. */
  run(): Promise<Facts>
}

const shipTimeoutMs = 2000

export function readAccount (): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // an account without a name, as in some containers
  }
}

/** With Redis when it answers. When it does not, the spool keeps the record, and the next operation ships it. */
async function openTrail ({ gateway, audit }: GatewayConfig, deps: { readonly clock: Clock, readonly log: Logger }): Promise<AuditTrail> {
  // An operation that cannot be recorded is never an emergency.
  const { redis, emergency: _emergency, ...local } = audit
  const place = { ...deps, directory: operationsSpool(gateway.dataDirectory), checkpointDirectory: checkpointsOf(gateway.dataDirectory), gateway: gateway.name, facts: { part: 'command line' } }
  const refuse = (error: unknown): never => {
    const why = error instanceof AuditSetupError ? error.message : `${place.directory} cannot be written${describeCode(error)}: check that this account may write there.`
    throw new OperationError(`Nothing was done, because it could not be recorded. ${why}`, { cause: error })
  }
  if (redis === undefined) return await createAuditTrail({ ...local, durability: 'spool' }, place).catch(refuse)
  return await createAuditTrail({ ...local, redis, durability: 'spool' }, place).catch(async (error: unknown) => {
    const isRedisAway = error instanceof AuditSetupError && error.code === 'audit.redisUnreachable'
    return isRedisAway ? await createAuditTrail({ ...local, durability: 'spool' }, place).catch(refuse) : refuse(error)
  })
}

type Deps = { readonly clock: Clock, readonly log: Logger }

function describeOperation ({ name, facts, about }: Omit<Operation, 'run'>, step: string, options: { readonly id: string, readonly clock: Clock, readonly more: Facts }): AuditEvent {
  return {
    kind: 'operation.run',
    time: options.clock.now(),
    id: options.id,
    who: { id: readAccount(), roles: ['administrator'] },
    ...(about === undefined ? {} : { what: about }),
    facts: { operation: name, step, ...facts, ...options.more },
  }
}

/** On record before it is done, and again with what came of it. Throws an OperationError when nothing can record: then nothing is done. */
export async function runRecorded (config: GatewayConfig, operation: Operation, deps: Deps): Promise<Facts> {
  return await runWith(await openTrail(config, deps), { config, operation, deps })
}

/** The same for what two people could decide at once: waits a little until the one before is done, and no other operation is recorded meanwhile. */
export async function runAlone (config: GatewayConfig, operation: Operation, deps: Deps): Promise<Facts> {
  return await runWith(await openPatiently(config, deps), { config, operation, deps })
}

async function runWith (trail: AuditTrail, { config, operation, deps }: { readonly config: GatewayConfig, readonly operation: Operation, readonly deps: Deps }): Promise<Facts> {
  const { clock } = deps
  const id = createRequestId()
  const event = (step: string, more: Facts): AuditEvent => describeOperation(operation, step, { id, clock, more })
  let state = 'was not done'
  try {
    await trail.record(event('asked', {}))
    state = 'may be done in part'
    const facts = await operation.run().catch(async (error: unknown) => {
      await trail.record(event('failed', {}))
      throw error
    })
    state = 'is done, but that is not on record'
    await trail.record(event('done', facts))
    return facts
  } catch (error) {
    // It says itself what is wrong.
    if (error instanceof OperationError) throw error
    const why = error instanceof Failure ? error.reason.operatorText : `something broke${describeCode(error)}.`
    throw new OperationError(`${operation.name} ${state}: ${why}`, { cause: error })
  } finally {
    await trail.flush({ timeoutMs: shipTimeoutMs, ship: config.audit.redis !== undefined })
    await trail.close()
  }
}

const lockRetryMs = 100
const lockRetries = 50

/**
 * One step of an operation that takes long and must not keep others from recording theirs: the spool is taken for that moment only. Waits a little for another
 * operation to end. Throws an OperationError when it cannot be recorded.
 */
export async function recordStep (config: GatewayConfig, operation: Omit<Operation, 'run'> & { readonly id: string, readonly step: string, readonly more?: Facts }, deps: Deps): Promise<void> {
  const trail = await openPatiently(config, deps)
  try {
    await trail.record(describeOperation(operation, operation.step, { id: operation.id, clock: deps.clock, more: operation.more ?? {} }))
  } catch (error) {
    const why = error instanceof Failure ? error.reason.operatorText : `something broke${describeCode(error)}.`
    throw new OperationError(`${operation.name} (${operation.step}) is not on record: ${why}`, { cause: error })
  } finally {
    await trail.flush({ timeoutMs: shipTimeoutMs, ship: config.audit.redis !== undefined })
    await trail.close()
  }
}

interface Steps<T extends Facts> extends Deps {
  readonly run: () => Promise<T>
  /** What is recorded when it breaks off: how far it came. */
  readonly soFar?: () => Facts
}

/** `run` between two such steps; what it returns is recorded about how it went. Throws an OperationError. */
export async function runInSteps<T extends Facts> (config: GatewayConfig, operation: Omit<Operation, 'run'>, { run, soFar, ...deps }: Steps<T>): Promise<T> {
  const recorded = { id: createRequestId(), ...operation }
  await recordStep(config, { ...recorded, step: 'asked' }, deps)
  let more: T
  try { more = await run() } catch (error) {
    await recordStep(config, { ...recorded, step: 'failed', more: soFar?.() ?? {} }, deps)
    throw error
  }
  await recordStep(config, { ...recorded, step: 'done', more }, deps)
  return more
}

async function openPatiently (config: GatewayConfig, deps: Deps): Promise<AuditTrail> {
  for (let left = lockRetries; ; left -= 1) {
    try { return await openTrail(config, deps) } catch (error) {
      const isLocked = error instanceof OperationError && error.cause instanceof AuditSetupError && error.cause.code === 'audit.spoolLocked'
      if (!isLocked || left === 0) throw error
      await new Promise<void>(resolve => { deps.clock.after(lockRetryMs, resolve) })
    }
  }
}
