// Removes the oldest files of a spool: only what is older than asked, what the archive was seen to hold, and what Redis has where there is one. The file that is
// written, and the last one of all, stay. What the spool begins with afterwards is written down before a file goes.
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile, syncDirectory } from '../../shared/replace-file.ts'
import type { SecretValue } from '../../shared/schema.ts'
import type { AuditKeys } from '../keys.ts'
import { beginningsFile, readSpool, withoutUnfinished, type TrailEntry } from '../reader.ts'
import { findSpoolFile, listSpoolFiles, type SpoolFile } from '../spool-files.ts'
import type { ArchiveWitness } from './archive-witness.ts'
import { addBeginning, type Beginning, type BeginningContext } from './beginning.ts'

export interface PruneSpoolOptions {
  readonly directory: string
  readonly gateway: string
  readonly auditKey: SecretValue
  readonly keys: AuditKeys
  readonly witness: ArchiveWitness
  /** Records of this time or later stay; milliseconds since the epoch. */
  readonly before: number
  /** Whether Redis has everything up to this record; true where there is no Redis. */
  readonly isCarried: (last: Beginning) => Promise<boolean>
  /** Finds out, and removes nothing. */
  readonly isRehearsal?: boolean | undefined
}

export interface PrunedSpool {
  readonly files: number
  readonly bytes: number
  readonly last: Beginning | undefined
  /** Why it ended where it did: one clause. */
  readonly stop: string
}

export async function pruneSpool (options: PruneSpoolOptions): Promise<PrunedSpool> {
  const files = await listSpoolFiles(options.directory)
  const remover = createRemover(options)
  let at = 0
  let last: Beginning | undefined
  // The next start finds the end of the trail in the last whole record: a line that a crash left unfinished does not stand for it.
  for await (const entry of withoutUnfinished(readSpool({ directory: options.directory, key: options.auditKey }))) {
    const file = findSpoolFile(files, entry, at)
    for (; at < file; at += 1) {
      if (last !== undefined && !await options.isCarried(last)) return remover.end('what comes next is not in Redis yet')
      // Before the first record of all nothing has to be written down: such a file has none.
      await remover.remove((files[at] as SpoolFile).path, last)
    }
    const stop = await explainStop(entry, options)
    if (stop !== undefined) return remover.end(stop)
    const { writer, epoch, seq } = entry
    last = { writer, epoch, seq, hash: entry.record?.hash ?? '' }
  }
  return remover.end('the last file stays')
}

async function explainStop (entry: TrailEntry, { before, witness }: PruneSpoolOptions): Promise<string | undefined> {
  const { record, problems } = entry
  if (record === undefined || (problems.length > 0 && problems.join() !== 'shredded')) return `record ${entry.seq} of epoch ${entry.epoch} is not as it was written: run sallyport audit verify`
  if (record.time >= before) return 'what comes next is too young'
  return await witness.holds(entry, record) ? undefined : 'what comes next is not in the archive yet'
}

function createRemover ({ directory, gateway, keys, isRehearsal = false }: PruneSpoolOptions) {
  const context: BeginningContext = { kind: 'spool', gateway, keys }
  const path = join(directory, beginningsFile)
  let [count, bytes, last]: [number, number, Beginning | undefined] = [0, 0, undefined]
  return {
    async remove (file: string, beginning: Beginning | undefined): Promise<void> {
      const { size } = await stat(file)
      if (!isRehearsal) {
        if (beginning !== undefined) await replaceFile(path, addBeginning(await readFile(path, 'utf8').catch(() => ''), beginning, context), { mode: 0o640 })
        await rm(file)
        await syncDirectory(directory)
      }
      count += 1
      bytes += size
      last = beginning
    },
    end: (stop: string): PrunedSpool => ({ files: count, bytes, last, stop }),
  }
}
