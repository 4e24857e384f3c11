// Says which live session a request has, from its cookies, or why it has none. One question to the store, or none when it was asked just now.
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { Ending } from './ending.ts'
import type { Memory } from './memory.ts'
import { sessionReasons } from './reasons.ts'
import type { EndCause, Session } from './session.ts'
import { causeOfExpiry, type SessionStore, type StoredSession } from './store.ts'
import type { Vault } from './vault.ts'

export type Found =
  | { readonly session: Session }
  /** `isNewer`: it may well be live, in a form that only a newer version reads. */
  | { readonly session: undefined, readonly cause: EndCause | undefined, readonly isNewer?: boolean }

export interface Judge {
  /** `moves`: the request is the person's doing. */
  find(key: string, moves: boolean): Promise<Found>
  /** The one live session among these, else a Denial. */
  require(keys: readonly string[], moves: boolean): Promise<Session>
}

export interface JudgeDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly store: SessionStore
  readonly vault: Vault
  readonly memory: Memory
  readonly ending: Ending
  readonly idleMs: number
}

/** A browser has one cookie of ours; each further one costs a question. */
const mostCookies = 4

export function createJudge (deps: JudgeDeps): Judge {
  const { clock, store, memory, ending, idleMs } = deps
  const find = async (key: string, moves: boolean): Promise<Found> => {
    if (memory.isDead(key)) return { session: undefined, cause: memory.causeOfDeath(key) }
    const now = clock.now()
    const seen = memory.fresh(key, now)
    // Every move of the idle clock is written before the request goes on. Written later, a session would end too early on another gateway.
    if (seen !== undefined && causeOfExpiry(seen, { now, idleMs }) === undefined && (!moves || now <= seen.lastActiveAt)) return { session: seen }
    const visit = await store.visit(key, { now, idleMs, moves })
    if (visit.state === 'live') return accept(visit.session, now, deps)
    if (visit.state === 'newer') return { session: undefined, cause: undefined, isNewer: true }
    if (visit.state === 'ended') ending.settle(visit)
    else ending.follow(key, visit.cause)
    return { session: undefined, cause: visit.cause }
  }
  return {
    find,
    async require (keys, moves) {
      const [first, ...others] = keys
      if (first === undefined) throw sessionReasons.deny('session.missing')
      if (others.length === 0) return sessionOf(await find(first, moves))
      if (keys.length > mostCookies) throw sessionReasons.deny('session.ambiguous')
      const found = await Promise.all(keys.map(key => find(key, false)))
      const [live, ...more] = found.map(({ session }) => session).filter(session => session !== undefined)
      if (live === undefined || more.length > 0) throw sessionReasons.deny('session.ambiguous')
      return moves ? sessionOf(await find(live.key, true)) : live
    },
  }
}

function accept (stored: StoredSession, askedAt: number, { memory, vault, log }: JudgeDeps): Found {
  const { key, sealed, place, beganAt, lastActiveAt, endsAt } = stored
  // It may have ended here while the store's answer was on its way.
  if (memory.isDead(key)) return { session: undefined, cause: memory.causeOfDeath(key) }
  const known = memory.known(key)
  const isSame = known !== undefined && known.sealed === sealed && known.place === place && known.session.beganAt === beganAt && known.session.endsAt === endsAt
  const session = isSame ? { ...known.session, lastActiveAt } : vault.open(stored)
  if (session === undefined) {
    log.error('session.unreadable')
    return { session: undefined, cause: undefined }
  }
  memory.keep(session, { sealed, place, askedAt })
  return { session }
}

function sessionOf (found: Found): Session {
  if (found.session !== undefined) return found.session
  if (found.isNewer === true) throw sessionReasons.deny('session.newerForm')
  const { cause } = found
  const code = cause === 'idle' ? 'session.idle' : cause === 'absolute' ? 'session.absolute' : cause === 'moved' ? 'session.moved' : 'session.ended'
  throw sessionReasons.deny(code, { because: cause })
}
