// Records of one epoch as they lie in the spool, in order, from any number on: what is carried to Redis after a restart or when memory let it go.
// It does not check them; a line that is not a record ends the reading.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readFirstLine, readLines } from './lines.ts'
import { parseLine, type AuditRecord } from './record-form.ts'
import { listSegments, parseHeader } from './segment.ts'

export interface SpoolRecords {
  /** The records after number `after`, at most a batch; empty when there are none (yet). */
  read (after: number): Promise<readonly AuditRecord[]>
  /** The number of the last record; 0 when there is none. */
  last (): Promise<number>
  /** Whether reading ended before the last record because of damage. */
  isDamaged (): boolean
}

const maxBatchRecords = 512
const maxBatchBytes = 512 * 1024
const tailBytes = 256 * 1024

interface Part { readonly path: string, readonly first: number, readonly until: number }

export function createSpoolRecords (directory: string, epoch: number): SpoolRecords {
  // Where the next record lies, so that reading on does not begin at the start.
  let cursor: { path: string, position: number, after: number } | undefined
  let isDamaged = false

  async function read (after: number): Promise<readonly AuditRecord[]> {
    const records: AuditRecord[] = []
    let bytes = 0
    for (const part of await listParts(directory, epoch)) {
      if (part.until <= after + 1 + records.length) continue
      const known = cursor?.path === part.path && cursor.after === after + records.length ? cursor.position : 0
      for await (const line of readLines(part.path, known)) {
        if (!line.whole) break
        if (line.start === 0) continue // the header
        const record = parseLine(line.text)?.record
        if (record === undefined) { isDamaged = true; return records }
        if (record.seq >= part.until) break
        if (record.seq <= after) continue
        if (record.seq !== after + 1 + records.length) { isDamaged = true; return records }
        records.push(record)
        bytes += line.text.length
        cursor = { path: part.path, position: line.end, after: record.seq }
        if (records.length >= maxBatchRecords || bytes >= maxBatchBytes) return records
      }
    }
    return records
  }

  return {
    read,
    isDamaged: () => isDamaged,
    async last () {
      const part = (await listParts(directory, epoch)).at(-1)
      let last = (part?.first ?? 1) - 1
      if (part === undefined) return 0
      const start = Math.max(0, (await stat(part.path)).size - tailBytes) // the piece of a line that it may fall into is no record
      for await (const line of readLines(part.path, start)) if (line.whole) last = parseLine(line.text)?.record.seq ?? last
      return last
    },
  }
}

/** The segments of an epoch with the numbers they answer for: each ends where the next one begins. */
async function listParts (directory: string, epoch: number): Promise<Part[]> {
  const heads: Array<{ path: string, first: number }> = []
  for (const { name } of listSegments(await readdir(directory)).filter(segment => segment.epoch === epoch)) {
    const path = join(directory, name)
    const header = parseHeader((await readFirstLine(path))?.text ?? '')?.header
    if (header !== undefined) heads.push({ path, first: header.first })
  }
  return heads.map((head, at) => ({ ...head, until: heads[at + 1]?.first ?? Infinity }))
}
