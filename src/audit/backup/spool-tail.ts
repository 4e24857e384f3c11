// The part of a spool that is not in the archive yet: whole files, and the line that says where they begin.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listArchive, type ArchiveAccess } from '../archive/archive-reader.ts'
import { padNumber, parseArchiveName } from '../archive/segment-codec.ts'
import { readFirstLine } from '../lines.ts'
import { beginningsFile } from '../reader.ts'
import { formatBeginning } from '../retention/beginning.ts'
import { listSegments, parseHeader, type SegmentHeader } from '../segment.ts'
import { createSpoolRecords } from '../spool-records.ts'
import type { BackupFile } from './backup-set.ts'

interface SpoolPart { readonly name: string, readonly header: SegmentHeader, readonly last: number }

/** Names are file names of the spool. Empty when the directory has no spool. */
export async function readSpoolTail (directory: string, access: ArchiveAccess): Promise<readonly BackupFile[]> {
  const parts = await listParts(directory)
  let from = parts.length
  for (const [at, { header, last }] of parts.entries()) {
    if (await readArchivedLast(header, access) >= last && at < parts.length - 1) continue
    from = at
    break
  }
  const tail = parts.slice(from)
  const [first] = tail
  if (first === undefined) return []
  const files = await Promise.all(['writer', ...tail.map(({ name }) => name)].map(async name => ({ name, bytes: await readFile(join(directory, name)) })))
  const { writer, epoch, first: number, before } = first.header
  if (number === 1) return files
  const line = formatBeginning({ writer, epoch, seq: number - 1, hash: before }, { kind: 'spool', gateway: access.gateway, keys: access.auditKeys })
  return [...files, { name: beginningsFile, bytes: Buffer.from(`${line}\n`) }]
}

async function listParts (directory: string): Promise<readonly SpoolPart[]> {
  const segments = listSegments(await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  }))
  const heads: Array<{ readonly name: string, readonly header: SegmentHeader }> = []
  for (const { name } of segments) {
    const header = parseHeader((await readFirstLine(join(directory, name)))?.text ?? '')?.header
    if (header !== undefined) heads.push({ name, header })
  }
  const lasts = new Map<number, number>()
  for (const { header: { epoch } } of heads) if (!lasts.has(epoch)) lasts.set(epoch, await createSpoolRecords(directory, epoch).last())
  return heads.map(({ name, header }, at) => {
    const next = heads[at + 1]?.header
    return { name, header, last: next?.epoch === header.epoch ? next.first - 1 : lasts.get(header.epoch) ?? 0 }
  })
}

async function readArchivedLast ({ writer, epoch }: SegmentHeader, access: ArchiveAccess): Promise<number> {
  return parseArchiveName((await listArchive(access, `${writer}/${padNumber(epoch)}/`)).at(-1) ?? '')?.last ?? 0
}
