// Keeps Redis up to date with the spool: the running epoch and, beside it, whatever earlier epochs still have to be carried. It keeps trying for as
// long as the process lives, and says what stands in the way.
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import { RedisError, type RedisClient } from '../shared/redis.ts'
import { examineRedis } from './probe-redis.ts'
import { RecentRecords } from './recent-records.ts'
import type { SealedRecord } from './seal.ts'
import { nameInRegistry, nameRegistry, type StreamClient } from './redis-stream.ts'
import type { SegmentPlace } from './segment.ts'
import { EpochShipper, readHead, StreamConflict } from './ship-epoch.ts'
import { readShippedMark, writeShippedMark } from './shipped-mark.ts'
import { Signal } from './signal.ts'
import { createSpoolRecords } from './spool-records.ts'

export interface ShipperOptions {
  readonly client: RedisClient
  readonly clock: Clock
  readonly log: Logger
  readonly directory: string
  readonly place: SegmentPlace
  /** Id of the key that an epoch is sealed with. */
  readonly keyIdOf: (epoch: number) => string
  /** Epochs of this writer before the running one, oldest first. */
  readonly earlierEpochs: readonly number[]
  /** The running epoch is in Redis up to this number. */
  readonly onShipped: (seq: number) => void
  /** A sentence when Redis cannot take records of the running epoch; undefined when it can. */
  readonly onState: (detail: string | undefined) => void
  /** A stream of ours holds something else: called once for each. */
  readonly onConflict: (conflict: { readonly epoch: number, readonly at: string }) => void
  /** Redis no longer has what it had acknowledged; it is carried again. */
  readonly onLost: (lost: { readonly epoch: number, readonly first: number, readonly last: number }) => void
  readonly durability: 'spool' | 'redis' | 'dual'
}

const firstRetryMs = 50
const lastRetryMs = 1000
/** A conflict, or a Redis that does not suit, needs a person; it is looked at again now and then. */
const conflictRetryMs = 10_000

/** It has to be looked at whole. */
const unknown = { first: 0, last: 0 }

/** A server that may not hold the trail, with the sentence that says why. */
class UnsuitableRedis extends Error {}

export class Shipper {
  readonly #options: ShipperOptions
  readonly #recent: RecentRecords
  readonly #live: EpochShipper
  readonly #earlier = new Map<number, number>()
  readonly #conflicts = new Map<number, string>()
  readonly #idlers: Array<() => void> = []
  readonly #offered = new Signal()
  /** A new connection, or the end: what waits to try again does so at once. */
  readonly #liveRetry = new Signal()
  readonly #earlierRetry = new Signal()
  readonly #earlierCheck = new Signal()
  /** Where earlier epochs end in the spool. */
  readonly #ends = new Map<number, number>()
  readonly #damaged = new Set<number>()
  #checksWanted = 0
  #checksDone = -1
  readonly #underWay = new Set<(error: RedisError) => void>()
  #connection = 0
  #detail: string | undefined = 'Redis has not answered yet; records wait in the spool.'
  #word: string | undefined
  #isStopped = false

  constructor (options: ShipperOptions) {
    this.#options = options
    const { client, place, keyIdOf, directory, earlierEpochs } = options
    this.#recent = new RecentRecords(createSpoolRecords(directory, place.epoch))
    const guarded: StreamClient = {
      call: (command, ...args) => this.#untilReconnected(client.call(command, ...args)),
      callBuffer: (command, ...args) => this.#untilReconnected(client.callBuffer(command, ...args)),
    }
    this.#live = new EpochShipper({
      client: guarded,
      place,
      keyId: keyIdOf(place.epoch),
      records: this.#recent,
      onSetBack: lost => { this.#setBack(place.epoch, lost) },
      onListLost: () => { this.#wantCheck() },
    })
    for (const epoch of earlierEpochs) this.#earlier.set(epoch, 0)
    client.onReady(() => { this.#reconnected() })
    void this.#shipLive()
    void this.#shipEarlier(guarded)
  }

  /** Takes records of the running epoch, in order. */
  offer (records: readonly SealedRecord[]): void {
    this.#recent.add(records)
    this.#offered.give()
  }

  /** One sentence for the readiness answer, or undefined when all is well. */
  state (): string | undefined {
    return this.#conflicts.values().next().value ?? this.#detail
  }

  unshipped (): number {
    let earlier = 0
    for (const count of this.#earlier.values()) earlier += count
    return this.#recent.last - this.#live.ackedSeq + earlier
  }

  /** Resolves when Redis has everything that was offered and every earlier epoch. */
  async idle (): Promise<void> {
    while (!this.#isIdle()) await new Promise<void>(resolve => { this.#idlers.push(resolve) })
  }

  stop (): void {
    this.#isStopped = true
    this.#options.client.close()
    this.#reconnected()
  }

  #isIdle (): boolean {
    return this.#checksDone === this.#checksWanted && this.#earlier.size === 0 && this.#live.ackedSeq >= this.#recent.last
  }

  #progress (): void {
    for (const resolve of this.#idlers.splice(0)) resolve()
  }

  async #shipLive (): Promise<void> {
    let retryMs = firstRetryMs
    while (!this.#isStopped) {
      const connection = this.#connection
      try {
        await this.#requireSuitable()
        await this.#live.resume()
        this.#conflicts.delete(this.#options.place.epoch)
        this.#setDetail(undefined)
        this.#word = undefined
        retryMs = firstRetryMs
        while (!this.#isStopped && connection === this.#connection) {
          this.#acknowledge()
          if (!await this.#live.shipNext()) await this.#offered.taken()
        }
      } catch (error) {
        const { needsPerson, detail } = this.#explain(error, this.#options.place.epoch)
        this.#setDetail(detail)
        await this.#liveRetry.taken({ clock: this.#options.clock, ms: needsPerson ? conflictRetryMs : retryMs })
        retryMs = Math.min(lastRetryMs, retryMs * 2)
      }
    }
  }

  /** After a failover another server answers, and where "on record" means Redis it must be as durable as the first. */
  async #requireSuitable (): Promise<void> {
    const { client, durability } = this.#options
    const { wrong } = durability === 'spool' ? { wrong: undefined } : await examineRedis(client, durability)
    if (wrong !== undefined) throw new UnsuitableRedis(wrong)
  }

  #acknowledge (): void {
    this.#recent.forget(this.#live.ackedSeq)
    this.#options.onShipped(this.#live.ackedSeq)
    this.#progress()
  }

  /** Carries what is left of earlier epochs; then, with every new connection and whenever something is missing, compares again: a failover can have lost of them too. */
  async #shipEarlier (client: StreamClient): Promise<void> {
    while (!this.#isStopped) {
      const wanted = this.#checksWanted
      await this.#carryEarlier(client)
      this.#checksDone = wanted
      this.#progress()
      while (wanted === this.#checksWanted && !this.#isStopped) await this.#earlierCheck.taken()
      for (const epoch of this.#options.earlierEpochs) this.#earlier.set(epoch, 0)
    }
  }

  async #carryEarlier (client: StreamClient): Promise<void> {
    const { directory, place, keyIdOf, log } = this.#options
    const mark = await readShippedMark(directory)
    const registered = await this.#readRegistry(client)
    let isWhole = true
    for (const epoch of [...this.#earlier.keys()]) {
      const records = createSpoolRecords(directory, epoch)
      const shipper = new EpochShipper({ client, place: { ...place, epoch }, keyId: keyIdOf(epoch), records })
      const isKnown = epoch <= mark && registered.has(nameInRegistry({ ...place, epoch }))
      const missing = isKnown ? await this.#findMissing(client, records, epoch) : unknown
      let isDone = missing === undefined
      while (!isDone && !this.#isStopped) isDone = await this.#shipEpoch(shipper, records, epoch)
      if (this.#isStopped) return
      if (missing !== undefined && missing.last > 0) this.#setBack(epoch, missing)
      if (records.isDamaged() && !this.#damaged.has(epoch)) log.error('audit.spoolDamaged', { epoch, after: shipper.ackedSeq })
      if (records.isDamaged()) this.#damaged.add(epoch)
      this.#earlier.delete(epoch)
      isWhole &&= !records.isDamaged() && !this.#conflicts.has(epoch)
      if (isWhole && epoch > mark) await writeShippedMark(directory, epoch).catch(() => undefined)
      this.#progress()
    }
  }

  /** What a stream that was carried as a whole lacks; undefined when nothing. One that is listed and empty was deleted by an administrator. */
  async #findMissing (client: StreamClient, records: ReturnType<typeof createSpoolRecords>, epoch: number): Promise<typeof unknown | undefined> {
    try {
      const head = await readHead(client, { ...this.#options.place, epoch })
      if (head === 0) return undefined
      let end = this.#ends.get(epoch)
      if (end === undefined) this.#ends.set(epoch, end = await records.last())
      if (head === end) return undefined
      return head === undefined || head > end ? unknown : { first: head + 1, last: end }
    } catch { return unknown } // what carries it meets the same and waits
  }

  /** The streams that Redis knows; asks until it answers. */
  async #readRegistry (client: StreamClient): Promise<ReadonlySet<string>> {
    while (!this.#isStopped && this.#earlier.size > 0) {
      try { return new Set(await client.call('HKEYS', nameRegistry(this.#options.place.gateway)) as string[]) } catch {
        await this.#earlierRetry.taken({ clock: this.#options.clock, ms: lastRetryMs }) // the running epoch's carrier says why
      }
    }
    return new Set()
  }

  /** Carries what is left of one earlier epoch. Returns whether nothing more can be carried. */
  async #shipEpoch (shipper: EpochShipper, records: ReturnType<typeof createSpoolRecords>, epoch: number): Promise<boolean> {
    try {
      const last = await records.last()
      if (last === 0) return true
      this.#earlier.set(epoch, last)
      await shipper.resume()
      do this.#earlier.set(epoch, Math.max(0, last - shipper.ackedSeq)); while (!this.#isStopped && await shipper.shipNext())
      return true
    } catch (error) {
      const { needsPerson } = this.#explain(error, epoch)
      if (needsPerson) return true // it stays on disk, and the alarm stays on
      await this.#earlierRetry.taken({ clock: this.#options.clock, ms: lastRetryMs })
      return false
    }
  }

  #setDetail (detail: string | undefined): void {
    if (detail === this.#detail) return
    this.#detail = detail
    if (detail === undefined) this.#options.log.info('audit.redisReady')
    else this.#options.log.warn('audit.redisUnavailable', { detail })
    this.#options.onState(detail)
  }

  #setBack (epoch: number, lost: { readonly first: number, readonly last: number }): void {
    this.#options.log.warn('audit.redisLostRecords', { epoch, ...lost })
    this.#options.onLost({ epoch, ...lost })
    if (epoch === this.#options.place.epoch) this.#wantCheck()
  }

  #explain (error: unknown, epoch: number): { readonly needsPerson: boolean, readonly detail: string } {
    const { client, log, onConflict } = this.#options
    if (error instanceof UnsuitableRedis) return { needsPerson: true, detail: error.message }
    if (error instanceof StreamConflict) {
      const detail = `The stream ${error.stream} holds a record that is not ours at ${error.at}: a second writer, a restored copy, or a changed stream. Nothing is overwritten; the records wait in the spool.`
      if (!this.#conflicts.has(epoch)) {
        log.error('audit.redisConflict', { stream: error.stream, at: error.at })
        this.#conflicts.set(epoch, detail)
        onConflict({ epoch, at: error.at })
      }
      return { needsPerson: true, detail }
    }
    if (!(error instanceof RedisError)) {
      log.bug('audit.shipFailed', error)
      return { needsPerson: false, detail: 'Records could not be carried to Redis; they wait in the spool.' }
    }
    if (error.code === 'TIMEOUT') client.reconnect()
    // A dropped connection says less than what was the reason to drop it.
    if (error.code !== 'CLOSED' || this.#word === undefined) this.#word = client.lastError() ?? error.code
    return { needsPerson: false, detail: `Redis does not take records (${this.#word}); they wait in the spool.` }
  }

  #reconnected (): void {
    this.#connection += 1
    for (const reject of this.#underWay) reject(new RedisError('CLOSED', true))
    this.#offered.give()
    this.#liveRetry.give()
    this.#earlierRetry.give()
    this.#wantCheck()
  }

  #wantCheck (): void {
    this.#checksWanted += 1
    this.#earlierCheck.give()
  }

  /** A call that was under way when the connection broke may never be answered: it ends with the next connection. */
  async #untilReconnected (answer: Promise<unknown>): Promise<unknown> {
    const { promise, reject } = Promise.withResolvers<never>()
    this.#underWay.add(reject)
    try {
      return await Promise.race([answer, promise])
    } finally { this.#underWay.delete(reject) }
  }
}
