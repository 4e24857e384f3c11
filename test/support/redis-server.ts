// Redis processes of a test's own: servers, Sentinels, clusters. Each has a port and a directory of its own and ends with SIGKILL.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

export async function freePort (): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

export interface RedisProcess {
  readonly port: number
  readonly directory: string
  /** SIGKILL: what was fsynced stays. */
  kill(): Promise<void>
  /** Starts it again on the same port, with the data that it had on disk. */
  revive(): Promise<void>
  /** Kills it and removes its directory. */
  stop(): Promise<void>
}

export interface RedisProcessOptions {
  /** Given as they are after the standing ones, so that the last of a kind counts. */
  readonly args?: readonly string[]
  readonly port?: number
  /** Called with the new directory before the start: what it returns is the configuration file, with which nothing but `args` is given. */
  readonly configure?: (place: { readonly directory: string, readonly port: number }) => string
}

const running = new Set<ChildProcess>()
// Whatever a test did wrong, nothing is left behind.
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

async function launch (args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.once('close', () => { running.delete(child) })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', error => { reject(new Error('redis-server could not be started: install Debian\'s package redis-server', { cause: error })) })
    child.once('exit', code => { reject(new Error(`redis-server ended with ${code}: ${said}`)) })
    child.stdout?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-2000)
      if (/Ready to accept connections|\+monitor master/.test(said)) resolve()
    })
  })
  child.removeAllListeners('exit')
  return child
}

export async function startRedisProcess (options: RedisProcessOptions = {}): Promise<RedisProcess> {
  const port = options.port ?? await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-redis-'))
  const file = options.configure?.({ directory, port })
  const standing = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory]
  const args = [...file === undefined ? standing : [file], ...options.args ?? []]
  let child = await launch(args)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return {
    port,
    directory,
    kill,
    async revive () { child = await launch(args) },
    async stop () {
      await kill()
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) // a child that it forked may still write there
    },
  }
}
