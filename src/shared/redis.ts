// The one import of ioredis. Its errors carry the arguments of the failed command, which can be a whole record: they are replaced here and
// never leave as they are. Nothing is sent twice by itself: what to do with a command whose answer was cut is the caller's decision.
import { readFileSync } from 'node:fs'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { RedisConfig } from './redis-config.ts'

/** A command failed or was not answered. `maybeExecuted` says that it may have run all the same. */
export class RedisError extends Error {
  override readonly name = 'RedisError'
  /** The first word of the server's own error (`READONLY`, `OOM`, `NOAUTH`, `WRONGTYPE` …), or `TIMEOUT`, `CLOSED`, `UNKNOWN`. */
  readonly code: string
  readonly maybeExecuted: boolean
  constructor (code: string, maybeExecuted: boolean) {
    super(`redis: ${code}`)
    this.code = code
    this.maybeExecuted = maybeExecuted
  }
}

export type RedisArgument = string | number | Buffer

export interface RedisClient {
  /** Sends one command; the answer as ioredis gives it (strings). Throws RedisError. */
  call(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  /** The same, with bulk answers as Buffers. */
  callBuffer(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  /** The same of every server that takes writes: one, or the primaries of a Cluster. */
  callEach(command: string, ...args: readonly RedisArgument[]): Promise<readonly unknown[]>
  /** Listens to a channel on a connection of its own. Messages can be lost while the connection is down. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
  /** Called at every (re)connection, once commands can be sent. */
  onReady(listener: () => void): void
  isReady(): boolean
  /** Why it is not ready, in one word: the server's (`NOAUTH`, `WRONGPASS`, `LOADING` …) or the system's (`ECONNREFUSED` …). */
  lastError(): string | undefined
  /** Drops the connection and opens another: for one that no longer answers, which TCP alone notices after minutes. */
  reconnect(): void
  close(): void
}

/** The first word of a server's error or the system's code of a connection's; never its text. */
function toErrorWord (error: unknown): string {
  const system = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^[A-Z][A-Z_]{1,39}$/.test(system) ? system : toRedisError(error).code
}

const serverErrorWord = /^([A-Z]{2,20})(?: |$)/

function toRedisError (error: unknown): RedisError {
  const message = error instanceof Error ? error.message : ''
  const word = serverErrorWord.exec(message)?.[1]
  if (word !== undefined) return new RedisError(word, false)
  if (message === 'Command timed out') return new RedisError('TIMEOUT', true)
  if (message.startsWith("Stream isn't writeable")) return new RedisError('CLOSED', false)
  return new RedisError('CLOSED', true)
}

type Connection = Redis | Cluster

const isTls = (address: string | undefined) => address?.startsWith('rediss:') === true

function hostAndPort (address: string): { readonly host: string, readonly port: number } {
  const { hostname, port } = new URL(address)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 6379 : Number(port) }
}

function createSettings (config: RedisConfig, commandTimeoutMs: number) {
  const addresses = [config.url, ...config.sentinel?.addresses ?? [], ...config.cluster?.addresses ?? []]
  return {
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.password === undefined ? {} : { password: config.password.reveal() }),
    ...(addresses.some(isTls) ? { tls: config.authority === undefined ? {} : { ca: readFileSync(config.authority) } } : {}),
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    retryStrategy: (attempt: number) => Math.min(50 * attempt, 500),
    // After a failover the old primary answers READONLY: reconnect, the caller decides about the command.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

type Settings = Omit<ReturnType<typeof createSettings>, 'maxRetriesPerRequest' | 'enableOfflineQueue'> & { readonly maxRetriesPerRequest: number | null, readonly enableOfflineQueue: boolean }

function openConnection ({ url = '', sentinel, cluster }: RedisConfig, settings: Settings): Connection {
  if (sentinel !== undefined) {
    return new Redis({
      ...settings,
      sentinels: sentinel.addresses.map(hostAndPort),
      name: sentinel.name,
      role: 'master',
      ...(sentinel.username === undefined ? {} : { sentinelUsername: sentinel.username }),
      ...(sentinel.password === undefined ? {} : { sentinelPassword: sentinel.password.reveal() }),
      ...(settings.tls === undefined ? {} : { sentinelTLS: settings.tls, enableTLSForSentinelMode: true }),
      sentinelRetryStrategy: settings.retryStrategy,
      // Not `failoverDetector`: in one failover of three it cut the new connection and never opened another. A primary that is silent is left by `reconnect`,
      // one that became a replica by its READONLY.
    })
  }
  if (cluster === undefined) return new Redis(url.startsWith('unix://') ? url.slice('unix://'.length) : url, settings)
  const { enableOfflineQueue, retryStrategy, ...redisOptions } = settings
  return new Cluster(cluster.addresses.map(hostAndPort), {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    // A command whose node went away is not sent again by itself. MOVED and ASK were not executed, so those are followed.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: 2000,
  })
}

/** Opens a connection that reconnects for ever. It never queues commands while it is down: they fail at once. */
export function createRedisClient (config: RedisConfig, options: { readonly commandTimeoutMs: number }): RedisClient {
  const settings: Settings = createSettings(config, options.commandTimeoutMs)
  let lastError: string | undefined
  const main = openConnection(config, settings)
  const note = (error: unknown) => { lastError = toErrorWord(error) } // its text can quote addresses and arguments
  main.on('error', note)
  if (main instanceof Cluster) main.on('node error', note)
  let listening: Connection | undefined
  const refuse = (error: unknown): never => { throw toRedisError(error) }
  return {
    call: (command, ...args) => main.call(command, [...args]).catch(refuse),
    callBuffer: (command, ...args) => main.callBuffer(command, [...args]).catch(refuse),
    async callEach (command, ...args) {
      const nodes = main instanceof Cluster ? main.nodes('master') : [main]
      return await Promise.all(nodes.map(node => node.call(command, [...args]))).catch(refuse)
    },
    async subscribe (channel, listener) {
      listening ??= openConnection(config, { ...settings, enableOfflineQueue: true, maxRetriesPerRequest: null })
      listening.on('error', () => { /* as above */ })
      listening.on('message', (from: string, message: string) => { if (from === channel) listener(message) })
      await listening.subscribe(channel).catch(refuse)
    },
    onReady (listener) {
      main.on('ready', listener)
      if (main.status === 'ready') listener()
    },
    isReady: () => main.status === 'ready',
    lastError: () => main.status === 'ready' ? undefined : lastError,
    reconnect: () => { main.disconnect(true) },
    close () {
      main.disconnect()
      listening?.disconnect()
    },
  }
}
