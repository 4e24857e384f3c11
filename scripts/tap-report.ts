// Reads TAP as it arrives and says, for each test file, how many assertions passed and what failed. What was skipped counts as failed: nothing
// is left out silently. It never looks at diagnostics, which can hold lines that look like results.

/** One test file. `lines` is its output, to be shown when something failed. */
export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly lines: readonly string[]
}

const result = /^( *)(not )?ok\b(?: \d+)?(?: - (.*))?$/
const subtest = /^( *)# Subtest: (.*)$/
const directive = / # (?:SKIP|TODO)\b/i
const timing = / # time=[\d.]+ms/

interface Level { readonly indent: number, failures: number }

export interface TapReader {
  /** One line of TAP. Returns the result of the file that ended before it, if one did. */
  push(line: string): FileResult | undefined
  /** The last file, when the output is over. */
  end(): FileResult | undefined
  totals(): { readonly passed: number, readonly failed: number }
}

export function createTapReader (): TapReader {
  let passed = 0
  let failed = 0
  let before = { passed: 0, failed: 0 }
  let levels: Level[] = []
  let lines: string[] = []
  let diagnosticIndent: string | undefined
  // A file's diagnostics come after its result, so a result waits for the line behind them.
  let ended: string | undefined

  const take = (): FileResult | undefined => {
    if (ended === undefined) return undefined
    const file = { file: ended, passed: passed - before.passed, failed: failed - before.failed, lines }
    before = { passed, failed }
    lines = []
    levels = []
    ended = undefined
    return file
  }

  const settle = (indent: number, isOk: boolean): void => {
    const level = levels.at(-1)
    const isSubtestEnd = level !== undefined && level.indent === indent
    if (isSubtestEnd) levels.pop()
    const hasFailureInside = isSubtestEnd && level.failures > 0
    // A subtest that failed although everything in it passed: it threw, timed out or kept the wrong plan.
    if (!isOk && !hasFailureInside) failed += 1
    if (isOk && !isSubtestEnd) passed += 1
    const outer = levels.at(-1)
    if (!isOk && outer !== undefined) outer.failures += 1
  }

  const read = (line: string): void => {
    const begun = subtest.exec(line)
    if (begun !== null) levels.push({ indent: (begun[1] as string).length, failures: 0 })
    const point = result.exec(line)
    if (point === null) return
    const indent = (point[1] as string).length
    const name = point[3] ?? ''
    settle(indent, point[2] === undefined && !directive.test(name))
    if (indent === 0) ended = name.replace(timing, '')
  }

  return {
    push (line) {
      if (diagnosticIndent === undefined && line.trim() === '---') diagnosticIndent = line.slice(0, line.indexOf('---'))
      if (diagnosticIndent !== undefined) {
        lines.push(line)
        if (line === `${diagnosticIndent}...`) diagnosticIndent = undefined
        return undefined
      }
      const before = take()
      lines.push(line)
      read(line)
      return before
    },
    end: take,
    totals: () => ({ passed, failed }),
  }
}
