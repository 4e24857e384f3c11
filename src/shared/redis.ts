// The one import of ioredis. Its errors carry the arguments of the failed command, which can be a whole record: they are replaced here and
// never leave as they are. Nothing is sent twice by itself: what to do with a command whose answer was cut is the caller's decision.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as IoRedis from 'ioredis'
import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { RedisConfig } from './redis-config.ts'

const require = createRequire(import.meta.url)
/** Loaded with the first client: a gateway that has no Redis does not need it. */
const ioredis = () => require('ioredis') as typeof IoRedis

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
  /** Sends one command; the answer as ioredis gives it (strings). On a cluster it goes to the primary that has its key. Throws RedisError. */
  call(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  /** The same, with bulk answers as Buffers. */
  callBuffer(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  /** Sends a command without a key to every primary: one answer each. There is one primary, except on a cluster. */
  callEach(command: string, ...args: readonly RedisArgument[]): Promise<readonly unknown[]>
  /** Listens to a channel on a connection of its own. Messages can be lost while the connection is down. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
  /** Called at every (re)connection, once commands can be sent; on a cluster at that of any primary. */
  onReady(listener: () => void): void
  isReady(): boolean
  /** Why it is not ready, in a word or a few: the server's (`NOAUTH`, `WRONGPASS`, `LOADING` …), the system's (`ECONNREFUSED` …), or what the Sentinels say. */
  lastError(): string | undefined
  /** Drops the connection and opens another: for one that no longer answers, which TCP alone notices after minutes. */
  reconnect(): void
  close(): void
}

const serverErrorWord = /^([A-Z]{2,20})(?: |$)/

function toRedisError (error: unknown): RedisError {
  const message = error instanceof Error ? error.message : ''
  const word = serverErrorWord.exec(message)?.[1]
  if (word !== undefined) return new RedisError(word, false)
  if (message === 'Command timed out') return new RedisError('TIMEOUT', true)
  if (message.startsWith("Stream isn't writeable") || message.startsWith("Cluster isn't ready")) return new RedisError('CLOSED', false)
  return new RedisError('CLOSED', true)
}

/** The first word of a server's error or the system's code of a connection's; never its text. */
function toErrorWord (error: unknown): string {
  if (!(error instanceof Error)) return 'CLOSED'
  if ('lastNodeError' in error && error.lastNodeError instanceof Error) return toErrorWord(error.lastNodeError)
  return 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z_]{1,39}$/.test(error.code) ? error.code : toRedisError(error).code
}

/** Whether a Sentinel refused, did not answer, or knows no such primary. */
function toSentinelWord ({ message }: Error): string {
  const [, cause] = message.split(' because ')
  if (cause === undefined) return 'no Sentinel knows a primary of this name'
  const word = serverErrorWord.exec(cause)?.[1]
  return word === undefined ? 'no Sentinel answers' : `a Sentinel says ${word}`
}

/** What the ways of reaching a server have in common. */
interface Way {
  readonly main: Redis | Cluster
  /** A connection that only listens. */
  readonly openListener: () => Redis | Cluster
  readonly primaries: () => readonly Redis[]
  readonly onReady: (listener: () => void) => void
  readonly close: () => void
}

type Settings = ReturnType<typeof createSettings>

const retryMs = (attempt: number) => Math.min(50 * attempt, 500)
const connectTimeoutMs = 2000
/** How often a cluster is asked where its slots are, beside each time that a node says so. */
const clusterRefreshMs = 5000

function createSettings ({ username, password, authority }: RedisConfig, { isTls, commandTimeoutMs }: { readonly isTls: boolean, readonly commandTimeoutMs: number }) {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(isTls ? { tls: authority === undefined ? {} : { ca: readFileSync(authority) } } : {}),
    disableClientInfo: true, // a command more that a role would need
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    retryStrategy: retryMs,
    // After a failover the old primary answers READONLY: reconnect, the caller decides about the command.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

const forListening = { enableOfflineQueue: true, maxRetriesPerRequest: null, autoResubscribe: true } as const

function readAddress (address: string, defaultPort: number): { readonly host: string, readonly port: number } {
  const { hostname, port } = new URL(address)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) }
}

function openServer (url: string, settings: Settings): Way {
  const address = url.startsWith('unix://') ? url.slice('unix://'.length) : url
  const main = new (ioredis().Redis)(address, settings)
  return {
    main,
    primaries: () => [main],
    openListener: () => new (ioredis().Redis)(address, { ...settings, ...forListening }),
    onReady: listener => { main.on('ready', listener) },
    close: () => { main.disconnect() },
  }
}

/**
 * Drops a connection, so that another is opened. One that is being opened is left: ioredis would end it for good. Where it may be on its way to the wrong
 * server, it is dropped when it is open.
 */
function openAnew (connection: Redis | Cluster, whenOpening: 'leave' | 'later'): void {
  if (connection.status === 'ready' || connection.status === 'connect') connection.disconnect(true)
  else if (whenOpening === 'later' && connection.status === 'connecting' && !connection.listeners('ready').includes(dropWhenOpen)) connection.once('ready', dropWhenOpen)
}

function dropWhenOpen (this: Redis | Cluster): void {
  this.disconnect(true)
}

function openSentinels ({ name, username, password, ...sentinel }: NonNullable<RedisConfig['sentinel']>, settings: Settings): Way {
  const addresses = sentinel.addresses.map(address => readAddress(address, 26_379))
  const options = {
    ...settings,
    sentinels: addresses,
    name,
    role: 'master',
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password.reveal() }),
    ...('tls' in settings ? { enableTLSForSentinelMode: true, sentinelTLS: settings.tls } : {}),
    sentinelCommandTimeout: connectTimeoutMs,
    sentinelRetryStrategy: retryMs,
    updateSentinels: false, // those that were written down are asked, whatever others say
  } satisfies RedisOptions
  const main = new (ioredis().Redis)(options)
  const listeners: Redis[] = []
  const askAgain = () => { for (const connection of [main, ...listeners]) openAnew(connection, 'later') }
  // An old primary that is cut off from the others but not from us goes on answering: that it is none any more, only the Sentinels say.
  const watchers = addresses.map(({ host, port }) => {
    const { username: _user, password: _password, ...rest } = settings
    const login = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password: password.reveal() }) }
    const watcher = new (ioredis().Redis)({ ...rest, ...forListening, ...login, host, port, enableReadyCheck: false, commandTimeout: undefined })
    watcher.on('error', () => { /* the main connection says what is wrong */ })
    watcher.on('message', (_channel: string, message: string) => { if (message.split(' ')[0] === name) askAgain() })
    watcher.once('ready', () => { watcher.on('ready', askAgain) }) // what was said while it was away is not said again
    watcher.subscribe('+switch-master').catch(() => { /* without this right a failover is noticed by READONLY and closed connections only */ })
    return watcher
  })
  return {
    main,
    primaries: () => [main],
    openListener () {
      const listener = new (ioredis().Redis)({ ...options, ...forListening })
      listeners.push(listener)
      return listener
    },
    onReady: listener => { main.on('ready', listener) },
    close () { for (const connection of [main, ...watchers]) connection.disconnect() },
  }
}

function openCluster (addresses: readonly string[], settings: Settings): Way {
  const { enableOfflineQueue, retryStrategy, ...redisOptions } = settings
  const main = new (ioredis().Cluster)(addresses.map(address => readAddress(address, 6379)), {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: clusterRefreshMs,
    slotsRefreshTimeout: connectTimeoutMs,
    // Never sent again by itself: such a command may have been executed.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
  })
  const told: Array<() => void> = []
  const tell = () => { if (main.status === 'ready') for (const listener of told) listener() }
  let isConnected = false
  main.on('+node', (node: Redis) => { node.on('ready', () => { if (isConnected) tell() }) })
  // Nodes are connected when they are first needed. All are needed before anybody is told, so that none comes as a surprise.
  main.on('ready', () => {
    isConnected = false
    void Promise.allSettled(main.nodes('master').map(connect)).then(() => { isConnected = true; tell() })
  })
  return {
    main,
    primaries: () => main.nodes('master'),
    openListener: () => main,
    onReady: listener => { told.push(listener) },
    close: () => { main.disconnect() },
  }
}

async function connect (node: Redis): Promise<void> {
  if (node.status === 'wait') await node.connect()
  else if (node.status !== 'ready') await new Promise<void>(resolve => { node.once('ready', resolve).once('end', resolve) })
}

function open (config: RedisConfig, commandTimeoutMs: number): Way {
  const { url = '', sentinel, cluster } = config
  const isTls = [url, ...sentinel?.addresses ?? [], ...cluster?.addresses ?? []].some(address => address.startsWith('rediss:'))
  const settings = createSettings(config, { isTls, commandTimeoutMs })
  if (sentinel !== undefined) return openSentinels(sentinel, settings)
  return cluster === undefined ? openServer(url, settings) : openCluster(cluster.addresses, settings)
}

/** Opens a connection that reconnects for ever. It never queues commands while it is down: they fail at once. */
export function createRedisClient (config: RedisConfig, options: { readonly commandTimeoutMs: number }): RedisClient {
  const { main, primaries, openListener, onReady, close } = open(config, options.commandTimeoutMs)
  let lastError: string | undefined
  // Their texts can quote addresses and arguments.
  const note = (error: Error) => { if (!error.message.startsWith('All sentinels are unreachable')) lastError = toErrorWord(error) }
  main.on('error', note)
  main.on('node error', note)
  main.on('sentinelError', (error: Error) => { lastError = toSentinelWord(error) }) // says more than the one that was left out
  let listening: Redis | Cluster | undefined
  const replaced = async <T>(answer: Promise<T>): Promise<T> => answer.catch((error: unknown) => { throw toRedisError(error) })
  return {
    call: (command, ...args) => replaced(main.call(command, [...args])),
    callBuffer: (command, ...args) => replaced(main.callBuffer(command, [...args])),
    async callEach (command, ...args) {
      const nodes = primaries()
      if (nodes.length === 0) throw new RedisError('CLOSED', false)
      return Promise.all(nodes.map(node => replaced(node.call(command, [...args]))))
    },
    async subscribe (channel, listener) {
      if (listening === undefined) {
        listening = openListener()
        listening.on('error', () => { /* as above */ })
      }
      listening.on('message', (from: string, message: string) => { if (from === channel) listener(message) })
      await replaced(listening.subscribe(channel))
    },
    onReady (listener) {
      onReady(listener)
      if (main.status === 'ready') listener()
    },
    isReady: () => main.status === 'ready',
    lastError: () => main.status === 'ready' ? undefined : lastError,
    reconnect: () => { openAnew(main, 'leave') },
    close () {
      close()
      listening?.disconnect()
    },
  }
}
