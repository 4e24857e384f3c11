// Where a mail comes from, as far as its domains say: asked in a thread of its own, which is ended when it does not come back. No answer is an answer: temperror.
import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { Verdicts } from './header.ts'

export interface VerdictSettings { readonly name: string, readonly nameServers: readonly string[] }

export interface Received {
  /** Of the connection. */
  readonly ip: string
  readonly helo: string
  /** Of the envelope; empty for none. */
  readonly sender: string
  readonly body: Uint8Array
}

export type VerdictOrder = Received & { readonly number: number, readonly now: number }

export interface VerdictAnswer {
  readonly number: number
  /** Undefined: the library could not tell. */
  readonly verdicts: Verdicts | undefined
  /** Addresses in From and Reply-To. */
  readonly people: readonly string[]
}

export interface Judged { readonly verdicts: Verdicts, readonly people: readonly string[] }

export interface VerdictThread {
  /** Never throws. */
  judge (received: Received): Promise<Judged>
  close (): Promise<void>
}

interface Deps { readonly clock: Clock, readonly log: Logger }

/** Longer than all the questions that one mail may ask. */
const longestMs = 30_000
const unknown: Judged = {
  verdicts: { spf: { result: 'temperror', domain: undefined }, dkim: { result: 'temperror', domains: [] }, dmarc: { result: 'temperror', policy: undefined, domain: undefined } }, people: [],
}

interface Job { readonly settle: (judged: Judged) => void, readonly timer: Timer }

export function createVerdictThread (settings: VerdictSettings, { clock, log }: Deps): VerdictThread {
  const jobs = new Map<number, Job>()
  let worker: Worker | undefined
  let last = 0
  const settle = (number: number, judged: Judged): void => {
    const job = jobs.get(number)
    jobs.delete(number)
    job?.timer.cancel()
    job?.settle(judged)
  }
  const end = (why: string): void => {
    const ended = worker
    worker = undefined
    if (jobs.size > 0) log.error('shield.verdictsBroke', { why, mails: jobs.size })
    for (const number of [...jobs.keys()]) settle(number, unknown)
    void ended?.terminate()
  }
  const start = (): Worker => {
    const made = new Worker(new URL('verdict-worker.ts', import.meta.url), { workerData: settings })
    made.unref()
    made.on('message', ({ number, verdicts, people }: VerdictAnswer) => { settle(number, verdicts === undefined ? unknown : { verdicts, people }) })
    made.on('error', error => { log.bug('shield.verdictsThrew', error) })
    made.on('exit', () => { if (worker === made) end('exit') })
    return made
  }
  return {
    judge: received => new Promise(resolve => {
      worker ??= start()
      last += 1
      jobs.set(last, { settle: resolve, timer: clock.after(longestMs, () => { end('stuck') }) })
      worker.postMessage({ ...received, number: last, now: clock.now() } satisfies VerdictOrder)
    }),
    async close () {
      const ended = worker
      worker = undefined
      for (const number of [...jobs.keys()]) settle(number, unknown)
      await ended?.terminate()
    },
  }
}
