// Takes PHI out of messages, in threads of its own with a limit on processor time. A thread that does not come back is ended and its message held. It never lets a message
// through that it could not judge.
import { Worker } from 'node:worker_threads'
import type { PolicyFile } from '../../phi/config.ts'
import type { HeldReason, Kind, MailPeople, Manifest } from '../../phi/phi.ts'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { WorkerAnswer } from './redact-worker.ts'
import type { VaultKey } from './token-vault.ts'

export { listPassed } from './narrow-policy.ts'
export { copyTokenVault, pruneTokenValues, readTokenValue, tokenVaultPurpose } from './token-vault.ts'

export interface PolicyOfDestination {
  readonly name: string
  readonly policy: PolicyFile
  /** Kinds of identifiers that its agreement covers while it is in force. */
  readonly kinds: readonly Kind[]
}

export interface WorkerPolicies {
  readonly destinations: readonly PolicyOfDestination[]
  readonly tokenKey: Uint8Array
  readonly vaultFile: string
  readonly vaultKey: VaultKey | undefined
  readonly mostCpuMs: number
}

export interface RedactionOrder {
  readonly destination: string
  /** Whether an agreement is in force now. */
  readonly isLive: boolean
  /** Whether somebody let the message go on out of the quarantine. */
  readonly isApproved: boolean
  readonly type: string
  readonly body: Uint8Array
  /** Of a mail: whom its header may name. */
  readonly mail?: MailPeople | undefined
}
export type WorkerOrder = RedactionOrder & { readonly number: number }

export type Redacted =
  | { readonly held: HeldReason }
  | { readonly held: undefined, readonly body: Buffer, readonly manifest: Manifest }

export interface RedactionRoom {
  redact (order: RedactionOrder): Promise<Redacted>
  /** Other policies from now on; what is under way ends by the old ones. */
  use (destinations: readonly PolicyOfDestination[]): void
  close (): Promise<void>
}

export interface RedactionOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly tokenKey: Uint8Array
  readonly vaultFile: string
  /** Seals what tokens stand for; undefined: that is not kept. */
  readonly vaultKey?: VaultKey | undefined
  /** Processor time of one message. */
  readonly mostCpuMs: number
  readonly threads: number
}

/** A thread looks at its own time between steps; one that is stuck within a step has this many times as long. */
const patience = 3

interface Job { readonly order: WorkerOrder, readonly settle: (redacted: Redacted) => void }

/** One thread, made anew whenever it ended. */
class Thread {
  readonly #policies: WorkerPolicies
  readonly #options: RedactionOptions
  readonly #onIdle: () => void
  #worker: Worker | undefined
  #job: Job | undefined
  #timer: Timer | undefined
  #isClosing = false

  constructor (policies: WorkerPolicies, options: RedactionOptions, onIdle: () => void) {
    this.#policies = policies
    this.#options = options
    this.#onIdle = onIdle
  }

  get isBusy (): boolean { return this.#job !== undefined }

  run (job: Job): void {
    const { clock, log, mostCpuMs } = this.#options
    this.#job = job
    this.#worker ??= this.#start()
    this.#timer = clock.after(mostCpuMs * patience, () => {
      log.error('redaction.stuck', { destination: job.order.destination })
      void this.#worker?.terminate()
      this.#worker = undefined
      this.#end({ held: 'tooLong' })
    })
    this.#worker.postMessage(job.order)
  }

  async close (): Promise<void> {
    this.#isClosing = true
    if (!this.isBusy) await this.#worker?.terminate()
  }

  #start (): Worker {
    const worker = new Worker(new URL('redact-worker.ts', import.meta.url), { workerData: this.#policies })
    worker.unref()
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.number !== this.#job?.order.number) return
      this.#end(answer.held === undefined ? { held: undefined, body: Buffer.from(answer.body), manifest: answer.manifest } : { held: answer.held })
    })
    const broken = (error: unknown) => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      if (error !== undefined) this.#options.log.bug('redaction.broke', error)
      this.#end({ held: 'failed' })
    }
    worker.on('error', broken)
    worker.on('exit', () => { broken(undefined) })
    return worker
  }

  #end (redacted: Redacted): void {
    const job = this.#job
    this.#job = undefined
    this.#timer?.cancel()
    job?.settle(redacted)
    if (this.#isClosing) void this.#worker?.terminate()
    else this.#onIdle()
  }
}

interface Pool { readonly threads: readonly Thread[], readonly close: () => Promise<void> }

export function createRedactionRoom (destinations: readonly PolicyOfDestination[], options: RedactionOptions): RedactionRoom {
  const { tokenKey, vaultFile, vaultKey, mostCpuMs } = options
  const waiting: Job[] = []
  let last = 0
  const giveOut = (): void => {
    for (const thread of pool.threads) {
      if (thread.isBusy) continue
      const job = waiting.shift()
      if (job === undefined) return
      thread.run(job)
    }
  }
  const createPool = (policies: readonly PolicyOfDestination[]): Pool => {
    const shared = { destinations: policies, tokenKey, vaultFile, vaultKey, mostCpuMs }
    const threads = Array.from({ length: options.threads }, () => new Thread(shared, options, giveOut))
    return { threads, close: async () => { await Promise.all(threads.map(thread => thread.close())) } }
  }
  let pool = createPool(destinations)
  return {
    redact: order => new Promise(resolve => {
      last += 1
      waiting.push({ order: { ...order, number: last }, settle: resolve })
      giveOut()
    }),
    use (policies) {
      const before = pool
      pool = createPool(policies)
      void before.close()
      giveOut()
    },
    async close () {
      for (const { settle } of waiting.splice(0)) settle({ held: 'failed' })
      await pool.close()
    },
  }
}
