// What the session room asks of a store. A store holds sealed texts and keyed hashes only; it cannot tell who a session is for.
// Every method throws the Failure `session.storeUnavailable` when the store does not do it in time.
import type { EndCause } from './session.ts'

export interface StoredSession {
  /** SHA-256 of the cookie's id, base64url. */
  readonly key: string
  /** The person, sealed and bound to `key`, `beganAt` and `endsAt`. */
  readonly sealed: string
  /** Keyed hashes for look-ups: the person's id; the NameID; the NameID with its SessionIndex (empty without one). */
  readonly person: string
  readonly nameId: string
  readonly index: string
  readonly beganAt: number
  readonly lastActiveAt: number
  readonly endsAt: number
  /** In which form it was written: `sessionForm`, or that of an older or newer version of the gateway. */
  readonly form: number
  /** Where it began and where it was used last, sealed; empty when nobody wrote it. */
  readonly place: string
}

/**
 * The form that this version writes. It reads this one and the older ones. A newer one may mean something else by every field: such a session is never read,
 * moved or found over here, and its end is left to be reported by who can read it. It ends here only when somebody says so: sign-out, logout, revocation.
 * What every form keeps, so that this goes on working: key, the keyed hashes, and the lists.
 */
export const sessionForm = 1

export interface EndedSession { readonly session: StoredSession, readonly cause: EndCause }

export type Visit =
  | { readonly state: 'live', readonly session: StoredSession }
  /** It was due, and this visit ended it. Nobody else gets this answer for the same session. */
  | { readonly state: 'ended', readonly session: StoredSession, readonly cause: EndCause }
  /** It is not live; the cause while it is remembered. */
  | { readonly state: 'dead', readonly cause: EndCause | undefined }
  /** A newer version wrote it. Nothing of it was read or changed. */
  | { readonly state: 'newer' }

export interface Moment {
  readonly now: number
  readonly idleMs: number
}

export type StoreQuery =
  | { readonly by: 'person', readonly person: string }
  /** With an index: the sessions of that index and those that have none. Without: every session of the NameID. */
  | { readonly by: 'nameId', readonly nameId: string, readonly index: string | undefined }
  | { readonly by: 'all' }

export interface SessionStore {
  /** Resolves when the store could be asked for the first time. */
  opened(): Promise<void>
  add(session: StoredSession): Promise<void>
  /** Looks and, in one atomic step, ends the session when it is due, else moves its idle clock to `now` when `moves`. */
  visit(key: string, at: Moment & { readonly moves: boolean }): Promise<Visit>
  /** Notes where a session is used, if it is live. */
  place(key: string, sealed: string): Promise<void>
  /** Ends those of the sessions that are live, of whatever form. Each is returned to the one caller that ended it. When it throws, some may have ended. */
  end(keys: readonly string[], how: { readonly cause: EndCause, readonly now: number }): Promise<readonly StoredSession[]>
  /** Keys of the live sessions that match. */
  find(query: StoreQuery): Promise<readonly string[]>
  /** Those of these that are live, as they lie there: nothing moves or ends. */
  read(keys: readonly string[]): Promise<readonly StoredSession[]>
  /** Keys of live sessions whose idle or absolute time is over, at most `limit`; none of a newer form. */
  due(at: Moment, limit: number): Promise<readonly string[]>
  /** Which of these are not live, and why while it is remembered. */
  dead(keys: readonly string[]): Promise<ReadonlyMap<string, EndCause | undefined>>
  /** The end is on record: forgets the sealed person. True for the one caller that did it. */
  acknowledge(key: string): Promise<boolean>
  /** Takes, atomically, sessions that ended before `before` and that nobody acknowledged: whoever ended them broke down. None of a newer form or cause. */
  takeUnreported(before: number): Promise<readonly EndedSession[]>
  count(): Promise<number>
  /** Forgets what is over. */
  purge(now: number): Promise<void>
  /** Hears of ends on other replicas, as fast as the store can tell; not certain. */
  onEndedElsewhere(listener: (key: string, cause: EndCause) => void): void
  /** One-time values under hashed names; `value` is sealed. True when there was none. `mayBeLost`: a power cut may take it. */
  putOnce(name: string, value: string, until: { readonly now: number, readonly ttlMs: number, readonly mayBeLost?: boolean }): Promise<boolean>
  take(name: string, now: number): Promise<string | undefined>
  peek(name: string, now: number): Promise<string | undefined>
  close(): Promise<void>
}

/** How long an ended session is remembered, so that the page can tell the person why. */
export const rememberedMs = 24 * 3_600_000

/**
 * The clocks of gateways may differ by so much. A clock that was set back further can no longer say how long nobody was there: nobody stays
 * signed in on the strength of it.
 */
export const setBackMs = 60_000

/** Why a session is over at `at`, by what came first; undefined while it is live. Idle is exact: alive at 14:59.999, over at 15:00. */
export function causeOfExpiry (session: Pick<StoredSession, 'lastActiveAt' | 'endsAt'>, at: Moment): 'idle' | 'absolute' | undefined {
  if (session.lastActiveAt > at.now + setBackMs) return 'idle'
  const idleAt = session.lastActiveAt + at.idleMs
  if (at.now < idleAt && at.now < session.endsAt) return undefined
  return idleAt <= session.endsAt ? 'idle' : 'absolute'
}

const endCauses: ReadonlySet<string> = new Set<EndCause>(['idle', 'absolute', 'signedOut', 'idpLogout', 'revoked', 'policy', 'replaced', 'moved'])

export function readEndCause (text: unknown): EndCause | undefined {
  return typeof text === 'string' && endCauses.has(text) ? text as EndCause : undefined
}
