// The gate: who waits for a record, for how long, and whether anybody may wait at all. It never hangs: a wait ends when the record is durable
// or when the deadline is over, whatever the disk does. Time is counted in ticks, so that a step of the wall clock changes nothing.
import type { Clock, Timer } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import { createRoster } from '../shared/roster.ts'
import { reasons } from './reasons.ts'

/** Why nothing can be recorded. */
export type GateTrouble = 'disk' | 'stalled' | 'spoolFull' | 'backlog' | 'redis' | 'closed'

export interface GateOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly deadlineMs: number
  /** The gate was closed and is open again; `refused` callers were sent away meanwhile. */
  readonly onReopened: (closed: { readonly cause: GateTrouble, readonly since: number, readonly refused: number }) => void
}

const ticksInDeadline = 8

interface Waiting { readonly tick: number, readonly refuse: () => void }

export class Gate {
  readonly #options: GateOptions
  readonly #timer: Timer
  readonly #waiting = createRoster<Waiting>()
  readonly #troubles = new Map<GateTrouble, string>()
  #closed: { readonly cause: GateTrouble, readonly since: number } | undefined
  #refused = 0
  #tick = 0

  constructor (options: GateOptions) {
    this.#options = options
    this.#timer = options.clock.every(options.deadlineMs / ticksInDeadline, () => { this.#expire() })
  }

  /** Throws the refusal when the gate is closed. */
  enter (): void {
    if (this.#troubles.size > 0) throw this.#refusal()
  }

  /** Waits for one record, until `settle` is called or the deadline is over; then `onRefused` runs once. */
  wait (onRefused: () => void): { readonly promise: Promise<void>, readonly settle: () => void } {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = this.#waiting.enter({ tick: this.#tick, refuse: () => { if (leave()) { reject(this.#refusal()); onRefused() } } })
    return { promise, settle: () => { if (leave()) resolve() } }
  }

  /** Closes for one trouble (`detail` is a sentence for the operator), or opens when it was the last. */
  set (trouble: GateTrouble, detail: string | undefined): void {
    const { clock, log, onReopened } = this.#options
    if (detail === undefined) this.#troubles.delete(trouble)
    else this.#troubles.set(trouble, detail)
    if (this.#troubles.size > 0 && this.#closed === undefined) {
      this.#closed = { cause: trouble, since: clock.now() }
      if (trouble !== 'closed') log.error('audit.gateClosed', { trouble, detail })
    } else if (this.#troubles.size === 0 && this.#closed !== undefined) {
      const report = { ...this.#closed, refused: this.#refused }
      this.#closed = undefined
      this.#refused = 0
      log.warn('audit.gateReopened', { trouble: report.cause, refused: report.refused })
      onReopened(report)
    }
  }

  /** The sentence of the first trouble, or undefined when the gate is open. */
  closedBy (): string | undefined {
    return this.#troubles.values().next().value
  }

  /** Refuses everybody who still waits. */
  stop (): void {
    this.#timer.cancel()
    for (const one of this.#waiting) one.refuse()
  }

  #expire (): void {
    this.#tick += 1
    for (const one of this.#waiting) {
      if (this.#tick - one.tick < ticksInDeadline) continue
      this.set('stalled', `A record was not durable within ${this.#options.deadlineMs} ms.`)
      one.refuse()
    }
  }

  #refusal () {
    this.#refused += 1
    return reasons.fail('audit.unavailable', 'store', { retryAfterSeconds: Math.max(1, Math.ceil(this.#options.deadlineMs / 1000)) })
  }
}
