// Where the command line writes. Text that came from outside passes `plain` first: it must not steer the terminal.
import { createSystemClock, type Clock } from '../shared/clock.ts'
import { wrapLine } from './wrap-line.ts'

export interface Output {
  /** The command's result. On a terminal long lines are broken between words. */
  line(text: string): void
  /** What went wrong, and remarks. */
  remark(text: string): void
  /** Columns of the terminal that the result goes to; undefined when it goes to a program or a file. */
  readonly columns: number | undefined
  /** A bar on the terminal for long work, `undefined` to take it away. Nothing when remarks do not go to a terminal. */
  progress(share: number | undefined): void
}

const barWidth = 30
/** Short work shows no bar. */
const barAfterMs = 500
const barEveryMs = 100

export function createOutput (): Output {
  // A reader that stops early (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(0) })
  return {
    line: text => { write(process.stdout, text) },
    remark: text => { write(process.stderr, text) },
    columns: process.stdout.isTTY ? Math.max(80, process.stdout.columns) : undefined,
    progress: process.stderr.isTTY ? createProgress(createSystemClock()) : () => undefined,
  }
}

function write (stream: NodeJS.WriteStream, text: string): void {
  const columns = stream.isTTY ? stream.columns : undefined
  stream.write(`${text.split('\n').map(line => wrapLine(line, columns)).join('\n')}\n`)
}

function createProgress (clock: Clock): (share: number | undefined) => void {
  let began: number | undefined
  let shown = 0
  return share => {
    if (share === undefined) {
      if (shown > 0) process.stderr.write('\r\u001B[K')
      shown = 0
      return
    }
    const now = clock.now()
    began ??= now
    if (now - began < barAfterMs || now - shown < barEveryMs) return
    shown = now
    const done = Math.round(share * barWidth)
    process.stderr.write(`\rReading the trail  [${'='.repeat(done)}${' '.repeat(barWidth - done)}] ${Math.floor(share * 100)} %\u001B[K`)
  }
}

/** Without control characters and marks that turn the direction of writing. */
export function plain (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
