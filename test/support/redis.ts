// A real Redis for tests: a server of our own on a free port, or the one whose address is in SALLYPORT_TEST_REDIS_URL (then behind a relay that can be cut).
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { startRedisProcess } from './redis-server.ts'

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
  const server = borrowed === undefined ? await startRedisProcess() : undefined
  const relay = await startRelay({ host: borrowed?.hostname ?? '127.0.0.1', port: server?.port ?? Number(borrowed?.port || 6379) })
  const credentials = borrowed?.password ? `${borrowed.username}:${borrowed.password}@` : ''
  database += 1
  return {
    url: `redis://${credentials}127.0.0.1:${relay.port}/${borrowed === undefined ? 0 : database % 16}`,
    async cut () { relay.cut() },
    async restore () { relay.restore() },
    async kill () { relay.cut(); await server?.kill() },
    async revive () { await server?.revive(); relay.restore() },
    async stop () { await relay.close(); await server?.stop() },
  }
}
