// Processes of the bench: one on each of two cores, ended when it is over; and the programs of Debian that it needs.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

/** The proxies have the first core, the upstream and the load the second. */
export const proxyCore = 0
export const loadCore = 1

export function spawnOn (core: number, command: readonly string[]): ChildProcess {
  return endWithBench(spawn('taskset', ['-c', String(core), ...command], { stdio: ['ignore', 'pipe', 'inherit'] }))
}

const running = new Set<ChildProcess>()
const directories = new Set<string>()

/** A process of the bench's own, which ends with it however it ends. */
export function endWithBench<C extends ChildProcess> (child: C): C {
  running.add(child)
  child.once('exit', () => { running.delete(child) })
  return child
}

/** A directory that goes when the bench ends, however it ends. */
export function makeDirectory (): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  directories.add(directory)
  return directory
}

/** A signal runs no `finally`: without this the children would go on, and hold the two cores of the next run. */
export function endOnSignals (): void {
  process.once('exit', () => {
    // None of them has anything to keep: SIGKILL, because nobody is left who would wait.
    for (const child of running) child.kill('SIGKILL')
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => { process.exit(128 + constants.signals[signal]) })
}

/** A Node process on one core whose first line of output is its port. */
export async function startNode (core: number, script: string, args: readonly string[] = []): Promise<{ readonly child: ChildProcess, readonly port: number }> {
  const child = spawnOn(core, [process.execPath, script, ...args])
  if (child.stdout === null) throw new Error(`${script} has no output`)
  const [chunk] = await once(child.stdout, 'data') as [Buffer]
  return { child, port: Number(String(chunk).trim()) }
}

export async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Runs a script of ours on the load's core and reads the one JSON object that it prints. */
export async function runScript<T> (script: string, args: readonly string[]): Promise<T> {
  const child = spawnOn(loadCore, [process.execPath, script, ...args])
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  const [code] = await once(child, 'close') as [number]
  if (code !== 0) throw new Error(`${script} failed: ${text}`)
  return JSON.parse(text) as T
}

/** A process and its children. */
export function familyOf (pid: number): readonly number[] {
  const parentOf = (name: string) => { try { return readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[1] } catch { return undefined } }
  return [pid, ...readdirSync('/proc').filter(name => /^\d+$/.test(name) && parentOf(name) === String(pid)).map(Number)]
}

/** Whether the programs are there, after an attempt to install their Debian packages. */
export function hasPrograms (programs: Readonly<Record<string, string>>): boolean {
  const missing = () => Object.entries(programs).filter(([program]) => {
    try { execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore', env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` } }); return false } catch { return true }
  }).map(([, packageName]) => packageName)
  const packages = missing()
  if (packages.length === 0) return true
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-qq', ...packages], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  } catch { return false }
  return missing().length === 0
}

/** The same, for what nothing can be measured without. */
export function requirePrograms (programs: Readonly<Record<string, string>>): void {
  const packages = Object.values(programs).join(' ')
  if (!hasPrograms(programs)) throw new Error(`The bench needs Debian's packages ${packages}: apt-get install ${packages}`)
}
