// A real Redis for tests: a server of our own on a free port, or the one whose address is in SALLYPORT_TEST_REDIS_URL (then behind a relay that can be cut).
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

export interface TestRedis {
  /** redis://127.0.0.1:<port>/<db>, through a relay that `cut` breaks. */
  readonly url: string
  /** Ends all connections and refuses new ones, as a killed server does. */
  cut(): Promise<void>
  /** Accepts connections again. */
  restore(): Promise<void>
  /** SIGKILLs the server itself when it is ours (data that was fsynced stays), else cuts. */
  kill(): Promise<void>
  /** Starts it again with the data that it had on disk, or restores. */
  revive(): Promise<void>
  stop(): Promise<void>
}

async function freePort (): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

async function startServer (port: number, directory: string): Promise<ChildProcess> {
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.once('error', error => { reject(new Error('redis-server could not be started: install Debian\'s package redis-server, or set SALLYPORT_TEST_REDIS_URL', { cause: error })) })
    child.once('exit', code => { reject(new Error(`redis-server ended with ${code}`)) })
    child.stdout?.on('data', (chunk: Buffer) => { if (chunk.includes('Ready to accept connections')) resolve() })
  })
  child.removeAllListeners('exit')
  return child
}

/** A TCP relay to the server, so that any Redis can be "killed" without ending it. */
async function startRelay (target: { readonly host: string, readonly port: number }) {
  const open = new Set<Socket>()
  let isCut = false
  const relay = createServer(inner => {
    inner.on('error', () => inner.destroy())
    if (isCut) { inner.destroy(); return }
    const outer = connect(target)
    outer.on('error', () => inner.destroy())
    inner.on('close', () => { outer.destroy(); open.delete(inner) })
    outer.on('close', () => inner.destroy())
    open.add(inner)
    inner.pipe(outer).pipe(inner)
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    port: (relay.address() as { port: number }).port,
    cut () { isCut = true; for (const socket of open) socket.destroy() },
    restore () { isCut = false },
    async close () { relay.close(); for (const socket of open) socket.destroy(); await once(relay, 'close').catch(() => undefined) },
  }
}

let database = 0

/** Starts (or borrows) a Redis. The caller stops it, for instance with `t.teardown(() => redis.stop())`. */
export async function startRedis (): Promise<TestRedis> {
  const given = process.env['SALLYPORT_TEST_REDIS_URL']
  const borrowed = given === undefined ? undefined : new URL(given)
  const port = borrowed === undefined ? await freePort() : Number(borrowed.port || 6379)
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-redis-'))
  let child = borrowed === undefined ? await startServer(port, directory) : undefined
  const relay = await startRelay({ host: borrowed?.hostname ?? '127.0.0.1', port })
  const credentials = borrowed?.password ? `${borrowed.username}:${borrowed.password}@` : ''
  database += 1
  const end = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return {
    url: `redis://${credentials}127.0.0.1:${relay.port}/${borrowed === undefined ? 0 : database % 16}`,
    async cut () { relay.cut() },
    async restore () { relay.restore() },
    async kill () { relay.cut(); await end() },
    async revive () { if (borrowed === undefined) child = await startServer(port, directory); relay.restore() },
    async stop () { await relay.close(); await end(); rmSync(directory, { recursive: true, force: true }) },
  }
}
