// The trail while the gateway runs: events in at one end, records on disk (and in Redis) at the other, the gate between them and the callers.
import { endsWithin, type Clock } from '../shared/clock.ts'
import { createRequestId } from '../shared/ids.ts'
import type { Logger } from '../shared/log.ts'
import { Acknowledger } from './acknowledge.ts'
import { createRefusalCoalescer, type RefusalCoalescer } from './coalesce-refusals.ts'
import type { Checkpointer, CheckpointerOptions } from './checkpoints/checkpointer.ts'
import { Committer, type Item } from './committer.ts'
import { describeDiskError } from './disk.ts'
import type { AuditEvent } from './event.ts'
import type { Emergency } from './emergency.ts'
import { Gate, type ClosedTime } from './gate.ts'
import { endingOf, type OpenExchanges } from './open-exchanges.ts'
import { prepareEvent, type Sealer } from './seal.ts'
import type { Shipper, ShipperOptions } from './ship.ts'
import type { Spool } from './spool.ts'
import type { Tokeniser } from './tokens.ts'
import type { AuditTrail } from './trail.ts'

export interface LiveTrailOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly durability: 'spool' | 'redis' | 'dual'
  readonly deadlineMs: number
  readonly maxSpoolBytes: number
  readonly tokeniser: Tokeniser
  readonly sealer: Sealer
  readonly spool: Spool
  readonly exchanges: OpenExchanges
  /** Connects what carries records to Redis, when one is configured. */
  readonly connectShipper: (callbacks: Pick<ShipperOptions, 'onShipped' | 'onState' | 'onConflict' | 'onLost'>) => Shipper | undefined
  /** Signs the head from time to time, where checkpoints are kept. */
  readonly connectCheckpointer: (callbacks: Pick<CheckpointerOptions, 'onChange'>) => Checkpointer | undefined
  /** The emergency in force, where one may be declared. */
  readonly emergency?: (() => Emergency | undefined) | undefined
  /** Runs last: gives back the directory. */
  readonly release: () => void
}

/** Memory for what is noted while nothing can record; beyond it nobody is let in until there is room. */
const maxWaitingBytes = 64 * 1024 * 1024
/** A witness that is slow does not keep the process. */
const closingCheckpointMs = 5000
const warnShare = 0.8
const refuseShare = 0.95

export class LiveTrail implements AuditTrail {
  readonly #options: LiveTrailOptions
  readonly #gate: Gate
  readonly #committer: Committer
  readonly #acknowledger: Acknowledger
  readonly #refusals: RefusalCoalescer
  readonly #shipper: Shipper | undefined
  readonly #checkpointer: Checkpointer | undefined
  #hasWarned = false
  #hasStopped = false
  #isStopOnDisk = false
  #isClosed = false

  constructor (options: LiveTrailOptions) {
    this.#options = options
    const { clock, log, deadlineMs, durability, sealer, spool } = options
    this.#gate = new Gate({ clock, log, deadlineMs, emergency: options.emergency, onReopened: closed => { this.#append(this.#gap(describeClosed(closed))) } })
    this.#acknowledger = new Acknowledger(durability)
    this.#refusals = createRefusalCoalescer({ clock, isPressed: () => this.#committer.waitingBytes > maxWaitingBytes, handOn: event => { this.#append(event) } })
    this.#committer = new Committer({
      clock,
      seal: sealer.seal,
      append: records => spool.append(records),
      onSealed: items => { this.#onSealed(items) },
      onDurable: items => { this.#onDurable(items) },
      onFailed: error => { this.#gate.set('disk', `${describeDiskError(error)} Recording goes on by itself once it can.`) },
      maintain: () => this.#maintain(),
    })
    this.#shipper = options.connectShipper({
      onShipped: seq => {
        this.#acknowledger.markShipped(seq)
        if (durability !== 'spool') this.#gate.set('stalled', undefined)
      },
      onState: detail => { if (durability !== 'spool') this.#gate.set('redis', detail) },
      onConflict: ({ epoch, at }) => { this.#append(this.#gap({ cause: 'streamConflict', epoch, at })) },
      onLost: lost => { this.#append(this.#gap({ cause: 'redisLost', ...lost })) },
    })
    this.#checkpointer = options.connectCheckpointer({
      onChange: change => { if (!this.#isClosed) this.#append({ kind: 'gateway.checkpoint', time: clock.now(), id: createRequestId(), facts: { ...change } }) },
    })
    this.#watchSpool()
  }

  async record (event: AuditEvent): Promise<void> {
    const mustWait = this.#gate.enter()
    const item = this.#prepare(event)
    if (!mustWait) { this.#push(item); return }
    const { promise, settle } = this.#gate.wait(() => { this.#refuse(item) })
    item.settle = settle
    this.#push(item)
    return promise
  }

  note (event: AuditEvent): void {
    try {
      this.#refusals.add(event)
    } catch (error) {
      this.#options.log.bug('audit.eventUnreadable', error)
      this.#append({ kind: event.kind, time: this.#options.clock.now(), id: String(event.id), facts: { unreadable: true } })
    }
  }

  async recordEnding (event: AuditEvent): Promise<void> {
    const item = this.#prepare(event)
    const { promise, settle } = this.#gate.waitPatiently()
    item.settle = settle
    this.#committer.push(item)
    return promise
  }

  ready (): { readonly ok: boolean, readonly detail: string } {
    const closedBy = this.#gate.closedBy()
    const emergency = this.#gate.emergency()
    if (emergency !== undefined) {
      return { ok: true, detail: `Emergency until ${new Date(emergency.until).toISOString()}, declared by ${emergency.by}: people are let in, and nothing is on record. ${closedBy}` }
    }
    return closedBy === undefined ? { ok: true, detail: this.#shipper?.state() ?? 'recording' } : { ok: false, detail: closedBy }
  }

  checkpoints (): ReturnType<AuditTrail['checkpoints']> {
    return { keptAt: this.#checkpointer?.keptAt(), failing: this.#checkpointer?.failing() ?? [] }
  }

  depth (): { readonly waiting: number, readonly unshipped: number } {
    return { waiting: this.#committer.waiting, unshipped: this.#shipper?.unshipped() ?? 0 }
  }

  async flush ({ timeoutMs, ship }: { timeoutMs: number, ship: boolean }): Promise<boolean> {
    this.#refusals.flush()
    return endsWithin(this.#options.clock, timeoutMs, (async () => {
      await this.#committer.idle()
      if (ship) await this.#shipper?.idle()
    })())
  }

  async close (): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const { clock, deadlineMs, sealer, spool, release } = this.#options
    this.#refusals.flush()
    // An epoch that never began has no end: the record of its start was withdrawn.
    if (!this.#hasStopped && sealer.seq > 0) this.#append({ kind: 'gateway.stopped', time: clock.now(), id: createRequestId() })
    this.#gate.set('closed', 'The gateway is stopping.')
    await this.flush({ timeoutMs: deadlineMs, ship: true })
    this.#shipper?.stop()
    this.#gate.stop()
    // A disk that hangs must not keep the process: what it holds is found at the next start.
    await endsWithin(clock, deadlineMs, this.#committer.stop().then(() => spool.close()))
    await endsWithin(clock, closingCheckpointMs, this.#checkpointer?.close(this.#isStopOnDisk) ?? Promise.resolve())
    release()
  }

  #prepare (event: AuditEvent): Item {
    this.#hasStopped = event.kind === 'gateway.stopped'
    return { prepared: prepareEvent(event, this.#options.tokeniser), record: undefined, isWithdrawn: false, isRefused: false, isOnDisk: false, settle: undefined }
  }

  #append (event: AuditEvent): void {
    this.#push(this.#prepare(event))
  }

  #push (item: Item): void {
    // Only in an emergency does anything come while there is no room.
    if (this.#committer.waitingBytes > maxWaitingBytes && this.#gate.emergency() !== undefined) { this.#gate.countDropped(); return }
    this.#committer.push(item)
    if (this.#committer.waitingBytes > maxWaitingBytes) this.#gate.set('backlog', 'More events wait for the disk than memory may hold.')
  }

  /** Between batches, so nothing is under way: what it finds in order clears a trouble that it found before. */
  async #maintain (): Promise<void> {
    const { spool, maxSpoolBytes } = this.#options
    await spool.check()
    this.#gate.set('disk', undefined)
    if (spool.usedBytes < maxSpoolBytes * warnShare) return
    await spool.measure() // older segments may have been moved away
    this.#watchSpool()
  }

  #onSealed (items: readonly Item[]): void {
    this.#acknowledger.add(items)
    if (this.#options.durability !== 'spool') this.#offer(items)
  }

  #onDurable (items: readonly Item[]): void {
    for (const item of items) {
      item.isOnDisk = true
      this.#options.exchanges.apply(item.prepared)
      if (item.isRefused) this.#endRefused(item)
    }
    this.#gate.set('disk', undefined)
    this.#gate.set('stalled', undefined)
    if (this.#committer.waitingBytes < maxWaitingBytes / 2) this.#gate.set('backlog', undefined)
    this.#acknowledger.markOnDisk(items)
    const last = items.at(-1)?.record
    this.#isStopOnDisk = last?.kind === 'gateway.stopped'
    if (last !== undefined) this.#checkpointer?.advance(last.seq, last.hash)
    if (this.#options.durability === 'spool') this.#offer(items)
    this.#watchSpool()
  }

  #offer (items: readonly Item[]): void {
    if (this.#shipper !== undefined) this.#shipper.offer(items.map(item => item.record).filter(record => record !== undefined))
  }

  #refuse (item: Item): void {
    if (item.record === undefined) { item.isWithdrawn = true; return }
    item.isRefused = true
    if (item.isOnDisk) this.#endRefused(item)
  }

  /** A caller was sent away, but its record reached the disk: the exchange did not happen, and the trail says so. */
  #endRefused (item: Item): void {
    const ending = endingOf(item.prepared, { time: this.#options.clock.now(), reason: 'audit.unavailable', facts: { disclosed: 'no' } })
    this.#append(ending ?? this.#gap({ cause: 'refusedAfterRecord', of: item.prepared.kind, refusedId: item.prepared.id }))
  }

  #gap (facts: NonNullable<AuditEvent['facts']>): AuditEvent {
    return { kind: 'gateway.gap', time: this.#options.clock.now(), id: createRequestId(), facts }
  }

  #watchSpool (): void {
    const { log, spool, maxSpoolBytes } = this.#options
    const share = spool.usedBytes / maxSpoolBytes
    const isFull = share >= refuseShare
    this.#gate.set('spoolFull', isFull ? 'The audit spool has reached 95 % of audit.maxSpoolSize. Raise it, or move older segments to the archive.' : undefined)
    if (share >= warnShare && !this.#hasWarned) log.warn('audit.spoolFilling', { percent: Math.floor(share * 100) })
    this.#hasWarned = share >= warnShare
  }
}

function describeClosed ({ cause, since, refused, letIn, dropped, emergency }: ClosedTime): NonNullable<AuditEvent['facts']> {
  const facts = { cause, since, refused }
  if (emergency === undefined) return facts
  return { ...facts, letIn, dropped, declaredBy: emergency.by, declaredBecause: emergency.reason, declaredAt: emergency.since, declaredUntil: emergency.until }
}
