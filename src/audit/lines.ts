// Reads a segment line by line. Bytes are read one to one (latin1), so that every changed byte is a changed line; memory has a bound.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export interface Line {
  readonly text: string
  /** Where the line begins and where the next one begins. */
  readonly start: number
  readonly end: number
  /** Whether its line break is there. */
  readonly whole: boolean
}

const chunkBytes = 256 * 1024
/** A header with a hundred thousand open exchanges has 3 MB; nothing of ours is longer than this. */
const maxLineBytes = 16 * 1024 * 1024

/** Lines from `position` on. A last line without its break comes with `whole` false. */
export async function * readLines (path: string, position = 0): AsyncGenerator<Line> {
  // Not held up by a pipe that somebody put in a segment's place: that is a segment without a header.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) return
    const chunk = Buffer.alloc(chunkBytes)
    let rest = ''
    let start = position
    for (let at = position; ;) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at)
      if (bytesRead === 0) break
      at += bytesRead
      const text = rest + chunk.toString('latin1', 0, bytesRead)
      let from = 0
      for (let end = text.indexOf('\n', rest.length); end !== -1; end = text.indexOf('\n', from)) {
        yield { text: text.slice(from, end), start, end: start + end + 1 - from, whole: true }
        start += end + 1 - from
        from = end + 1
      }
      rest = text.slice(from)
      if (rest.length > maxLineBytes) break
    }
    if (rest.length > 0) yield { text: rest, start, end: start + rest.length, whole: false }
  } finally {
    await handle.close()
  }
}

/** The first line of a file, or undefined when it has none. */
export async function readFirstLine (path: string): Promise<Line | undefined> {
  const lines = readLines(path)
  try {
    const first = await lines.next()
    return first.done === true ? undefined : first.value
  } finally { await lines.return(undefined) }
}
