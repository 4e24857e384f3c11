// Mail that waits for its server: one sealed file each, several on their way at the same time, tried again for days. A mail leaves the disk only after it is on record how it
// ended. When the server itself is away, one mail at a time asks whether it is back.
import { SealedFileError, type SealedFiles } from '../../audit/start.ts'
import { endsWithin, type Clock, type Timer } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { packMessage, unpackMessage, type QueuedMail, type StoredMessage } from '../stored-message.ts'
import type { Ending, OnEnding } from './line.ts'
import { pauseMs } from './pause.ts'
import { deliveryReasons } from './reasons.ts'
import type { DeliveryCode } from './send-message.ts'
import type { MailAttempt, SmarthostSender } from './smarthost.ts'

export interface MailQueue {
  /** Throws a Failure when there is no more room. */
  requireRoom (): void
  /** Resolves when all are safe on disk, or none is. Throws a Failure. */
  enqueue (mails: readonly StoredMessage[]): Promise<void>
  /** Takes up what the last process left. */
  start (): Promise<void>
  /** Tries it at once. False: it is not there. */
  retry (id: string): boolean
  /** False: it is not there. What is on its way may still arrive. */
  drop (id: string): Promise<boolean>
  waiting (): number
  oldestAt (): number | undefined
  close (): Promise<void>
}

export interface MailQueueDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly files: SealedFiles
  readonly sender: SmarthostSender
  readonly connections: number
  readonly retryForMs: number
  readonly maxStoredBytes: number
  readonly random: () => number
  /** Asked before each attempt: whether what was released may still leave. */
  readonly mayLeave: (mail: StoredMessage) => boolean
  readonly onEnding: OnEnding
}

interface Entry {
  readonly name: string
  readonly id: string
  readonly acceptedAt: number
  size: number
  isUnderWay: boolean
  isDropped: boolean
  timer: Timer | undefined
}

const overheadBytes = 512
const deferred = { firstMs: 60_000, longestMs: 3_600_000 } as const
const away = { firstMs: 2000, longestMs: 300_000 } as const
/** When the trail or the disk does not take what happened. */
const troubleMs = 1000
const closingMs = 5000

class SmarthostQueue implements MailQueue {
  readonly #deps: MailQueueDeps
  readonly #entries = new Map<string, Entry>()
  #ready: Entry[] = []
  #underWay = 0
  #usedBytes = 0
  #last = 0
  #isClosed = false
  /** Failures of the server in a row, and until when nobody asks it. */
  #away = 0
  #awayTimer: Timer | undefined
  readonly #idle = new Set<() => void>()
  readonly #wakers = new Set<() => void>()

  constructor (deps: MailQueueDeps) { this.#deps = deps }

  requireRoom (): void {
    if (this.#usedBytes >= this.#deps.maxStoredBytes) throw deliveryReasons.fail('delivery.full', 'gateway', { retryAfterSeconds: 60 })
  }

  async enqueue (mails: readonly StoredMessage[]): Promise<void> {
    const { files, clock } = this.#deps
    const named = mails.map(mail => {
      this.#last = Math.max(this.#last + 1, clock.now() * 1000)
      return { mail, name: `${String(this.#last).padStart(17, '0')}-${mail.id}` }
    })
    const stored = await Promise.allSettled(named.map(({ mail, name }) => files.put(name, packMessage({ attempts: 0, nextAt: clock.now(), refused: [], ...mail }))))
    const failed = stored.find(one => one.status === 'rejected')
    if (failed !== undefined) {
      await Promise.allSettled(named.map(({ name }) => files.remove(name)))
      throw deliveryReasons.fail('delivery.notStored', 'store', { cause: failed.reason, retryAfterSeconds: 10 })
    }
    for (const { mail, name } of named) this.#add({ name, id: mail.id, acceptedAt: mail.acceptedAt, size: mail.body.length + overheadBytes }, 0)
  }

  async start (): Promise<void> {
    const { files, clock, log } = this.#deps
    await files.clearUnfinished()
    for (const { name, size } of await files.list()) {
      this.#last = Math.max(this.#last, Number(/^\d{17}/.exec(name)?.[0] ?? 0))
      const mail = await this.#read(name)
      if (mail === undefined) { log.error('outbound.queueUnreadable', { file: name }); continue }
      this.#add({ name, id: mail.id, acceptedAt: mail.acceptedAt, size }, Math.max(0, mail.nextAt - clock.now()))
    }
  }

  retry (id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    this.#awayTimer?.cancel()
    this.#awayTimer = undefined
    if (entry.timer !== undefined) { entry.timer.cancel(); entry.timer = undefined; this.#ready.unshift(entry) }
    this.#pump()
    return true
  }

  async drop (id: string): Promise<boolean> {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    entry.isDropped = true
    if (!entry.isUnderWay) {
      entry.timer?.cancel()
      this.#ready = this.#ready.filter(one => one !== entry)
      await this.#remove(entry)
    }
    return true
  }

  waiting (): number { return this.#entries.size }

  oldestAt (): number | undefined {
    let oldest: number | undefined
    for (const { acceptedAt } of this.#entries.values()) oldest = Math.min(oldest ?? acceptedAt, acceptedAt)
    return oldest
  }

  async close (): Promise<void> {
    this.#isClosed = true
    this.#awayTimer?.cancel()
    for (const { timer } of this.#entries.values()) timer?.cancel()
    this.#deps.sender.close()
    for (const wake of this.#wakers) wake()
    // What cannot be put on record now stays on disk, and goes out again under its id.
    if (this.#underWay > 0) await endsWithin(this.#deps.clock, closingMs, new Promise<void>(resolve => { this.#idle.add(resolve) }))
  }

  #add (about: Pick<Entry, 'name' | 'id' | 'acceptedAt' | 'size'>, waitMs: number): void {
    const entry: Entry = { ...about, isUnderWay: false, isDropped: false, timer: undefined }
    this.#entries.set(entry.id, entry)
    this.#usedBytes += entry.size
    this.#later(entry, waitMs)
  }

  #later (entry: Entry, waitMs: number): void {
    if (waitMs === 0) { this.#ready.push(entry); this.#pump(); return }
    entry.timer = this.#deps.clock.after(waitMs, () => { entry.timer = undefined; this.#ready.push(entry); this.#pump() })
  }

  #pump (): void {
    const most = this.#away > 0 ? 1 : this.#deps.connections
    while (!this.#isClosed && this.#awayTimer === undefined && this.#underWay < most) {
      const entry = this.#ready.shift()
      if (entry === undefined) return
      this.#underWay += 1
      entry.isUnderWay = true
      void this.#deliver(entry).catch((error: unknown) => {
        // At the end of the process what could not be put on record stays on disk, and goes out again under its id.
        if (!this.#isClosed) { this.#deps.log.bug('outbound.mailBroke', error); this.#later(entry, troubleMs) }
      }).finally(() => {
        entry.isUnderWay = false
        this.#underWay -= 1
        if (this.#underWay === 0) for (const wake of this.#idle) wake()
        this.#pump()
      })
    }
  }

  async #deliver (entry: Entry): Promise<void> {
    const mail = await this.#read(entry.name)
    // What cannot be read any more stays where it is, for whoever has the right key.
    if (mail === undefined) { this.#forget(entry); this.#deps.log.error('outbound.queueUnreadable', { file: entry.name }); return }
    if (!this.#deps.mayLeave(mail)) { await this.#giveUp(entry, mail, 'delivery.agreementEnded'); return }
    const attempt = await this.#deps.sender.send(mail.envelope, mail.body)
    if (this.#isClosed && attempt.is === 'broken') return
    if (attempt.is === 'broken' && attempt.isServer) { await this.#serverAway(entry, mail, attempt); return }
    this.#away = 0
    await this.#settle(entry, mail, attempt)
  }

  async #settle (entry: Entry, mail: QueuedMail, attempt: MailAttempt): Promise<void> {
    const { accepted, refused } = attempt.is === 'answered' ? attempt : { accepted: [], refused: [] }
    const done = new Set([...accepted, ...refused])
    const left = mail.envelope.to.filter(address => !done.has(address))
    const attempts = mail.attempts + 1
    const about = { status: attempt.status, attempts }
    const end = (to: readonly string[], ending: Ending) => this.#patiently(() => this.#deps.onEnding({ ...mail, envelope: { ...mail.envelope, to } }, ending))
    if (accepted.length > 0) await end(accepted, { ...about, isDelivered: true, code: undefined, isTriedAgain: false })
    const isOver = this.#isOver(mail) || entry.isDropped
    const lost = [...mail.refused, ...refused, ...(isOver ? left : [])]
    if (left.length > 0 && !isOver) {
      await end(left, { ...about, isDelivered: false, code: 'delivery.unavailable', isTriedAgain: true })
      await this.#again(entry, { ...mail, envelope: { ...mail.envelope, to: left }, refused: lost, attempts, lastCode: 'delivery.unavailable' })
      return
    }
    if (lost.length > 0 && !entry.isDropped) await end(lost, { ...about, isDelivered: false, code: isOver && left.length > 0 ? 'delivery.givenUp' : 'delivery.rejected', isTriedAgain: false })
    await this.#remove(entry)
  }

  async #again (entry: Entry, mail: QueuedMail): Promise<void> {
    const { clock, random, files } = this.#deps
    const waitMs = pauseMs(mail.attempts, { random: random(), ...deferred })
    await this.#patiently(() => files.put(entry.name, packMessage({ ...mail, nextAt: clock.now() + waitMs })))
    this.#later(entry, waitMs)
  }

  async #serverAway (entry: Entry, mail: QueuedMail, { code, status }: { readonly code: DeliveryCode, readonly status: number | undefined }): Promise<void> {
    const { clock, log, random, onEnding, files } = this.#deps
    this.#away += 1
    log.warn('outbound.mailServerAway', { code, status, times: this.#away })
    if (entry.isDropped) { await this.#remove(entry); return }
    if (this.#isOver(mail)) await this.#giveUp(entry, mail)
    else {
      const attempts = mail.attempts + 1
      await this.#patiently(() => onEnding(mail, { isDelivered: false, code, status, attempts, isTriedAgain: true }))
      await this.#patiently(() => files.put(entry.name, packMessage({ ...mail, attempts, lastCode: code })))
      this.#ready.unshift(entry)
    }
    for (const one of this.#ready.filter(each => this.#isOver(each))) {
      this.#ready = this.#ready.filter(each => each !== one)
      const old = await this.#read(one.name)
      if (old !== undefined) await this.#giveUp(one, old)
    }
    if (this.#isClosed || this.#awayTimer !== undefined) return
    this.#awayTimer = clock.after(pauseMs(this.#away, { random: random(), ...away }), () => { this.#awayTimer = undefined; this.#pump() })
  }

  async #giveUp (entry: Entry, mail: QueuedMail, code: DeliveryCode = 'delivery.givenUp'): Promise<void> {
    const to = [...mail.refused, ...mail.envelope.to]
    const ending = { isDelivered: false, code, status: undefined, attempts: mail.attempts + 1, isTriedAgain: false } as const
    await this.#patiently(() => this.#deps.onEnding({ ...mail, envelope: { ...mail.envelope, to } }, ending))
    await this.#remove(entry)
  }

  #isOver ({ acceptedAt }: { readonly acceptedAt: number }): boolean {
    return this.#deps.clock.now() - acceptedAt >= this.#deps.retryForMs
  }

  #forget (entry: Entry): void {
    if (this.#entries.delete(entry.id)) this.#usedBytes -= entry.size
  }

  async #remove (entry: Entry): Promise<void> {
    await this.#patiently(() => this.#deps.files.remove(entry.name))
    this.#forget(entry)
  }

  async #read (name: string): Promise<QueuedMail | undefined> {
    try {
      const bytes = await this.#deps.files.read(name)
      return bytes === undefined ? undefined : unpackMessage<QueuedMail>(bytes)
    } catch (error) {
      if (!(error instanceof SealedFileError)) throw error
      return undefined
    }
  }

  async #patiently (work: () => Promise<void>): Promise<void> {
    for (;;) {
      try { await work(); return } catch (error) {
        if (this.#isClosed) throw error
        this.#deps.log.warn('outbound.notSettled')
        await new Promise<void>(resolve => { this.#wakers.add(resolve); this.#deps.clock.after(troubleMs, resolve) })
      }
    }
  }
}

export function createMailQueue (deps: MailQueueDeps): MailQueue {
  return new SmarthostQueue(deps)
}
