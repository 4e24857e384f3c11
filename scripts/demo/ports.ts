// Which port is free on this machine, asked by trying it.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { UsageError } from './options.ts'

const host = '127.0.0.1'
export const usualPort = 8443

/** The code of the error, `EADDRINUSE` for one that is taken, or the port. 0 asks for any. */
async function tryPort (port: number): Promise<{ readonly port: number } | { readonly code: string }> {
  const probe = createServer()
  try {
    probe.listen(port, host)
    await once(probe, 'listening')
    const bound = (probe.address() as AddressInfo).port
    probe.close()
    await once(probe, 'close')
    return { port: bound }
  } catch (error) {
    return { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' }
  }
}

export async function findFreePort (): Promise<number> {
  const found = await tryPort(0)
  if ('code' in found) throw new UsageError(`No port could be opened on ${host} (${found.code}).`)
  return found.port
}

/** The port that was asked for, else 8443, else a free one. Throws a UsageError when the one asked for cannot be had. */
export async function choosePublicPort (asked: number | undefined): Promise<number> {
  const found = await tryPort(asked ?? usualPort)
  if ('port' in found) return found.port
  if (asked === undefined) return findFreePort()
  if (found.code === 'EADDRINUSE') throw new UsageError(`Port ${asked} is taken by another program. End that program, or choose another port with --port.`)
  if (found.code === 'EACCES') throw new UsageError(`Port ${asked} needs rights that you do not have. Choose one above 1023 with --port.`)
  throw new UsageError(`Port ${asked} cannot be opened (${found.code}). Choose another one with --port.`)
}

/** Throws a UsageError when nothing answers at the Redis's address. */
export async function requireReachable (redis: URL): Promise<void> {
  const socket = redis.protocol === 'unix:' ? connect(redis.pathname) : connect({ host: redis.hostname.replace(/^\[|\]$/g, ''), port: Number(redis.port || 6379), timeout: 3000 })
  socket.on('timeout', () => { socket.destroy(new Error('timeout')) })
  try {
    await once(socket, 'connect')
  } catch {
    throw new UsageError(`Nothing answers at ${redis.protocol}//${redis.host}${redis.protocol === 'unix:' ? redis.pathname : ''}. Start a Redis there, or leave --redis out.`)
  } finally {
    socket.destroy()
  }
}
