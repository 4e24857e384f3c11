// Whether a Redis may hold the trail: asked before anything is recorded, and again where "on record" means Redis and another server may answer. What is weaker than
// `audit.durability` says is refused, with the sentence that says what to set.
import type { Clock } from '../shared/clock.ts'
import { RedisError, type RedisClient } from '../shared/redis.ts'
import { AuditSetupError } from './setup-error.ts'

export interface ProbeOptions {
  readonly client: RedisClient
  readonly clock: Clock
  readonly durability: 'spool' | 'redis' | 'dual'
  readonly timeoutMs: number
}

/** What was found: sentences for the log about what could not be made sure of. Throws an AuditSetupError. */
export async function probeRedis (options: ProbeOptions): Promise<readonly string[]> {
  const { client, durability } = options
  const isNeeded = durability !== 'spool'
  if (!await becomesReady(options)) {
    const why = client.lastError() ?? 'no answer'
    if (isNeeded) throw unreachable(why)
    return [`Redis does not answer (${why}). Records are kept in the spool and carried over when it does.`]
  }
  try {
    const { wrong, unknown } = await examineRedis(client, durability)
    if (wrong !== undefined) throw new AuditSetupError('audit.redisUnsuitable', wrong)
    return unknown
  } catch (error) {
    if (!(error instanceof RedisError)) throw error
    if (isNeeded) throw unreachable(error.code)
    return [`Redis did not answer the start-up questions (${error.code}). Records are kept in the spool and carried over when it does.`]
  }
}

/** What is wrong with any server that takes writes, and what cannot be known. Throws a RedisError when one does not answer. */
export async function examineRedis (client: Pick<RedisClient, 'callEach'>, durability: ProbeOptions['durability']): Promise<{ readonly wrong: string | undefined, readonly unknown: readonly string[] }> {
  const isNeeded = durability !== 'spool'
  const servers = await readFacts(client)
  return {
    wrong: servers.map(facts => explainUnsuitable(facts, isNeeded)).find(sentence => sentence !== undefined),
    unknown: [...new Set(servers.flatMap(facts => explainUnknown(facts, isNeeded)))],
  }
}

function unreachable (why: string): AuditSetupError {
  return new AuditSetupError('audit.redisUnreachable', `audit.redis does not answer (${why}) and audit.durability needs it. Start it, correct audit.redis, or set audit.durability to spool.`)
}

/** Whether it can be spoken to in time. */
export async function becomesReady ({ client, clock, timeoutMs }: Pick<ProbeOptions, 'client' | 'clock' | 'timeoutMs'>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = clock.after(timeoutMs, () => { resolve(false) })
  client.onReady(() => { resolve(true) })
  try { return await promise } finally { timer.cancel() }
}

interface RedisFacts {
  /** INFO's `name:value` lines; undefined when INFO is not permitted. */
  readonly info: ReadonlyMap<string, string> | undefined
  /** Settings; undefined when CONFIG GET is not permitted. */
  readonly settings: ReadonlyMap<string, string> | undefined
}

const settingNames = ['maxmemory-policy', 'appendonly', 'appendfsync', 'no-appendfsync-on-rewrite'] as const

/** Of every server that takes writes: one that is weaker than the others decides. */
async function readFacts (client: Pick<RedisClient, 'callEach'>): Promise<readonly RedisFacts[]> {
  const infos = await permitted(client.callEach('INFO')) ?? [undefined]
  const settings = infos.map(() => new Map<string, string>())
  for (const name of settingNames) {
    const answers = await permitted(client.callEach('CONFIG', 'GET', name))
    if (answers === undefined || !answers.every(Array.isArray)) return infos.map(info => ({ info: parseInfo(info), settings: undefined }))
    for (const [at, answer] of answers.entries()) if (Array.isArray(answer) && answer.length === 2) settings[at]?.set(String(answer[0]), String(answer[1]))
  }
  return infos.map((info, at) => ({ info: parseInfo(info), settings: settings[at] }))
}

/** The answers, or undefined when a server forbids or does not know the command. */
async function permitted (answer: Promise<readonly unknown[]>): Promise<readonly unknown[] | undefined> {
  try { return await answer } catch (error) {
    if (error instanceof RedisError && (error.code === 'NOPERM' || error.code === 'ERR')) return undefined
    throw error
  }
}

function parseInfo (text: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof text !== 'string') return undefined
  return new Map(text.split('\r\n').filter(line => line.includes(':')).map(line => {
    const at = line.indexOf(':')
    return [line.slice(0, at), line.slice(at + 1)]
  }))
}

function explainUnsuitable ({ info, settings }: RedisFacts, isNeeded: boolean): string | undefined {
  const version = info?.get('redis_version')
  if (version !== undefined && Number.parseInt(version) < 7) return `audit.redis is version ${version}; the trail needs Redis 7.0 or newer, or Valkey.`
  const policy = settings?.get('maxmemory-policy') ?? info?.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
    return `audit.redis may throw records away when its memory is full (maxmemory-policy ${policy}). Set it: CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.`
  }
  if (!isNeeded) return undefined
  if (settings === undefined) {
    return 'audit.redis does not tell how durable it is: its ACL forbids CONFIG GET (or the service hides it), and audit.durability needs to know. Grant the user +config|get, or set audit.durability to spool.'
  }
  if (settings.get('appendonly') !== 'yes') return 'audit.redis keeps nothing on disk (appendonly no), and audit.durability needs it. Set: appendonly yes, appendfsync always; or set audit.durability to spool.'
  const fsync = settings.get('appendfsync')
  if (fsync !== 'always') return `audit.redis answers before its disk has the record (appendfsync ${fsync}), and audit.durability needs it. Set: appendfsync always; or set audit.durability to spool.`
  if (settings.get('no-appendfsync-on-rewrite') !== 'no') return 'audit.redis does not wait for its disk while it rewrites its file (no-appendfsync-on-rewrite yes), and audit.durability needs it. Set: no-appendfsync-on-rewrite no.'
  return undefined
}

function explainUnknown ({ info, settings }: RedisFacts, isNeeded: boolean): string[] {
  const unknown: string[] = []
  if (info === undefined) unknown.push('The version of audit.redis is not known: its ACL forbids INFO. Grant the user +info.')
  if (settings === undefined && info?.get('maxmemory_policy') === undefined) {
    unknown.push('Whether audit.redis throws records away when its memory is full is not known: its ACL forbids CONFIG GET and INFO. Grant the user +config|get.')
  }
  const isKept = settings?.get('appendonly') ?? (info?.get('aof_enabled') === '1' ? 'yes' : 'no')
  if (!isNeeded && isKept !== 'yes') unknown.push('audit.redis keeps nothing on disk (appendonly no). The spool holds every record; other readers may miss some after a restart of Redis.')
  return unknown
}
