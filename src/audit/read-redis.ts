// Reads a trail back from Redis, every writer's streams, and checks it as the reader of a spool does. It never writes.
import type { Clock } from '../shared/clock.ts'
import { createRedisClient, type RedisClient } from '../shared/redis.ts'
import type { RedisConfig } from '../shared/redis-config.ts'
import type { SecretValue } from '../shared/schema.ts'
import { pause } from './follow.ts'
import { deriveAuditKeys, type AuditKeys } from './keys.ts'
import { becomesReady } from './probe-redis.ts'
import { createEpochState, damaged, mayPrecede, readRecord, type ReadHooks, type ReaderState, type TrailEntry } from './reader.ts'
import { nameRegistry, nameStream, parseBeginningsName, parseEntry, parseRegistryName, readEntries } from './redis-stream.ts'
import { readBeginnings, type Beginning } from './retention/beginning.ts'
import type { SegmentPlace } from './segment.ts'
import { AuditSetupError } from './setup-error.ts'

export interface ReadRedisOptions {
  readonly redis: RedisConfig
  readonly gateway: string
  readonly key: SecretValue
  readonly clock: Clock
}

/** All records in Redis, writer by writer, oldest first. Throws an AuditSetupError when Redis does not answer, a RedisError when it stops to. */
export async function * readRedisTrail (options: ReadRedisOptions): AsyncGenerator<TrailEntry> {
  const client = await connect(options)
  try { yield * new StreamsView(client, options).read() } finally { client.close() }
}

/** The trail in Redis with one connection for several readings. */
export interface RedisTrail {
  writers (): Promise<readonly string[]>
  /** After which records the streams begin, where older ones were removed on purpose. */
  beginnings (): Promise<readonly Beginning[]>
  /** All records of one writer, oldest first. Throws a RedisError when Redis stops to answer. */
  read (writer: string, hooks?: ReadHooks): AsyncGenerator<TrailEntry>
  close (): void
}

/** Throws an AuditSetupError when Redis does not answer. */
export async function openRedisTrail (options: ReadRedisOptions): Promise<RedisTrail> {
  const client = await connect(options)
  return {
    writers: async () => [...new Set((await new StreamsView(client, options).list()).map(({ place }) => place.writer))],
    beginnings: () => new StreamsView(client, options).readBeginnings(),
    read: (writer, hooks) => new StreamsView(client, { ...options, ...hooks, writer }).read(),
    close: () => { client.close() },
  }
}

/** The same, and then what is added, until the signal. */
export async function * followRedisTrail (options: ReadRedisOptions & { readonly signal: AbortSignal, readonly pollMs?: number }): AsyncGenerator<TrailEntry> {
  const client = await connect(options)
  try {
    const view = new StreamsView(client, options)
    while (!options.signal.aborted) {
      yield * view.read()
      await pause(options.clock, options.pollMs ?? 200, options.signal)
    }
  } finally { client.close() }
}

const connectTimeoutMs = 5000
const commandTimeoutMs = 5000
const pageEntries = 512

async function connect ({ redis, clock }: ReadRedisOptions): Promise<RedisClient> {
  const client = createRedisClient(redis, { commandTimeoutMs })
  if (await becomesReady({ client, clock, timeoutMs: connectTimeoutMs })) return client
  const why = client.lastError() ?? 'no answer'
  client.close()
  throw new AuditSetupError('audit.redisUnreachable', `Redis does not answer (${why}). Start it, or correct its address and user.`)
}

class StreamsView {
  readonly #client: RedisClient
  readonly #gateway: string
  readonly #keys: AuditKeys
  readonly #streams = new Map<string, { readonly state: ReaderState, lastId: string }>()

  readonly #writer: string | undefined
  readonly #hooks: ReadHooks
  #total = 0
  #done = 0

  constructor (client: RedisClient, { gateway, key, writer, ...hooks }: ReadRedisOptions & ReadHooks & { readonly writer?: string }) {
    this.#client = client
    this.#gateway = gateway
    this.#writer = writer
    this.#hooks = hooks
    this.#keys = deriveAuditKeys(key, gateway)
  }

  /** What was added since the last call. */
  async * read (): AsyncGenerator<TrailEntry> {
    const latest = new Map<string, ReaderState>()
    await this.#measure()
    const beginnings = await this.readBeginnings()
    for (const { place, keyId } of await this.list()) {
      const stream = nameStream(place)
      const beginning = beginnings.find(({ writer }) => writer === place.writer)
      if (beginning !== undefined && place.epoch < beginning.epoch) continue
      let known = this.#streams.get(stream)
      if (known === undefined) {
        known = { state: createEpochState(place, { keys: this.#keys, previous: latest.get(place.writer), hooks: this.#hooks, beginning }), lastId: '0-0' }
        this.#streams.set(stream, known)
        if (keyId !== this.#keys.of(place.epoch).id) yield damaged(known.state, ['key'])
      }
      if (keyId === this.#keys.of(place.epoch).id) yield * this.#readStream(stream, known)
      if (mayPrecede(known.state)) latest.set(place.writer, known.state)
    }
  }

  /** The one in effect of each writer: the latest before which nothing is here any more. */
  async readBeginnings (): Promise<readonly Beginning[]> {
    const fields = await this.#readRegistry()
    const found: Beginning[] = []
    for (const [field, text] of fields) {
      const writer = parseBeginningsName(field)
      if (writer === undefined) continue
      const marks = readBeginnings(text, { kind: 'redis', gateway: this.#gateway, keys: this.#keys }).filter(mark => mark.writer === writer)
      const streams = (await this.list()).filter(({ place }) => place.writer === writer).map(({ place }) => place)
      for (const mark of marks.toReversed()) {
        if (!await this.#isAllAfter(mark, streams)) continue
        found.push(mark)
        break
      }
    }
    return found
  }

  async #isAllAfter (mark: Beginning, places: readonly SegmentPlace[]): Promise<boolean> {
    for (const place of places.filter(({ epoch }) => epoch <= mark.epoch)) {
      const [entry] = await readEntries(this.#client, nameStream(place), { from: '-', count: 1 })
      if (entry !== undefined && (place.epoch < mark.epoch || Number(entry.id.split('-')[0]) <= mark.seq)) return false
    }
    return true
  }

  async #readRegistry (): Promise<ReadonlyArray<readonly [string, string]>> {
    const answer = await this.#client.call('HGETALL', nameRegistry(this.#gateway)) as string[]
    return answer.flatMap((field, at) => at % 2 === 0 ? [[field, answer[at + 1] as string] as const] : [])
  }

  async list (): Promise<Array<{ readonly place: SegmentPlace, readonly keyId: string }>> {
    const found: Array<{ place: SegmentPlace, keyId: string }> = []
    for (const [field, keyId] of await this.#readRegistry()) {
      const place = parseRegistryName(this.#gateway, field)
      if (place !== undefined && (this.#writer ?? place.writer) === place.writer) found.push({ place, keyId })
    }
    return found.sort((a, b) => a.place.writer < b.place.writer ? -1 : a.place.writer > b.place.writer ? 1 : a.place.epoch - b.place.epoch)
  }

  /** Counts what there is to read, when somebody wants to know. */
  async #measure (): Promise<void> {
    if (this.#hooks.onProgress === undefined) return
    this.#total = 0
    for (const { place } of await this.list()) this.#total += Number(await this.#client.call('XLEN', nameStream(place)))
  }

  async * #readStream (stream: string, known: { readonly state: ReaderState, lastId: string }): AsyncGenerator<TrailEntry> {
    for (;;) {
      const page = await readEntries(this.#client, stream, { from: `(${known.lastId}`, count: pageEntries })
      for (const entry of page) {
        known.lastId = entry.id
        this.#hooks.onProgress?.(Math.min(this.#total, ++this.#done), this.#total)
        const parsed = parseEntry(entry)
        yield parsed === undefined ? damaged(known.state, ['form']) : readRecord(parsed, known.state)
      }
      if (page.length < pageEntries) return
    }
  }
}
