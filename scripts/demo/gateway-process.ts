// The gateway as what people run: `sallyport serve` as a process of its own. Started, watched, ended; started again when somebody kills it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')
const endWithDemo = join(import.meta.dirname, 'end-with-demo.ts')
const startTimeoutMs = 30_000
const endTimeoutMs = 8000

/** The gateway did not come up, or ended by itself; `log` has its last lines. */
export class GatewayEnded extends Error {
  override readonly name = 'GatewayEnded'
  readonly log: string
  constructor (message: string, log: string) {
    super(message)
    this.log = log
  }
}

export interface GatewayProcess {
  pid(): number
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>
}

export interface GatewayProcessOptions {
  readonly configFile: string
  readonly logFile: string
  readonly healthPort: number
  /** It was killed and is back. */
  readonly onRestarted: (signal: string) => void
  /** It ended by itself with an error; nothing starts it again. */
  readonly onLost: (error: GatewayEnded) => void
}

const isOver = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function lastLines (file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-12).join('\n')
}

async function isReady (healthPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${healthPort}/ready`, { signal: AbortSignal.timeout(1000) })).ok
  } catch {
    return false
  }
}

function launch (options: GatewayProcessOptions): ChildProcess {
  const child = spawn(process.execPath, ['--import', endWithDemo, program, 'serve', '--config', options.configFile], { stdio: ['pipe', 'pipe', 'pipe'] })
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 })
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  child.once('close', () => { log.end() })
  return child
}

async function awaitReady (child: ChildProcess, options: GatewayProcessOptions): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (!(await isReady(options.healthPort))) {
    if (isOver(child)) throw new GatewayEnded('The gateway did not start. It said:', await lastLines(options.logFile))
    if (Date.now() > deadline) throw new GatewayEnded(`The gateway is not ready after ${startTimeoutMs / 1000} seconds. It said:`, await lastLines(options.logFile))
    await wait(50)
  }
}

/** Starts the gateway and waits until its readiness is green. Throws GatewayEnded. */
export async function startGateway (options: GatewayProcessOptions): Promise<GatewayProcess> {
  let isStopping = false
  let child = launch(options)
  // However this process ends, the gateway does not stay behind.
  const killNow = () => { if (!isOver(child)) child.kill('SIGKILL') }
  process.once('exit', killNow)
  const revive = async (signal: string) => {
    child = launch(options)
    watch(child)
    await awaitReady(child, options)
    options.onRestarted(signal)
  }
  const lose = (error: unknown) => { if (!isStopping) options.onLost(error instanceof GatewayEnded ? error : new GatewayEnded('The gateway is gone. It said:', String(error))) }
  const watch = (one: ChildProcess) => {
    one.once('exit', (code, signal) => {
      if (isStopping) return
      // Ctrl-C reaches the gateway by itself as well; then it ends without an error, and we are about to.
      if (signal === 'SIGKILL' || signal === 'SIGSEGV' || signal === 'SIGABRT') revive(signal).catch(lose)
      else if (code !== 0) lastLines(options.logFile).then(log => { lose(new GatewayEnded('The gateway ended by itself. It said:', log)) }, lose)
    })
  }
  const stop = async () => {
    isStopping = true
    if (isOver(child)) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const late = setTimeout(() => { child.kill('SIGKILL') }, endTimeoutMs)
    await gone
    clearTimeout(late)
  }
  try {
    await awaitReady(child, options)
  } catch (error) {
    await stop()
    throw error
  }
  watch(child)
  return { pid: () => child.pid ?? 0, stop }
}
