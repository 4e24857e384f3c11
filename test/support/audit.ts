// An audit trail for tests: a spool directory of its own, a key made at run time, and a disk that can be made full, slow, broken and lying.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { createAuditTrail, readRedisTrail, type AuditEvent, type AuditTrail, type AuditTrailDeps, type Disk, type SpoolFile, type TrailEntry } from '../../src/audit/audit.ts'
import type { AuditConfig } from '../../src/audit/config.ts'
import { createDisk } from '../../src/audit/disk.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createLogger, type Logger } from '../../src/shared/log.ts'
import { createRedisClient, type RedisClient } from '../../src/shared/redis.ts'
import type { RedisConfig } from '../../src/shared/redis-config.ts'
import { SecretValue } from '../../src/shared/schema.ts'

export const gateway = 'test-gateway'

export function createKey (): SecretValue {
  return new SecretValue(randomBytes(32).toString('base64'))
}

export function createDirectory (): { readonly directory: string, remove (): void } {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-audit-'))
  return { directory, remove: () => { rmSync(directory, { recursive: true, force: true }) } }
}

export function createConfig (given: Partial<AuditConfig> = {}): AuditConfig {
  return { key: createKey(), durability: 'spool', deadline: '1s', segmentSize: '64MiB', maxSpoolSize: '8GiB', checkpoints: { every: '1m', records: 10000, directories: [], objectStores: [], witnesses: [] }, ...given }
}

/** A log whose lines can be asked for. */
export function createTestLog (): Logger & { readonly lines: Array<Record<string, unknown>> } {
  const lines: Array<Record<string, unknown>> = []
  const logger = createLogger({ level: 'info', name: gateway, destination: { write: text => { lines.push(JSON.parse(text) as Record<string, unknown>) } } })
  return { ...logger, lines }
}

export interface TestTrail {
  readonly trail: AuditTrail
  readonly directory: string
  readonly key: SecretValue
  readonly config: AuditConfig
  readonly log: ReturnType<typeof createTestLog>
}

/** Opens a trail. Closes it and removes the directory at the end of the test. */
export async function openTrail (
  t: { teardown: (action: () => unknown) => void },
  options: { readonly config?: Partial<AuditConfig>, readonly deps?: Partial<AuditTrailDeps>, readonly directory?: string } = {},
): Promise<TestTrail> {
  const config = createConfig(options.config)
  const place = options.directory === undefined ? createDirectory() : { directory: options.directory, remove: () => undefined }
  const log = createTestLog()
  const alive = setInterval(() => undefined, 1000) // the clock's own timers do not keep a process alive
  t.teardown(() => { clearInterval(alive); place.remove() })
  const trail = await createAuditTrail(config, { clock: createSystemClock(), log, directory: place.directory, gateway, ...options.deps })
  t.teardown(() => trail.close())
  return { trail, directory: place.directory, key: config.key, config, log }
}

export function admitted (id: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    kind: 'request.admitted',
    time: Date.now(),
    id,
    who: { id: 'clinician@people.example', name: 'Example Clinician', roles: ['clinician'], session: 'session-of-clinician' },
    from: { address: '203.0.113.7' },
    what: { kind: 'read', method: 'GET', route: 'GET /patients/*', path: '/patients/4711', record: { type: 'patient', id: '4711', patient: '4711' } },
    decision: { rule: 'access.roles.clinician.allow[0]' },
    ...more,
  }
}

export function completed (id: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return { kind: 'request.completed', time: Date.now(), id, outcome: { status: 200, bytesIn: 0, bytesOut: 1024, durationMs: 12.5 }, ...more }
}

/** What a test makes of the real disk's calls: throw, wait, or nothing. `path` is the file's. */
export interface Faults {
  append?: (path: string, data: Uint8Array, write: (data: Uint8Array) => Promise<void>) => Promise<void>
  /** After the bytes are written and before the disk confirms them. */
  sync?: (path: string) => Promise<void>
  create?: (path: string) => Promise<void>
}

/** The real disk with faults that can be put in and taken out while it is used. Counts what is under way. */
export function createFaultyDisk (): Disk & { faults: Faults, readonly seen: { appends: number, mostAtOnce: number } } {
  const real = createDisk()
  const seen = { appends: 0, mostAtOnce: 0 }
  let underWay = 0
  const counted = async (work: () => Promise<void>) => {
    underWay += 1
    seen.mostAtOnce = Math.max(seen.mostAtOnce, underWay)
    try { await work() } finally { underWay -= 1 }
  }
  const disk = {
    ...real,
    faults: {} as Faults,
    seen,
    async create (path: string): Promise<SpoolFile> {
      await disk.faults.create?.(path)
      const file = await real.create(path)
      return {
        ...file,
        append: data => counted(async () => {
          seen.appends += 1
          if (disk.faults.append === undefined) await file.append(data)
          else await disk.faults.append(path, data, file.append)
          await disk.faults.sync?.(path)
        }),
      }
    },
  }
  return disk
}

/** An error as the system gives it. */
export function systemError (code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** Waits until something holds, looking again at every turn of the event loop. */
export async function until (holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!await holds()) {
    if (Date.now() > end) throw new Error('it did not come to hold in time')
    await new Promise(resolve => { setImmediate(resolve) })
  }
}

/** A Redis: its address when nothing else is to be said. */
export type RedisPlace = string | RedisConfig

const configOf = (redis: RedisPlace): RedisConfig => typeof redis === 'string' ? { url: redis } : redis

/** Every entry of the trail in a Redis. */
export async function readRedis (redis: RedisPlace, key: SecretValue, name = gateway): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = []
  for await (const entry of readRedisTrail({ redis: configOf(redis), gateway: name, key, clock: createSystemClock() })) entries.push(entry)
  return entries
}

/** An entry of a stream: its id, and names and values in turn. */
export type Entry = [id: string, fields: Buffer[]]

export async function readStream (client: RedisClient, stream: string, to = '+'): Promise<Entry[]> {
  return (await client.callBuffer('XRANGE', stream, '-', to) as Array<[Buffer, Buffer[]]>).map(([id, fields]) => [id.toString(), fields])
}

/** Puts these in the place of what the stream had. */
export async function writeStream (client: RedisClient, stream: string, entries: readonly Entry[]): Promise<void> {
  await client.call('DEL', stream)
  for (const [id, fields] of entries) await client.call('XADD', stream, id, ...fields)
}

/** A client of a test's own. */
export function openClient (t: { teardown: (action: () => unknown) => void }, redis: RedisPlace): RedisClient {
  const client = createRedisClient(configOf(redis), { commandTimeoutMs: 5000 })
  t.teardown(() => { client.close() })
  return client
}

/** A client that is connected. */
export async function connectClient (t: { teardown: (action: () => unknown) => void }, redis: RedisPlace): Promise<RedisClient> {
  const client = openClient(t, redis)
  await new Promise<void>(resolve => { client.onReady(resolve) })
  return client
}

/** The names of the streams of the trail. */
export async function listStreams (client: RedisClient): Promise<string[]> {
  return (await client.call('KEYS', 'audit:*') as string[]).filter(name => !name.endsWith(':streams')).sort()
}
