// The messages of one destination, one after the other in the order in which they came: the next waits until the one before it has arrived or is given up. A message leaves the
// disk only after it is on record how it ended.
import type { SealedFiles } from '../../audit/audit.ts'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { unpackMessage, type StoredMessage } from '../stored-message.ts'
import { pauseMs } from './pause.ts'
import type { Attempt, DeliveryCode, MessageSender } from './send-message.ts'

export interface Ending {
  readonly isDelivered: boolean
  readonly code: DeliveryCode | undefined
  readonly status: number | undefined
  readonly attempts: number
  /** Not the last: it is tried again. */
  readonly isTriedAgain: boolean
}

/** Resolves when it is on record; a final failure also lies in the quarantine then. */
export type OnEnding = (message: StoredMessage, ending: Ending) => Promise<void>

export interface LineOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly files: SealedFiles
  readonly sender: MessageSender
  readonly retryForMs: number
  readonly random: () => number
  /** Asked before each attempt: whether what was released may still leave. */
  readonly mayLeave: (message: StoredMessage) => boolean
  readonly onEnding: OnEnding
}

/** When the trail or the disk does not take what happened. */
const troubleMs = 1000
/** Names that are done with and still in the list. */
const mostDone = 1024

export class DeliveryLine {
  readonly #options: LineOptions
  readonly #names: string[] = []
  /** What stands before it is done with: taking the first out of a long list moves all the others. */
  #first = 0
  #attempts = 0
  #isWorking = false
  #isClosed = false
  #timer: { readonly timer: Timer, readonly wake: () => void } | undefined

  constructor (options: LineOptions) { this.#options = options }

  get length (): number { return this.#names.length - this.#first }
  /** The name of the oldest one. */
  get oldest (): string | undefined { return this.#names[this.#first] }

  /** `name`: of a file that is safe on disk. */
  add (name: string): void {
    this.#names.push(name)
    void this.#work()
  }

  close (): void {
    this.#isClosed = true
    this.#timer?.timer.cancel()
    this.#timer?.wake()
  }

  async #work (): Promise<void> {
    if (this.#isWorking) return
    this.#isWorking = true
    try {
      for (let name = this.oldest; name !== undefined && !this.#isClosed; name = this.oldest) await this.#deliver(name)
    } catch (error) {
      // At the end of the process what could not be put on record stays on disk, and goes out again under its id.
      if (!this.#isClosed) this.#options.log.bug('outbound.lineBroke', error)
    } finally { this.#isWorking = false }
  }

  async #deliver (name: string): Promise<void> {
    const { clock, sender, retryForMs, random, mayLeave } = this.#options
    const message = await this.#read(name)
    if (message === undefined) { this.#drop(); return }
    const attempt: Attempt = mayLeave(message) ? await sender.send(message) : { is: 'refused', code: 'delivery.agreementEnded', answer: undefined }
    // The process ends: what is not known to be delivered stays on disk, and goes out again under its id.
    if (this.#isClosed && attempt.is !== 'delivered') return
    this.#attempts += 1
    const isOver = clock.now() - message.acceptedAt >= retryForMs
    const isTriedAgain = attempt.is === 'broken' && !isOver
    await this.#settle(message, describe(attempt, { attempts: this.#attempts, isTriedAgain, isOver }))
    if (isTriedAgain) {
      await this.#wait(pauseMs(this.#attempts, { random: random(), askedMs: attempt.is === 'broken' ? attempt.retryAfterMs : undefined }))
      return
    }
    await this.#patiently(() => this.#options.files.remove(name))
    this.#attempts = 0
    this.#drop()
  }

  #drop (): void {
    this.#first += 1
    if (this.#first < mostDone && this.#first < this.#names.length) return
    this.#names.splice(0, this.#first)
    this.#first = 0
  }

  /** What cannot be read any more stays where it is, for whoever has the right key; the ones behind it go on. */
  async #read (name: string): Promise<StoredMessage | undefined> {
    try {
      const bytes = await this.#options.files.read(name)
      return bytes === undefined ? undefined : unpackMessage(bytes)
    } catch (error) {
      this.#options.log.bug('outbound.queueUnreadable', error, { file: name })
      return undefined
    }
  }

  async #settle (message: StoredMessage, ending: Ending): Promise<void> {
    await this.#patiently(() => this.#options.onEnding(message, ending))
  }

  async #patiently (work: () => Promise<void>): Promise<void> {
    for (;;) {
      try { await work(); return } catch (error) {
        if (this.#isClosed) throw error
        this.#options.log.warn('outbound.notSettled')
        await this.#wait(troubleMs)
      }
    }
  }

  async #wait (ms: number): Promise<void> {
    if (this.#isClosed) return
    await new Promise<void>(resolve => { this.#timer = { timer: this.#options.clock.after(ms, resolve), wake: resolve } })
    this.#timer = undefined
  }
}

function describe (attempt: Attempt, { attempts, isTriedAgain, isOver }: { readonly attempts: number, readonly isTriedAgain: boolean, readonly isOver: boolean }): Ending {
  const status = attempt.answer?.status
  if (attempt.is === 'delivered') return { isDelivered: true, code: undefined, status, attempts, isTriedAgain }
  return { isDelivered: false, code: attempt.is === 'broken' && isOver ? 'delivery.givenUp' : attempt.code, status, attempts, isTriedAgain }
}
