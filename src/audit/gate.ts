// The gate: who waits for a record, for how long, and whether anybody may wait at all. It never hangs: a wait ends when the record is durable
// or when the deadline is over, whatever the disk does. Time is counted in ticks, so that a step of the wall clock changes nothing.
import type { Clock, Timer } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import type { Emergency } from './emergency.ts'
import { createRoster } from '../shared/roster.ts'
import { reasons } from './reasons.ts'

/** Why nothing can be recorded. */
export type GateTrouble = 'disk' | 'stalled' | 'spoolFull' | 'backlog' | 'redis' | 'closed'

export interface GateOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly deadlineMs: number
  /** The gate was closed and is open again; `refused` callers were sent away meanwhile. */
  readonly onReopened: (closed: ClosedTime) => void
  /** The one in force, where one may be declared. */
  readonly emergency?: (() => Emergency | undefined) | undefined
}

/** A time in which nothing could be recorded. */
export interface ClosedTime {
  readonly cause: GateTrouble
  readonly since: number
  readonly refused: number
  /** In an emergency: how many were let in, and how many events found no room in memory. */
  readonly letIn: number
  readonly dropped: number
  readonly emergency: Emergency | undefined
}

const ticksInDeadline = 8

interface Waiting { readonly tick: number, readonly refuse: () => void }

export class Gate {
  readonly #options: GateOptions
  readonly #timer: Timer
  readonly #waiting = createRoster<Waiting>()
  readonly #patient = createRoster<Pick<Waiting, 'refuse'>>()
  readonly #troubles = new Map<GateTrouble, string>()
  #closed: { readonly cause: GateTrouble, readonly since: number } | undefined
  #refused = 0
  #letIn = 0
  #dropped = 0
  #emergency: Emergency | undefined
  #tick = 0

  constructor (options: GateOptions) {
    this.#options = options
    this.#timer = options.clock.every(options.deadlineMs / ticksInDeadline, () => { this.#expire() })
  }

  /** Whether to wait for the record. Throws the refusal when the gate is closed and no emergency was declared. */
  enter (): boolean {
    if (this.#troubles.size === 0) return true
    if (this.emergency() === undefined) throw this.#refusal()
    this.#letIn += 1
    return false
  }

  /** The emergency in force while the gate is closed. */
  emergency (): Emergency | undefined {
    if (this.#closed === undefined || this.#troubles.has('closed')) return undefined
    const declared = this.#options.emergency?.()
    if (declared !== undefined && declared.since !== this.#emergency?.since) {
      this.#options.log.error('audit.emergencyBegan', { by: declared.by, until: new Date(declared.until).toISOString(), trouble: this.#closed.cause })
      this.#emergency = declared
    }
    return declared
  }

  /** An event of the emergency found no room. */
  countDropped (): void {
    this.#dropped += 1
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
      const report: ClosedTime = { ...this.#closed, refused: this.#refused, letIn: this.#letIn, dropped: this.#dropped, emergency: this.#emergency }
      this.#closed = undefined
      this.#emergency = undefined
      this.#refused = this.#letIn = this.#dropped = 0
      log.warn('audit.gateReopened', { trouble: report.cause, refused: report.refused, letIn: report.letIn })
      onReopened(report)
    }
  }

  /** The sentence of the first trouble, or undefined when the gate is open. */
  closedBy (): string | undefined {
    return this.#troubles.values().next().value
  }

  /** Waits for one record as long as it takes; only `stop` refuses. */
  waitPatiently (): { readonly promise: Promise<void>, readonly settle: () => void } {
    if (this.#troubles.has('closed')) throw this.#refusal()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = this.#patient.enter({ refuse: () => { if (leave()) reject(this.#refusal()) } })
    return { promise, settle: () => { if (leave()) resolve() } }
  }

  /** Refuses everybody who still waits. */
  stop (): void {
    this.#timer.cancel()
    for (const one of [...this.#waiting, ...this.#patient]) one.refuse()
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
