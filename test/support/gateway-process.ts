// The gateway as users run it: a process of its own, started from a configuration file, ended by signals.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface GatewayProcess {
  readonly child: ChildProcess
  /** What it logged, line by line. */
  readonly log: string[]
  /** Milliseconds from start to open listeners. */
  readonly startedInMs: number
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

const program = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

/** Resolves when its log says that it listens; one of several workers says `workers.started` when all do. Throws with the log when it ends before. */
export async function startGatewayProcess (configFile: string, { until = 'gateway.started' } = {}): Promise<GatewayProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, [program, 'serve', '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  let rest = ''
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      log.push(...lines)
      if (lines.some(line => line.includes(`"msg":"${until}"`))) resolve()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('exit', code => { reject(new Error(`the gateway ended with ${code}:\n${log.join('\n')}\n${rest}`)) })
  })
  const exited = once(child, 'exit')
  return {
    child,
    log,
    startedInMs: performance.now() - began,
    async kill () { child.kill('SIGKILL'); await exited },
    async stop () { child.kill('SIGTERM'); const [code] = await exited as [number | null]; return code },
  }
}
