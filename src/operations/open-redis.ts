// Redis for operations that change what lies there, which the gateway's own user may not: run them with a configuration that names another one.
import { AuditSetupError, openRedisTrail, type RedisTrail } from '../audit/audit.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../shared/clock.ts'
import { createRedisClient, RedisError, type RedisClient } from '../shared/redis.ts'
import { explainStore } from './open-archive.ts'
import { OperationError } from './operation-error.ts'

export interface OpenRedis {
  readonly client: RedisClient
  readonly trail: RedisTrail
  close (): void
}

const commandTimeoutMs = 10_000

/** Undefined when none is configured. Throws an AuditSetupError when it does not answer. */
export async function openRedisToChange ({ gateway, audit }: GatewayConfig, { clock }: { readonly clock: Clock }): Promise<OpenRedis | undefined> {
  if (audit.redis === undefined) return undefined
  const trail = await openRedisTrail({ redis: audit.redis, gateway: gateway.name, key: audit.key, clock })
  const client = createRedisClient(audit.redis, { commandTimeoutMs })
  const close = () => { client.close(); trail.close() }
  const { promise, resolve } = Promise.withResolvers<void>()
  client.onReady(resolve)
  const timer = clock.after(commandTimeoutMs, resolve)
  await promise
  timer.cancel()
  return { client, trail, close }
}

/** The errors of Redis and of stores as an operation's. */
export function explainRedis (error: unknown): unknown {
  if (error instanceof AuditSetupError) return new OperationError(error.message, { cause: error })
  if (!(error instanceof RedisError)) return explainStore(error)
  if (error.code === 'TAKEN') return new OperationError('Redis: another shredding of the same stream began meanwhile, and this one stopped. Run it again when that one has ended.', { cause: error })
  const what = error.code === 'NOPERM' ? 'its user may not remove anything: run this with a configuration whose audit.redis names the role that archives' : `it stopped answering (${error.code})`
  return new OperationError(`Redis: ${what}. What was done so far is done; run it again.`, { cause: error })
}
