// A closed trail of a few epochs with its checkpoints, and its verification: what attacks on a trail are tried on.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuditTrail, deriveAuditKeys, openRedisTrail, readCheckpoints, readSpool, verifyTrail, type VerifyReport, type VerifySource } from '../../src/audit/audit.ts'
import type { AuditConfig } from '../../src/audit/config.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import type { SecretValue } from '../../src/shared/schema.ts'
import { admitted, completed, createConfig, createTestLog, gateway } from './audit.ts'

type Test = { teardown: (action: () => unknown) => void }

export interface VerifiedTrail {
  /** Has `audit/` and `checkpoints/`. */
  readonly root: string
  readonly config: AuditConfig
}

export interface WriteOptions {
  readonly epochs?: number
  /** Exchanges an epoch. */
  readonly exchanges?: number
  readonly config?: Partial<AuditConfig>
  readonly root?: string
}

export const spoolOf = (root: string) => join(root, 'audit')
export const checkpointsOf = (root: string) => join(root, 'checkpoints')

export function createRoot (t: Test): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-verify-'))
  t.teardown(() => { rmSync(root, { recursive: true, force: true }) })
  return root
}

/** Each epoch begins, records its exchanges in several segments, and is closed. */
export async function writeVerifiedTrail (t: Test, options: WriteOptions = {}): Promise<VerifiedTrail> {
  const root = options.root ?? createRoot(t)
  const config = createConfig({ segmentSize: '2KiB', ...options.config })
  for (let epoch = 0; epoch < (options.epochs ?? 3); epoch += 1) {
    const trail = await openVerifiedTrail({ root, config })
    for (let n = 0; n < (options.exchanges ?? 4); n += 1) {
      await trail.record(admitted(`request-${epoch}-${n}`))
      trail.note(completed(`request-${epoch}-${n}`))
      await trail.flush({ timeoutMs: 5000, ship: false })
    }
    await trail.flush({ timeoutMs: 5000, ship: config.redis !== undefined })
    await trail.close()
  }
  return { root, config }
}

export function openVerifiedTrail ({ root, config }: VerifiedTrail) {
  return createAuditTrail(config, { clock: createSystemClock(), log: createTestLog(), directory: spoolOf(root), checkpointDirectory: checkpointsOf(root), gateway })
}

export interface VerifyAlso {
  readonly redisUrl?: string
  readonly withSpool?: boolean
  readonly withCheckpoints?: boolean
  readonly isDeep?: boolean
  readonly now?: number
  readonly key?: SecretValue
}

/** Verifies what lies in a directory of this form. */
export async function verify (root: string, config: AuditConfig, also: VerifyAlso = {}): Promise<VerifyReport> {
  const key = also.key ?? config.key
  const keys = deriveAuditKeys(key, gateway)
  const sources: VerifySource[] = also.withSpool === false ? [] : [{ name: 'spool', read: hooks => readSpool({ directory: spoolOf(root), key, ...hooks }) }]
  const redis = also.redisUrl === undefined ? undefined : await openRedisTrail({ redis: { url: also.redisUrl }, gateway, key, clock: createSystemClock() })
  if (redis !== undefined) sources.push({ name: 'Redis', hasAll: true, async * read (hooks) { for (const writer of await redis.writers()) yield * redis.read(writer, hooks) } })
  try {
    return await verifyTrail({
      sources,
      checkpoints: also.withCheckpoints === false ? [] : await readCheckpoints(checkpointsOf(root), gateway),
      gateway,
      keys,
      now: also.now ?? Date.now(),
      staleAfterMs: 210_000,
      isDeep: also.isDeep,
    })
  } finally { redis?.close() }
}

/** The records that a reader hands out, as hashes in order: what a verification is about. */
export async function readHashes (root: string, config: AuditConfig): Promise<string> {
  const hashes: string[] = []
  for await (const { record } of readSpool({ directory: spoolOf(root), key: config.key })) if (record !== undefined) hashes.push(`${record.hash}${record.mac}${record.seal}`)
  return hashes.join()
}

export function copyTrail (t: Test, { root }: VerifiedTrail): string {
  const copy = createRoot(t)
  cpSync(root, copy, { recursive: true })
  return copy
}

/** Segment files, oldest first. */
export const segmentsOf = (root: string): readonly string[] => readdirSync(spoolOf(root)).filter(name => name.endsWith('.audit')).sort().map(name => join(spoolOf(root), name))

export function editLines (file: string, edit: (lines: string[]) => readonly string[]): void {
  const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1)
  writeFileSync(file, edit(lines).map(line => `${line}\n`).join(''), 'latin1')
}
