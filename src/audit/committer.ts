// Group commit: one batch is on its way to the disk, everything that arrives meanwhile waits and goes into the next. Order of arrival is order on
// disk. A batch that failed is tried again, the same bytes, until it is durable: what was taken in is never dropped.
import type { Clock, Timer } from '../shared/clock.ts'
import type { PreparedEvent, SealedRecord } from './seal.ts'

/** One event on its way. */
export interface Item {
  readonly prepared: PreparedEvent
  /** Set when its batch is sealed. */
  record: SealedRecord | undefined
  /** Not sealed yet and no longer wanted: it leaves without a trace. */
  isWithdrawn: boolean
  /** Its caller was refused although the record can still reach the disk. */
  isRefused: boolean
  isOnDisk: boolean
  /** Called when the record is durable as configured. */
  settle: (() => void) | undefined
}

export interface CommitterOptions {
  readonly clock: Clock
  readonly seal: (prepared: PreparedEvent) => SealedRecord
  readonly append: (records: readonly SealedRecord[]) => Promise<void>
  /** Called with a sealed batch before it is on disk. */
  readonly onSealed: (items: readonly Item[]) => void
  /** Called in order, once for each batch. */
  readonly onDurable: (items: readonly Item[]) => void
  readonly onFailed: (error: unknown) => void
  /** Runs between batches, about once a second, never beside one. */
  readonly maintain: () => Promise<void>
}

const maxBatchItems = 512
const maxBatchBytes = 1024 * 1024
const firstRetryMs = 50
const lastRetryMs = 1000
const maintainEveryMs = 1000

export class Committer {
  readonly #options: CommitterOptions
  readonly #maintenance: Timer
  readonly #idlers: Array<() => void> = []
  #queue: Item[] = []
  #queuedBytes = 0
  #inFlight = 0
  #isRunning = false
  #isStopped = false
  #isMaintenanceDue = false
  #endPause: () => void = () => undefined

  constructor (options: CommitterOptions) {
    this.#options = options
    this.#maintenance = options.clock.every(maintainEveryMs, () => {
      this.#isMaintenanceDue = true
      this.#start()
    })
  }

  push (item: Item): void {
    this.#queue.push(item)
    this.#queuedBytes += item.prepared.salted.length
    this.#start()
  }

  /** Events that are not durable yet. */
  get waiting (): number { return this.#queue.length + this.#inFlight }

  /** Bytes of those that are not sealed yet. */
  get waitingBytes (): number { return this.#queuedBytes }

  /** Resolves when nothing waits. */
  async idle (): Promise<void> {
    if (this.#isRunning) await new Promise<void>(resolve => { this.#idlers.push(resolve) })
  }

  /** Takes no more batches; the one under way gets one more try. */
  async stop (): Promise<void> {
    this.#isStopped = true
    this.#maintenance.cancel()
    this.#endPause()
    await this.idle()
  }

  #start (): void {
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    setImmediate(() => { void this.#run() }) // everything that arrives in this turn of the loop goes into one batch
  }

  async #run (): Promise<void> {
    while ((this.#queue.length > 0 || this.#isMaintenanceDue) && !this.#isStopped) {
      if (this.#isMaintenanceDue) {
        this.#isMaintenanceDue = false
        await this.#options.maintain().catch(this.#options.onFailed)
      }
      const items = this.#take()
      this.#inFlight = items.length
      if (items.length > 0) await this.#commit(items)
      this.#inFlight = 0
    }
    this.#isRunning = false
    for (const resolve of this.#idlers.splice(0)) resolve()
  }

  #take (): Item[] {
    let bytes = 0
    let count = 0
    for (const { prepared } of this.#queue) {
      if (count >= maxBatchItems || bytes >= maxBatchBytes) break
      bytes += prepared.salted.length
      count += 1
    }
    this.#queuedBytes -= bytes
    return this.#queue.splice(0, count).filter(item => !item.isWithdrawn)
  }

  /** Until it is durable, or the trail is closed on a disk that does not come back. */
  async #commit (items: readonly Item[]): Promise<void> {
    const { seal, append, onSealed, onDurable, onFailed } = this.#options
    const records: SealedRecord[] = []
    for (const item of items) records.push(item.record = seal(item.prepared))
    onSealed(items)
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(lastRetryMs, retryMs * 2)) {
      const failure = await append(records).then(() => undefined, (error: unknown) => ({ error }))
      if (failure === undefined) break
      onFailed(failure.error)
      if (this.#isStopped) return
      await this.#pause(retryMs)
    }
    onDurable(items)
  }

  #pause (delayMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#options.clock.after(delayMs, resolve)
      this.#endPause = () => { timer.cancel(); resolve() }
    })
  }
}
