// Takes the sealed part of one record out of a spool's closed files. The last file is never touched: a gateway may be writing it.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../shared/replace-file.ts'
import { readFirstLine } from '../lines.ts'
import { formatRecord, parseLine } from '../record-form.ts'
import { listSegments, parseHeader } from '../segment.ts'
import type { ShreddedPlace } from './shredding.ts'

/** `open`: it stands in the file that may still be written. `none`: it is not here. */
export type SpoolShredding = 'done' | 'open' | 'none'

/** `isRehearsal`: finds out what would come of it, and changes nothing. Throws the system's error. */
export async function shredInSpool (directory: string, place: ShreddedPlace, { isRehearsal = false } = {}): Promise<SpoolShredding> {
  const segments = listSegments(await readdir(directory))
  let result: SpoolShredding = 'none'
  for (const { name, epoch } of segments.filter(segment => segment.epoch === place.epoch)) {
    const path = join(directory, name)
    if (parseHeader((await readFirstLine(path))?.text ?? '')?.header.writer !== place.writer) continue
    const text = await readFile(path, 'latin1')
    const emptied = emptyRecord(text, place.seq)
    if (emptied === text) { if (hasRecord(text, place.seq)) result = result === 'none' ? 'done' : result; continue }
    if (name === segments.at(-1)?.name && epoch === segments.at(-1)?.epoch) return 'open'
    if (!isRehearsal) await replaceFile(path, emptied, { mode: (await stat(path)).mode & 0o777 })
    result = 'done'
  }
  return result
}

const beginsWith = (seq: number) => `{"v":1,"n":${seq},`

function hasRecord (text: string, seq: number): boolean {
  return text.includes(`\n${beginsWith(seq)}`)
}

/** A write that failed can have left the record twice, or the beginning of it at the end of a file: that goes too. */
function emptyRecord (text: string, seq: number): string {
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    if (!line.startsWith(beginsWith(seq))) return [line]
    const record = parseLine(line)?.record
    if (record !== undefined) return [formatRecord({ ...record, seal: '' })]
    return at === lines.length - 1 ? [''] : [line]
  }).join('\n')
}
