// Takes the sealed part of one record out of a spool's closed files, and out of the copies that lie beside them. The last file is never touched: a gateway may be
// writing it.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../shared/replace-file.ts'
import { readFirstLine } from '../lines.ts'
import { formatRecord, parseLine } from '../record-form.ts'
import { listCopies, listSegments, nameSegment, parseHeader } from '../segment.ts'
import type { Content, ShreddedPlace } from './shredding.ts'

/** `open`: it stands in the file that may still be written. `none`: it is not here. */
export type SpoolShredding = Content | 'open' | 'none'

/** What the spool had of it. `isRehearsal` changes nothing. Throws the system's error. */
export async function shredInSpool (directory: string, place: ShreddedPlace, { isRehearsal = false } = {}): Promise<SpoolShredding> {
  const names = await readdir(directory)
  const segments = listSegments(names)
  let result: SpoolShredding = 'none'
  for (const name of [...segments.filter(({ epoch }) => epoch === place.epoch).map(segment => segment.name), ...listCopies(names)]) {
    const path = join(directory, name)
    const header = parseHeader((await readFirstLine(path))?.text ?? '')?.header
    if (header?.writer !== place.writer || header.epoch !== place.epoch) continue
    const text = await readFile(path, 'latin1')
    const emptied = emptyRecord(text, place.seq)
    if (emptied === text) {
      if (result === 'none' && hasRecord(text, place.seq)) result = 'gone'
      continue
    }
    // A copy of that file may be about to take its place.
    if (name.slice(0, lengthOfName) === segments.at(-1)?.name) return 'open'
    if (!isRehearsal) await replaceFile(path, emptied, { mode: (await stat(path)).mode & 0o777 })
    result = 'full'
  }
  return result
}

const lengthOfName = nameSegment(0, 0).length
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
