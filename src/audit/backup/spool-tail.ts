// The part of a spool that is not in the archive yet: whole files, and the line that says where they begin. That something is in the archive is seen, record by record,
// and never believed of a name: what is left out of a backup here may be nowhere else.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretValue } from '../../shared/schema.ts'
import type { ArchiveAccess } from '../archive/archive-reader.ts'
import { beginningsFile, readBeginningsFile, readSpool, withoutUnfinished, type TrailEntry } from '../reader.ts'
import { createArchiveWitness } from '../retention/archive-witness.ts'
import { formatBeginning, type Beginning } from '../retention/beginning.ts'
import { findSpoolFile, listSpoolFiles } from '../spool-files.ts'
import type { BackupFile } from './backup-set.ts'

/** Names are file names of the spool. Empty when the directory has no spool. Throws a StoreError when the archive cannot be read. */
export async function readSpoolTail (directory: string, access: ArchiveAccess & { readonly auditKey: SecretValue }): Promise<readonly BackupFile[]> {
  const files = await listSpoolFiles(directory)
  if (files.length === 0) return []
  const witness = createArchiveWitness(access)
  let at = 0
  let [last, before]: [Beginning | undefined, Beginning | undefined] = [undefined, undefined]
  for await (const entry of withoutUnfinished(readSpool({ directory, key: access.auditKey }))) {
    const file = findSpoolFile(files, entry, at)
    if (file !== at) before = last
    at = file
    const { record } = entry
    if (record === undefined || !isWhole(entry) || !await witness.holds(entry, record)) break
    last = { writer: entry.writer, epoch: entry.epoch, seq: entry.seq, hash: record.hash }
  }
  const names = ['writer', ...files.slice(at).map(({ name }) => name)]
  const tail = await Promise.all(names.map(async name => ({ name, bytes: await readFile(join(directory, name)) })))
  const beginnings = before === undefined ? await readBeginningsFile(directory) : `${formatBeginning(before, { kind: 'spool', gateway: access.gateway, keys: access.auditKeys })}\n`
  // An epoch's first file says itself where it continues from.
  return beginnings === '' || files[at]?.first === 1 ? tail : [...tail, { name: beginningsFile, bytes: Buffer.from(beginnings) }]
}

function isWhole ({ problems }: TrailEntry): boolean {
  return problems.length === 0 || problems.join() === 'shredded'
}
