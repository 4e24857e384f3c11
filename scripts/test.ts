// `npm test [files]`: makes sure of what the tests need, runs them, and ends with `N passed, N failed`. It fails when nothing ran.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { explainMissingHelm, obtainHelm } from './obtain-helm.ts'
import { chromiumRequirement, explainMissing, obtain, redisRequirement, requestTrackerRequirement } from './requirements.ts'
import { createTapReader, type FileResult } from './tap-report.ts'

const root = join(import.meta.dirname, '..')

function finish (passed: number, failed: number): never {
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exit(failed > 0 || passed === 0 ? 1 : 0)
}

function refuse (sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  finish(0, 1)
}

/** Named files need only what they mention; everything needs everything. */
function requireFor (files: readonly string[]): Record<string, string> {
  const text = files.map(file => {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return refuse(`${file} is not a test file.`)
    return readFileSync(file, 'utf8')
  }).join('\n')
  const isNeeded = (word: RegExp) => files.length === 0 || word.test(text)
  if (isNeeded(/redis/i) && obtain(redisRequirement) === undefined) refuse(explainMissing(redisRequirement))
  if (isNeeded(/request-?tracker/i) && obtain(requestTrackerRequirement) === undefined) refuse(explainMissing(requestTrackerRequirement))
  const programs: Record<string, string> = {}
  if (isNeeded(/\bhelm\b/i)) programs['SALLYPORT_HELM'] = obtainHelm() ?? refuse(explainMissingHelm)
  if (isNeeded(/chromium|browser|playwright/i)) programs['SALLYPORT_CHROMIUM'] = obtain(chromiumRequirement) ?? refuse(explainMissing(chromiumRequirement))
  return programs
}

/** tap takes its plugins in when it is built, and comes built with those that .taprc switches off: Node.js reads the types itself. */
function prepareTap (): void {
  const unwanted = [...readFileSync(join(root, '.taprc'), 'utf8').matchAll(/"!(@tapjs\/[a-z-]+)"/g)].map(match => match[1] as string)
  const built = readFileSync(join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js'), 'utf8')
  if (!unwanted.some(name => built.includes(name))) return
  const result = spawnSync(join(root, 'node_modules', '.bin', 'tap'), ['build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (result.status !== 0) refuse('The test runner could not be prepared (tap build): read its message above.')
}

function print (result: FileResult): void {
  process.stdout.write(`${result.failed === 0 ? 'ok  ' : 'FAIL'} ${String(result.passed).padStart(5)}  ${result.file}\n`)
  if (result.failed === 0) return
  const shown = result.lines.filter(line => line.trim() !== '' && !/^ *(?:ok\b(?!.*# (?:SKIP|TODO))|\d+\.\.\d+$|# time=)/.test(line))
  process.stdout.write(`${shown.join('\n')}\n`)
}

interface Round { readonly passed: number, readonly failed: number, readonly results: readonly FileResult[], readonly code: number | null }

const keepTypescript = new URL('keep-typescript.mjs', import.meta.url).href

async function runTap (args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Round> {
  const reader = createTapReader()
  const tap = spawn(join(root, 'node_modules', '.bin', 'tap'), ['run', '--reporter=tap', ...args], {
    cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${keepTypescript}`, ...environment },
  })
  const stop = (signal: NodeJS.Signals) => { tap.kill(signal) }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  const ended = once(tap, 'exit') as Promise<[number | null, string | null]>
  const results: FileResult[] = []
  const take = (result: FileResult | undefined) => {
    if (result === undefined) return
    results.push(result)
    print(result)
  }
  for await (const line of createInterface({ input: tap.stdout })) take(reader.push(line))
  take(reader.end())
  const [code] = await ended
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  return { ...reader.totals(), results, code }
}

/** More failures than this are no accident of a busy machine. */
const mostSecondTries = 8

const files = process.argv.slice(2)
const found = requireFor(files)
prepareTap()
const first = await runTap(files, found)
if (first.code !== 0 && first.failed === 0) {
  process.stdout.write(`The test runner ended with ${first.code ?? 'a signal'}.\n`)
  finish(first.passed, 1)
}
if (first.passed + first.failed === 0) process.stderr.write('No tests were found.\n')
// What the runner itself says of a file that was killed has no file of its own.
const failedFiles = first.results.filter(result => result.failed > 0 && existsSync(join(root, result.file)))
if (failedFiles.length === 0 || failedFiles.length > mostSecondTries) finish(first.passed, first.failed)
// Real sockets, processes and browsers on a busy machine: what failed beside others is run once more, alone, and said so. A real fault fails again.
process.stdout.write(`\nOnce more, one at a time: ${failedFiles.map(result => result.file).join(', ')}\n`)
const second = await runTap(['--jobs=1', ...failedFiles.map(result => result.file)], found)
for (const { file } of second.results.filter(result => result.failed === 0)) process.stdout.write(`passed only at the second try: ${file}\n`)
const firstOfThese = failedFiles.reduce((sum, result) => sum + result.passed, 0)
finish(first.passed - firstOfThese + second.passed, second.failed === 0 && second.code !== 0 ? 1 : second.failed)
