// A live feed: records of the spool to a receiver, in order, each at least once. It reads what is on disk already and so is never on the way of a request; a receiver
// that is down costs one attempt now and then. What is not confirmed is sent again with the next connection.
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { SecretValue } from '../../shared/schema.ts'
import type { ExportContext } from '../export/format.ts'
import { severityOf } from '../export/severity.ts'
import { followTrail, pause } from '../follow.ts'
import { createPairing } from '../questions/pairing.ts'
import type { TrailEntry } from '../reader.ts'
import { readFeedPosition, writeFeedPosition, type FeedPosition } from './feed-position.ts'
import { writeFeedText, type FeedForm } from './feed-text.ts'
import { formatSyslog, frame } from './syslog-message.ts'
import { SenderError, TlsSender } from './tls-sender.ts'

export interface FeedOptions extends FeedForm {
  /** Of the position file, and in the log. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly authority: string | undefined
  readonly directory: string
  readonly key: SecretValue
  readonly clock: Clock
  readonly log: Logger
  readonly context: ExportContext
  /** Where a feed without a position begins. */
  readonly begin: FeedPosition
}

const firstRetryMs = 1000
const lastRetryMs = 30_000
/** After so long, or so many records, a connection is closed in order and a new one opened: that confirms what went over it. */
const confirmAfterMs = 30_000
const confirmAfterRecords = 2000

/** A receiver that does not answer must not hold up a stop. */
const closeTimeoutMs = 2000

interface Sent { readonly bytes: Buffer, readonly position: FeedPosition }

export class Feed {
  readonly #options: FeedOptions
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  #unconfirmed: Sent[] = []
  #entries: AsyncGenerator<TrailEntry> | undefined
  #next: Promise<IteratorResult<TrailEntry>> | undefined
  #isDown = false

  constructor (options: FeedOptions) {
    this.#options = options
    this.#done = this.#run()
  }

  get isDown (): boolean { return this.#isDown }

  /** Delivers nothing more; what is not confirmed is sent again after the next start. */
  async close (): Promise<void> {
    this.#stop.abort()
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(closeTimeoutMs, resolve)
    await Promise.race([this.#done, promise])
    timer.cancel()
  }

  async #run (): Promise<void> {
    const { directory, key, clock, log, name, begin } = this.#options
    const { signal } = this.#stop
    const from = await readFeedPosition(directory, name) ?? begin
    this.#entries = followTrail({ directory, key, clock, signal, from })
    const pair = createPairing()
    let retryMs = firstRetryMs
    while (!signal.aborted) {
      try {
        await this.#serve(pair)
        retryMs = firstRetryMs
      } catch (error) {
        if (!(error instanceof SenderError)) log.bug('audit.feedFailed', error, { feed: name })
        else if (!this.#isDown) log.warn('audit.feedDown', { feed: name, code: error.code })
        this.#isDown = true
        await pause(clock, retryMs, signal)
        retryMs = Math.min(lastRetryMs, retryMs * 2)
      }
    }
  }

  /** One connection from its opening until it is closed in order. Throws a SenderError when it breaks. */
  async #serve (pair: ReturnType<typeof createPairing>): Promise<void> {
    const { clock, log, name } = this.#options
    const sender = await TlsSender.open(this.#options)
    const due = Promise.withResolvers<'due'>()
    const timer = clock.every(confirmAfterMs, () => { if (this.#unconfirmed.length > 0) due.resolve('due') })
    const stopped = () => { due.resolve('due') }
    this.#stop.signal.addEventListener('abort', stopped)
    try {
      for (const { bytes } of this.#unconfirmed) await sender.send(bytes)
      if (this.#isDown) log.info('audit.feedUp', { feed: name })
      this.#isDown = false
      while (this.#unconfirmed.length < confirmAfterRecords && !this.#stop.signal.aborted) {
        this.#next ??= this.#entries?.next()
        const next = await Promise.race([this.#next, due.promise, sender.broken])
        if (next === 'due' || next === undefined || next.done === true) break
        this.#next = undefined
        const sent = this.#format(next.value, pair)
        this.#unconfirmed.push(sent)
        await sender.send(sent.bytes)
      }
      if (!await sender.closeInOrder()) throw new SenderError('UNCONFIRMED')
      await this.#confirm()
    } finally {
      timer.cancel()
      this.#stop.signal.removeEventListener('abort', stopped)
      sender.destroy()
    }
  }

  async #confirm (): Promise<void> {
    const last = this.#unconfirmed.at(-1)
    this.#unconfirmed = []
    if (last !== undefined) await writeFeedPosition(this.#options.directory, this.#options.name, last.position)
  }

  #format (entry: TrailEntry, pair: ReturnType<typeof createPairing>): Sent {
    const { writer, epoch, seq, event, problems, record } = entry
    const { context, clock } = this.#options
    const position = { epoch, seq }
    // A record that cannot be opened is told as such: a hole in the feed would look like quiet.
    const told = event ?? { kind: 'gateway.gap' as const, time: record?.time ?? clock.now(), id: '-', facts: { cause: 'damaged', problems: problems.join(' ') } }
    const found = { ...(event === undefined ? { event: told, record, begun: undefined } : pair(event, entry)), writer, epoch, seq, problems }
    const text = event === undefined ? JSON.stringify(told) : writeFeedText(found, this.#options, context)
    const message = formatSyslog({ severity: severityOf(told), time: told.time, host: context.host, kind: told.kind, version: context.version, seq, text })
    return { bytes: frame(message), position }
  }
}
