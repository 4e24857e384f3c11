// Makes a backup: a second copy of the archive, and one sealed set with what else a gateway needs to be set up again. It is on record before and after.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import { copyArchive, copyObject, nameSet, readSpoolTail, sealSet, type ArchiveStore, type BackupFile } from '../audit/audit.ts'
import { loadConfig, type LoadedConfig } from '../config/config.ts'
import { copyTokenVault } from '../outbound/redaction/redaction.ts'
import { tokenVaultFile } from '../outbound/stored-message.ts'
import { SecretValue } from '../shared/schema.ts'
import { createDeps } from './ask-trail.ts'
import { explainStore, openArchive, openStore, readKey, type OpenArchive } from './open-archive.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { runInSteps } from './record-operation.ts'
import { checkpointsOf, spoolsOf } from './trail-places.ts'

export interface BackupTold {
  /** Name of the set. */
  readonly set: string
  readonly setBytes: number
  readonly files: number
  /** Objects of the archive that are new in the backup, and those that went because the archive gave them up. */
  readonly copied: number
  readonly copiedBytes: number
  readonly removed: number
  readonly objects: number
}

/** Throws a ConfigurationError or an OperationError. */
export async function makeBackup ({ configFile, reason }: { readonly configFile: string, readonly reason: string }): Promise<BackupTold> {
  const loaded = await loadConfig(configFile)
  const { config } = loaded
  const deps = createDeps(config)
  const archive = await openArchive(config)
  try {
    const { backup } = config.audit
    if (archive === undefined || backup === undefined) throw new OperationError('A backup needs audit.archive and audit.backup: say there where each lies, and with which key.')
    const key = await readBackupKey(backup.keyFile)
    const to = await openStore(backup)
    return await runInSteps(config, { name: 'backup', facts: { reason } }, {
      ...deps,
      run: async () => {
        const { objects, copied, bytes: copiedBytes, removed } = await copyArchive(archive, to)
        const made = await writeSet(loaded, { configFile, archive, to, key, time: deps.clock.now(), objects })
        return { ...made, objects: objects.length, copied, copiedBytes, removed }
      },
    })
  } catch (error) { throw explainStore(error) } finally { archive?.index.close() }
}

/** Throws an OperationError. */
export async function readBackupKey (file: string): Promise<SecretValue> {
  const text = (await readKey('The key of backups', file)).trim()
  if (Buffer.from(text, 'base64').length < 32 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw new OperationError(`${file} is not base64 of at least 32 random bytes: make a key with sallyport keys create (backup.key).`)
  return new SecretValue(text)
}

interface SetOptions {
  readonly configFile: string
  readonly archive: OpenArchive
  readonly to: ArchiveStore
  readonly key: SecretValue
  readonly time: number
  readonly objects: readonly string[]
}

async function writeSet (loaded: LoadedConfig, { configFile, archive, to, key, time, objects }: SetOptions) {
  const { gateway, audit } = loaded.config
  const files = [...await readConfiguration(loaded, configFile), ...await readKeys(loaded.config), ...await readCheckpointFiles(checkpointsOf(gateway.dataDirectory))]
  for (const { directory } of spoolsOf(gateway.dataDirectory)) {
    for (const file of await readSpoolTail(directory, { ...archive, auditKey: audit.key })) files.push({ ...file, name: `data/${basename(directory)}/${file.name}` })
  }
  files.push(...readTokens(gateway.dataDirectory))
  const set = nameSet(gateway.name, time)
  // A configuration that came out of a backup can name its keys where this puts them: each name once, or it could not be restored.
  const once = [...new Map(files.map(file => [file.name, file])).values()]
  const bytes = sealSet({ gateway: gateway.name, time, files: once, objects }, key)
  await copyObject(set, bytes, to)
  return { set, setBytes: bytes.length, files: once.length }
}

/** The configuration and every file that it names but the key of backups itself: below its directory as they lie there, all others under `elsewhere/`. */
async function readConfiguration ({ files, config }: LoadedConfig, configFile: string): Promise<BackupFile[]> {
  const root = dirname(files[0] ?? configFile)
  const found: BackupFile[] = []
  for (const file of files) {
    if (file === config.audit.backup?.keyFile) continue
    const below = relative(root, file)
    const isBelow = !below.startsWith('..') && !isAbsolute(below)
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new OperationError(`${file} belongs to the configuration and cannot be read${describeCode(error)}: run this as an account that may read all of it.`, { cause: error })
    })
    found.push({ name: isBelow ? below : join('elsewhere', file), bytes })
  }
  return found
}

/** Which value has which token: without it receivers would know everybody under another token after a restore. */
function readTokens (dataDirectory: string): readonly BackupFile[] {
  const file = join(dataDirectory, tokenVaultFile)
  try {
    const bytes = copyTokenVault(file)
    return bytes === undefined ? [] : [{ name: `data/${tokenVaultFile}`, bytes }]
  } catch (error) { throw new OperationError(`The tokens in ${file} cannot be copied${describeCode(error)}: run this as the account of the gateway.`, { cause: error }) }
}

/** The keys of the trail by their own names, wherever they come from: without them nothing that is restored can be read. */
async function readKeys ({ audit }: LoadedConfig['config']): Promise<readonly BackupFile[]> {
  const archiveKey = await readKey('The archive\'s key', audit.archive?.keyFile ?? '')
  const keys = { 'audit.key': audit.key.reveal(), 'archive.key': archiveKey, ...(audit.exportKey === undefined ? {} : { 'export.key': audit.exportKey.reveal() }) }
  return Object.entries(keys).map(([name, text]) => ({ name: `trail-keys/${name}`, bytes: Buffer.from(text) }))
}

async function readCheckpointFiles (directory: string): Promise<readonly BackupFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new OperationError(`The checkpoints in ${directory} cannot be read${describeCode(error)}: run this as an account that may read all of it.`, { cause: error })
  })
  return await Promise.all(names.filter(name => name.endsWith('.checkpoint')).map(async name => ({ name: `data/checkpoints/${name}`, bytes: await readFile(join(directory, name)) })))
}
