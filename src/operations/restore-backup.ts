// Sets a backup up in an empty directory and proves it: configuration, keys, the trail's files and the archive, the index made anew, everything verified. It changes
// nothing outside that directory.
import { readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  AuditSetupError, copyObject, createDirectoryStore, deriveArchiveKeys, deriveAuditKeys, hasSpool, openArchiveIndex, openSet, readArchive, readArchiveBeginnings, readBeginnings,
  readBeginningsFile, readCheckpoints, readSpool, rebuildIndex, setShape, verifyTrail, type ArchiveAccess, type ArchiveStore, type BackupSet, type VerifyReport, type VerifySource,
} from '../audit/audit.ts'
import { makeDirectory } from '../shared/make-directory.ts'
import { SecretValue } from '../shared/schema.ts'
import { readBackupKey } from './make-backup.ts'
import { explainStore } from './open-archive.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { spoolsOf } from './trail-places.ts'

export interface RestoreRequest {
  /** The directory of backups. */
  readonly from: string
  /** Name of the set; the latest when none is given. */
  readonly set?: string | undefined
  readonly keyFile: string
  /** A new or empty directory. */
  readonly to: string
}

export interface RestoreTold {
  readonly set: string
  /** When it was made, milliseconds since the epoch. */
  readonly time: number
  readonly files: number
  readonly objects: number
  /** Names of objects that belong to the set and are not in the backup. */
  readonly missing: readonly string[]
  readonly report: VerifyReport
}

/** Throws an OperationError. */
export async function restoreBackup ({ from, set: wanted, keyFile, to }: RestoreRequest): Promise<RestoreTold> {
  const key = await readBackupKey(keyFile)
  const store = createDirectoryStore(resolve(from))
  const directory = resolve(to)
  try {
    const { name, set } = await openBackupSet(store, { key, wanted })
    await requireEmpty(directory)
    await writeFiles(set, directory)
    const copied = await copyObjects(store, { set, directory })
    const { access, auditKey } = openRestored(set, directory)
    const index = await openArchiveIndex(join(directory, 'data', 'archive-index'))
    try { await rebuildIndex(access, index) } finally { index.close() }
    return { set: name, time: set.time, files: set.files.length, ...copied, report: await verifyRestored({ access, auditKey, set, directory }) }
  } catch (error) { throw error instanceof AuditSetupError ? new OperationError(error.message, { cause: error }) : explainStore(error) }
}

/** The end of a set's name, which is when it was made. */
const timeOf = (name: string) => name.slice(name.lastIndexOf('/'))

export interface SetWanted { readonly key: SecretValue, readonly wanted?: string | undefined }

/** The latest set, or the one that is named. Throws an OperationError or a StoreError. */
export async function openBackupSet (store: ArchiveStore, { key, wanted }: SetWanted): Promise<{ readonly name: string, readonly set: BackupSet }> {
  const names = (await store.list('')).filter(name => setShape.test(name)).sort((one, other) => timeOf(one) < timeOf(other) ? -1 : 1)
  const name = wanted === undefined ? names.at(-1) : names.find(each => each === wanted || each.endsWith(`/${wanted}`))
  if (name === undefined) throw new OperationError(wanted === undefined ? `There is no backup in ${store.name}.` : `There is no set ${wanted}. The sets: ${names.join(', ')}.`)
  const bytes = await store.get(name)
  const set = bytes === undefined ? undefined : openSet(bytes, name, key)
  if (set === undefined) throw new OperationError(`The set ${name} cannot be opened: it was made with another backup key, or it was changed.`)
  return { name, set }
}

async function requireEmpty (directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
    if ((await readdir(directory)).length === 0) return
  } catch (error) { throw new OperationError(`${directory} cannot be used${describeCode(error)}: name a directory where this account may write.`, { cause: error }) }
  throw new OperationError(`${directory} holds something already: name a new or empty directory with --to-dir.`)
}

/** Throws an OperationError; names come from a set that was proven. */
export async function writeFiles ({ files }: BackupSet, directory: string): Promise<void> {
  try {
    for (const { name, bytes } of files) {
      const path = join(directory, name)
      await makeDirectory(dirname(path))
      await writeFile(path, bytes, { mode: 0o600, flag: 'wx' })
    }
  } catch (error) { throw new OperationError(`What is restored could not be written to ${directory}${describeCode(error)}: check its disk.`, { cause: error }) }
}

async function copyObjects (store: ArchiveStore, { set, directory }: { readonly set: BackupSet, readonly directory: string }) {
  const target = createDirectoryStore(join(directory, 'archive'))
  const missing: string[] = []
  for (const name of set.objects) {
    const content = await store.get(name)
    if (content === undefined) missing.push(name)
    else await copyObject(name, content, target)
  }
  return { objects: set.objects.length - missing.length, missing }
}

/** The archive in a restored place, with the keys of the set: not with those of a gateway that may be gone. */
export function openRestored (set: BackupSet, directory: string): { readonly access: ArchiveAccess, readonly auditKey: SecretValue } {
  const textOf = (name: string) => set.files.find(file => file.name === `trail-keys/${name}`)?.bytes.toString() ?? ''
  const auditKey = new SecretValue(textOf('audit.key'))
  const store = createDirectoryStore(join(directory, 'archive'))
  return { auditKey, access: { store, gateway: set.gateway, keys: deriveArchiveKeys(textOf('archive.key')), auditKeys: deriveAuditKeys(auditKey, set.gateway) } }
}

type Restored = ReturnType<typeof openRestored> & { readonly set: BackupSet, readonly directory: string }

async function verifyRestored ({ access, auditKey, set, directory }: Restored): Promise<VerifyReport> {
  const own = { gateway: set.gateway, keys: access.auditKeys }
  const sources: VerifySource[] = []
  for (const { directory: spool, name } of spoolsOf(join(directory, 'data'))) {
    if (!await hasSpool(spool)) continue
    const beginnings = async () => readBeginnings(await readBeginningsFile(spool), { ...own, kind: 'spool' })
    sources.push({ name, read: hooks => readSpool({ directory: spool, key: auditKey, ...hooks }), beginnings })
  }
  sources.push({ name: 'the archive', isFollower: true, read: hooks => readArchive(access, hooks), beginnings: () => readArchiveBeginnings(access) })
  const checkpoints = await readCheckpoints(join(directory, 'data', 'checkpoints'), set.gateway)
  // The end is proven as of the backup.
  return await verifyTrail({ ...own, sources, checkpoints, now: set.time, staleAfterMs, isDeep: true })
}

const staleAfterMs = 3_600_000
