// What this gateway remembers of sessions between two questions to the store: live ones for half a second, dead ones for as long as it can.
// It never says that a session is live longer than that, and nothing makes a dead one live again.
import type { EndCause, Session } from './session.ts'

export interface Memory {
  /** The session as last seen, when that was less than half a second before `now`. */
  fresh(key: string, now: number): Session | undefined
  /** The same without regard to its age: who it was for does not change. */
  known(key: string): { readonly session: Session, readonly sealed: string, readonly place: string } | undefined
  /** `askedAt`: when the store was asked, not when it answered. */
  keep(session: Session, seen: { readonly sealed: string, readonly place: string, readonly askedAt: number }): void
  bury(key: string, cause: EndCause | undefined): void
  /** Whether the session is known to be dead. */
  isDead(key: string): boolean
  causeOfDeath(key: string): EndCause | undefined
  /** Drops what is too old to be of use. */
  sweep(now: number): void
}

/** Half of the second within which an end counts everywhere: the rest is for the way. */
const freshMs = 500
const keptMs = 60_000

// A store that failed over can have lost a sign-out that it had acknowledged. What was dead here stays dead.
const mostDead = 100_000

interface Kept { readonly session: Session, readonly sealed: string, readonly place: string, readonly askedAt: number }

export function createMemory (): Memory {
  const live = new Map<string, Kept>()
  const dead = new Map<string, EndCause | undefined>()
  return {
    fresh (key, now) {
      const kept = live.get(key)
      // A clock that was set back makes nothing fresh.
      return kept !== undefined && now >= kept.askedAt && now - kept.askedAt < freshMs ? kept.session : undefined
    },
    known: key => live.get(key),
    keep (session, { sealed, place, askedAt }) {
      const kept = live.get(session.key)
      // Answers can overtake each other: the later doing of the person counts.
      if (kept !== undefined && kept.session.lastActiveAt > session.lastActiveAt) return
      live.set(session.key, { session, sealed, place, askedAt: Math.max(askedAt, kept?.askedAt ?? 0) })
    },
    bury (key, cause) {
      live.delete(key)
      if (dead.has(key)) return
      dead.set(key, cause)
      const oldest = dead.size > mostDead ? dead.keys().next().value : undefined
      if (oldest !== undefined) dead.delete(oldest)
    },
    isDead: key => dead.has(key),
    causeOfDeath: key => dead.get(key),
    sweep (now) {
      for (const [key, kept] of live) if (Math.abs(now - kept.askedAt) > keptMs) live.delete(key)
    },
  }
}
