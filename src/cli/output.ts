// Where the command line writes. Text that came from outside passes `plain` first: it must not steer the terminal.

export interface Output {
  /** The command's result. */
  line(text: string): void
  /** What went wrong, and remarks. */
  remark(text: string): void
}

export function createOutput (): Output {
  // A reader that stops early (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(0) })
  return {
    line: text => { process.stdout.write(`${text}\n`) },
    remark: text => { process.stderr.write(`${text}\n`) },
  }
}

/** Without control characters and marks that turn the direction of writing. */
export function plain (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
