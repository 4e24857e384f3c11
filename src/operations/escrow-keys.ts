// Seals the keys that the trail cannot be read or proven without into a file for the safe, which is on record, and writes them out of it again.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readEscrow, readEscrowCode, sealEscrow } from '../audit/audit.ts'
import { loadConfigToAsk } from '../config/config.ts'
import { createRequestId } from '../shared/ids.ts'
import { makeDirectory } from '../shared/make-directory.ts'
import { createDeps } from './ask-trail.ts'
import { describeCode, OperationError } from './operation-error.ts'
import { recordStep } from './record-operation.ts'

export interface EscrowRequest {
  readonly configFile: string
  readonly reason: string
  /** A new file. */
  readonly file: string
}

export interface Escrowed {
  /** It opens the file, and is nowhere else. */
  readonly code: string
  readonly holds: readonly string[]
  /** Sentences about keys that this account cannot read: they are not in it. */
  readonly missing: readonly string[]
}

/** Writes the sealed file, never over another one. Throws a ConfigurationError or an OperationError. */
export async function escrowKeys ({ configFile, reason, file }: EscrowRequest): Promise<Escrowed> {
  const { config } = await loadConfigToAsk(configFile)
  const { key, exportKey, archive, backup } = config.audit
  const deps = createDeps(config)
  const further = await readFurther({ 'archive.key': archive?.keyFile, 'backup.key': backup?.keyFile })
  const keys = { 'audit.key': key.reveal(), ...(exportKey === undefined ? {} : { 'export.key': exportKey.reveal() }), ...further.keys }
  const holds = Object.keys(keys)
  const operation = { id: createRequestId(), name: 'keys.escrow', facts: { reason, holds: holds.join(' ') } }
  await recordStep(config, { ...operation, step: 'asked' }, deps)
  const { text, code } = sealEscrow({ keys, gateway: config.gateway.name, madeAt: deps.clock.now() })
  await writeFile(file, text, { flag: 'wx', mode: 0o600, flush: true }).catch(async (error: unknown) => {
    await recordStep(config, { ...operation, step: 'failed' }, deps)
    const why = (error as NodeJS.ErrnoException).code === 'EEXIST' ? ' is there already, and a copy for the safe is never written over' : ` could not be written${describeCode(error)}`
    throw new OperationError(`${file}${why}: name a new file in a directory where this account may write.`, { cause: error })
  })
  await recordStep(config, { ...operation, step: 'done' }, deps)
  return { code, holds, missing: further.missing }
}

/** The gateway's own account need not be able to read the keys of the archive and of backups. */
async function readFurther (files: Readonly<Record<string, string | undefined>>): Promise<Pick<Escrowed, 'missing'> & { readonly keys: Readonly<Record<string, string>> }> {
  const keys: Record<string, string> = {}
  const missing: string[] = []
  for (const [name, file] of Object.entries(files)) {
    if (file === undefined) continue
    try { keys[name] = (await readFile(file, 'utf8')).trim() } catch (error) {
      missing.push(`${name} is not in it: ${file} cannot be read by this account${describeCode(error)}. Run this again as the account that archives, or keep a copy of that file apart.`)
    }
  }
  return { keys, missing }
}

/** Writes the keys into a directory, never over others. Works without a configuration: after a disaster there may be none. Throws an OperationError. */
export async function recoverKeys (request: { readonly file: string, readonly directory: string, readonly code: string }): Promise<readonly string[]> {
  const text = await readFile(request.file, 'utf8').catch((error: unknown) => { throw new OperationError(`${request.file} cannot be read${describeCode(error)}.`, { cause: error }) })
  const escrow = readEscrow(text)
  if (escrow === undefined) throw new OperationError(`${request.file} is not an escrow file: sallyport keys escrow makes them, and they begin with "sallyport key escrow 1".`)
  const code = readEscrowCode(request.code)
  if (code === undefined) throw new OperationError('The code was not typed as it was shown: six groups of five letters and digits. One of them is wrong or missing.')
  const keys = escrow.open(code)
  if (keys === undefined) throw new OperationError(`The code does not open ${request.file}: it belongs to another file, or the file was changed.`)
  const written: string[] = []
  try {
    await makeDirectory(request.directory)
    for (const [name, content] of Object.entries(keys)) {
      const file = join(request.directory, name)
      await writeFile(file, content.endsWith('\n') ? content : `${content}\n`, { flag: 'wx', mode: 0o600, flush: true })
      written.push(file)
    }
  } catch (error) {
    for (const file of written) await rm(file, { force: true })
    throw new OperationError(`The keys could not be written to ${request.directory}${describeCode(error)}: name a directory that has none yet, and where this account may write.`, { cause: error })
  }
  return written
}
