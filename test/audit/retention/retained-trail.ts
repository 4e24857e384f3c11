// A trail with its archive, and everything that may be removed from it.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  archiveSpool, createArchiveWitness, createDirectoryStore, deriveArchiveKeys, deriveAuditKeys, openArchiveIndex, pruneSpool, readArchive, readArchiveBeginnings, readBeginnings,
  readBeginningsFile,
  readCheckpoints, readSpool, verifyTrail, type ArchiveAccess, type ArchiveIndex, type RedisTrail, type TrailEntry, type VerifyReport, type VerifySource,
} from '../../../src/audit/audit.ts'
import { gateway } from '../../support/audit.ts'
import { checkpointsOf, createRoot, spoolOf, writeVerifiedTrail, type VerifiedTrail, type WriteOptions } from '../../support/verified-trail.ts'

type Test = { teardown: (action: () => unknown) => void }
type Access = ArchiveAccess & { readonly index: ArchiveIndex }
export type Retained = Awaited<ReturnType<typeof createRetainedTrail>>

export const later = () => Date.now() + 60_000

/** Three closed epochs of ten records, in segments of four in the archive. */
export async function createRetainedTrail (t: Test, options: WriteOptions = {}) {
  const trail = await writeVerifiedTrail(t, options)
  const index = await openArchiveIndex(join(createRoot(t), 'index'))
  t.teardown(() => { index.close() })
  const archiveRoot = join(createRoot(t), 'archive')
  const keys = deriveArchiveKeys(randomBytes(32).toString('base64'))
  const access = { store: createDirectoryStore(archiveRoot), gateway, keys, auditKeys: deriveAuditKeys(trail.config.key, gateway), index }
  return { trail, access, archiveRoot, archive: () => archiveInto(trail.root, access, trail) }
}

export async function archiveInto (root: string, access: Access, trail: VerifiedTrail) {
  return await archiveSpool({ ...access, directory: spoolOf(root), auditKey: trail.config.key, segmentRecords: 4 })
}

type PruneOptions = Partial<Parameters<typeof pruneSpool>[0]>

export async function prune ({ trail, access }: Pick<Retained, 'trail' | 'access'>, options: PruneOptions & { readonly root?: string } = {}) {
  const { root = trail.root, ...more } = options
  return await pruneSpool({
    directory: spoolOf(root),
    gateway,
    auditKey: trail.config.key,
    keys: access.auditKeys,
    witness: createArchiveWitness(access),
    before: later(),
    isCarried: async () => true,
    ...more,
  })
}

export async function collect (entries: AsyncIterable<TrailEntry>): Promise<TrailEntry[]> {
  const all: TrailEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

export const readRoot = ({ trail }: Pick<Retained, 'trail'>, root = trail.root) => collect(readSpool({ directory: spoolOf(root), key: trail.config.key }))

export function problemsOf (entries: readonly TrailEntry[]): readonly string[] {
  return entries.flatMap(({ problems }) => problems)
}

export interface VerifyPlaces { readonly root?: string, readonly isPart?: boolean, readonly without?: 'spool' | 'archive', readonly redis?: RedisTrail }

/** Verifies spool and archive, as the command does. */
export async function verifyPlaces ({ trail, access }: Pick<Retained, 'trail' | 'access'>, { root = trail.root, isPart, without, redis }: VerifyPlaces = {}): Promise<VerifyReport> {
  const own = { gateway, keys: access.auditKeys }
  const sources: VerifySource[] = []
  if (without !== 'spool') {
    const directory = spoolOf(root)
    sources.push({
      name: 'spool',
      read: hooks => readSpool({ directory, key: trail.config.key, ...hooks }),
      beginnings: async () => readBeginnings(await readBeginningsFile(directory), { ...own, kind: 'spool' }),
    })
  }
  if (without !== 'archive') sources.push({ name: 'archive', isFollower: true, read: hooks => readArchive(access, hooks), beginnings: () => readArchiveBeginnings(access) })
  if (redis !== undefined) {
    sources.push({
      name: 'Redis',
      hasAll: true,
      beginnings: () => redis.beginnings(),
      async * read (hooks) { for (const writer of await redis.writers()) yield * redis.read(writer, hooks) },
    })
  }
  return await verifyTrail({ ...own, sources, isPart, checkpoints: await readCheckpoints(checkpointsOf(root), gateway), now: Date.now(), staleAfterMs: 60_000, isDeep: true })
}
