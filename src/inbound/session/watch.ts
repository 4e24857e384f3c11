// Looks after sessions while nobody sends anything: ends those whose time is over, and asks the store about everything that is open, so that an
// end on any gateway cuts it here within a second. When the store cannot say, what is open is cut as well.
import type { Clock } from '../../shared/clock.ts'
import { Failure } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import type { Ending } from './ending.ts'
import type { Memory } from './memory.ts'
import type { OpenConnections } from './open-connections.ts'
import type { SessionStore } from './store.ts'

export interface Watch {
  isReachable(): boolean
  close(): Promise<void>
}

const periodMs = 250
const periodsPerSweep = 2
const periodsPerTakeOver = 8
const periodsPerPurge = 240

/**
 * A question that was not answered takes 400 ms to be given up, and one is asked every 250 ms. After 700 ms without an answer there is no time
 * for another try within the second: whatever is open is cut. A store that stalls for less is not noticed.
 */
const unconfirmedMs = 700

/** Questions under way at once: those of one timeout and some. */
const mostAsking = 4

/** Many sessions go idle together in the evening: so many are ended in one go, and so many of those in one sweep. */
const mostDue = 200
const mostRounds = 10

export interface WatchDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly store: SessionStore
  readonly memory: Memory
  readonly open: OpenConnections
  readonly ending: Ending
  readonly idleMs: number
}

export function startWatch (deps: WatchDeps): Watch {
  const { clock, log, open, memory } = deps
  let periods = 0
  let asking = 0
  let isClosed = false
  let isReachable = true
  let sweeping: Promise<void> | undefined
  const cutUnconfirmed = () => {
    const sessions = open.cutUnconfirmed(clock.now(), unconfirmedMs)
    if (sessions > 0) log.warn('session.cutUnconfirmed', { sessions })
  }
  const ask = async () => {
    try { await askAboutOpen(deps) } catch (error) {
      if (isClosed) return
      if (!(error instanceof Failure)) log.bug('session.askFailed', error)
      cutUnconfirmed()
    }
  }
  const lookAfter = async () => {
    try {
      await sweep(deps, periods)
      if (!isReachable) log.info('session.storeReachable')
      isReachable = true
    } catch (error) {
      if (isClosed) return
      if (!(error instanceof Failure)) log.bug('session.sweepFailed', error)
      else if (isReachable) log.warn('session.storeUnreachable', { code: codeOf(error.cause) })
      isReachable = false
    }
  }
  const timer = clock.every(periodMs, () => {
    periods += 1
    if (asking < mostAsking) {
      asking += 1
      void ask().finally(() => { asking -= 1 })
    }
    if (periods % periodsPerSweep === 0) sweeping ??= lookAfter().finally(() => { sweeping = undefined })
    if (periods % periodsPerPurge === 0) memory.sweep(clock.now())
  })
  return {
    isReachable: () => isReachable,
    async close () {
      isClosed = true
      timer.cancel()
      await sweeping
    },
  }
}

async function askAboutOpen ({ clock, store, open, ending }: WatchDeps): Promise<void> {
  const keys = open.keys()
  if (keys.length === 0) return
  const askedAt = clock.now()
  const dead = await store.dead(keys)
  open.confirm(keys.filter(key => !dead.has(key)), askedAt)
  for (const [key, cause] of dead) ending.follow(key, cause)
}

async function sweep ({ clock, store, ending, idleMs }: WatchDeps, periods: number): Promise<void> {
  const now = clock.now()
  for (let round = 0, count = mostDue; round < mostRounds && count === mostDue; round += 1) {
    const due = await store.due({ now, idleMs }, mostDue)
    count = due.length
    await Promise.all(due.map(async key => {
      // Looked at again in the step that ends it: a request on another gateway may have moved its clock just now, and is not lost.
      const visit = await store.visit(key, { now, idleMs, moves: false })
      if (visit.state === 'ended') ending.settle(visit)
    }))
  }
  if (periods % periodsPerTakeOver === 0) await ending.takeOver(now)
  if (periods % periodsPerPurge === 0) await store.purge(now)
}

function codeOf (cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown'
}
