// A session from sign-in to its end: who it is for, when it goes idle, when it is over, and what is open under it.
import type { Clock } from '../../shared/clock.ts'
import { createSecretId } from '../../shared/ids.ts'
import type { Logger } from '../../shared/log.ts'
import { durationMs } from '../../shared/schema.ts'
import type { OneTimeStore } from '../one-time-store.ts'
import type { Principal } from '../principal.ts'
import { createActivityJudge } from './activity.ts'
import { createBinding, type Binding, type BindingDeps } from './binding.ts'
import type { SessionConfig } from './config.ts'
import { createEmbeddedStore } from './embedded-store.ts'
import { createEnding, type Ending } from './ending.ts'
import { createPlaceCheck, type Here } from './here.ts'
import { createJudge, type Judge } from './judge.ts'
import { listSessions, type ListedSession } from './listing.ts'
import { createMemory, type Memory } from './memory.ts'
import { createOneTimeStore } from './one-time.ts'
import { createOpenConnections } from './open-connections.ts'
import { sessionCookieName, type SessionCookies } from './plugin.ts'
import { createRedisStore } from './redis-store.ts'
import { sessionReasons } from './reasons.ts'
import type { SessionStore } from './store.ts'
import { createVault, keyOfId, type Vault } from './vault.ts'
import { startWatch, type Watch } from './watch.ts'

export type { ListedSession } from './listing.ts'
export { registerSessionCookies, type SessionCookies } from './plugin.ts'

/** From where a session is used. */
export interface Place {
  /** The client's address in its one textual form. */
  readonly address: string
  /** SHA-256 of the client certificate; undefined without one. */
  readonly certificate: string | undefined
}

export interface Session {
  /** SHA-256 of the cookie's id, base64url: names the session in the store and the trail; it cannot be used as a cookie. */
  readonly key: string
  readonly principal: Principal
  readonly beganAt: number
  readonly lastActiveAt: number
  /** The earlier of the absolute timeout and the IdP's end, ms since the epoch. */
  readonly endsAt: number
  /** Where it began. Undefined when an older version began it. */
  readonly beganFrom: Place | undefined
  /** The address from which it was used last. */
  readonly lastAddress: string | undefined
}

/** `moved`: it was used from where it did not begin, and is bound to that. */
export type EndCause = 'idle' | 'absolute' | 'signedOut' | 'idpLogout' | 'revoked' | 'policy' | 'replaced' | 'moved'

/** Why something open was cut. `storeUnavailable`: for a second nobody could say whether its session is live; the session itself may go on. */
export type CutCause = EndCause | 'storeUnavailable'

/** What decides whether a request is the person's doing. */
export interface ActivitySigns {
  readonly method: string
  readonly foldedPath: string
  /** Sec-Fetch-* of the request, lower case, undefined when absent. */
  readonly fetchMode: string | undefined
  readonly fetchDest: string | undefined
  readonly fetchUser: string | undefined
  /** Sec-Purpose, or Purpose of an older browser, lower case, where the listener passes it on: what a browser loads ahead of the person is nobody's doing. */
  readonly purpose?: string | undefined
  /** A WebSocket or an event stream is asked for. */
  readonly isStream?: boolean | undefined
}

/** Something that must be cut when its session ends: a WebSocket, an event stream, a download. */
export interface OpenConnection {
  readonly sessionKey: string
  /** Called at most once, at the latest one second after the session ended. */
  cut(cause: CutCause): void
}

export interface SessionRoom {
  /**
   * The live session of a request, from its Cookie header. A request that is the person's doing moves the idle clock.
   * Throws a Denial `session.missing`, `session.idle`, `session.absolute`, `session.ended`, `session.moved`, `session.newerForm` or `session.ambiguous` (all 401),
   * or a Failure `session.storeUnavailable` (503). Whether it may be used from here is `requireHere`'s to say.
   */
  require(cookieHeader: string | undefined, signs: ActivitySigns): Promise<Session>
  /** The same without moving the clock: what is refused afterwards was nobody's doing here. */
  find(cookieHeader: string | undefined): Promise<Session>
  /** Throws a Denial `session.otherAddress`, `session.otherNetwork` or `session.otherCertificate` (401) when a found session is not bound to this place. */
  requireHere(session: Session, place: Place): Promise<Here>
  /** Both: for whoever lets somebody in by it. */
  findHere(cookieHeader: string | undefined, place: Place): Promise<Session>
  /** Before a sign-in: throws a Denial `session.certificateMissing` (403). */
  requireBindable(principal: Principal, place: Place): void
  /** To what a session of this person is bound, for the record. */
  bindingOf(principal: Principal): 'none' | 'address' | 'network' | 'certificate'
  /** Keys that the session cookies name, live or not. */
  keysOf(cookieHeader: string | undefined): readonly string[]
  /** Whether this gateway saw the sessions that the cookies name end. */
  hasEnded(cookieHeader: string | undefined): boolean
  /** Moves the clock of a found session when the request is the person's doing. Throws as `require` does when it ended meanwhile. */
  touch(session: Session, signs: ActivitySigns): Promise<Session>
  /** Begins a session with a new id. Returns it and the Set-Cookie value. */
  begin(principal: Principal, place: Place): Promise<{ session: Session, setCookie: string }>
  /** Ends the session of this cookie, if any is live. Returns it, and the Set-Cookie values that clear our cookies. */
  endByCookie(cookieHeader: string | undefined, cause: EndCause): Promise<{ ended: Session | undefined, setCookie: readonly string[] }>
  /** Ends every session that the query matches; returns those ended. Works for sessions of other replicas too. */
  end(query: SessionQuery, cause: EndCause): Promise<readonly Session[]>
  /** What lies in the store, of one person or of all; nothing moves or ends by looking. */
  list(person?: string): Promise<readonly ListedSession[]>
  /** Ends these, also those that nobody here can read. Returns how many were live. */
  revoke(keys: readonly string[]): Promise<number>
  /** Set-Cookie values that remove our session cookies from the browser. */
  clearingCookies(): readonly string[]
  /** Names that the CRM may neither read nor set. */
  readonly reservedCookieNames: readonly string[]
  /** Registers something open under a session; call the returned function when it closed by itself. */
  register(connection: OpenConnection): () => void
  /** Called once for each session that this gateway saw end, with its cause (for the trail). */
  onEnded(listener: (session: Session, cause: EndCause) => void): void
  /** One-time values in the same store, for sign-in. */
  readonly oneTime: OneTimeStore
  /** How many sessions are live in the store (for metrics). */
  count(): Promise<number>
  /** Whether the store answered when it was last asked, for readiness. */
  ready(): { readonly ok: boolean, readonly detail: string }
  close(): Promise<void>
}

export type SessionQuery =
  | { readonly by: 'key', readonly key: string }
  | { readonly by: 'person', readonly id: string }
  | { readonly by: 'idp', readonly nameId: string, readonly sessionIndex: string | undefined }
  | { readonly by: 'all' }

export interface SessionDeps {
  readonly clock: Clock
  readonly log: Logger
  /** Data directory, for the embedded store. */
  readonly directory: string
  /** Name of the gateway, which its replicas share. */
  readonly gateway: string
  readonly cookies: SessionCookies
  /** Further background routes, from the CRM's profile. */
  readonly background?: readonly string[]
  readonly binding: BindingDeps
  /** False: this process only looks and ends what it is told to. It has no say in whose time is over, since its clock need not be the gateways'. */
  readonly sweeps?: boolean
}

/** A store that is not there yet does not keep the gateway from starting: requests are refused until it is. */
const waitForStoreMs = 1000

const unwatched: Watch = { isReachable: () => true, async close () { /* nothing runs */ } }

/** Builds the room. Throws a RangeError when the secret is too short, and the system's error when the embedded store's file cannot be opened. */
export async function createSessionRoom (config: SessionConfig, deps: SessionDeps): Promise<SessionRoom> {
  const { clock, log, cookies } = deps
  const vault = createVault(config.secret)
  const idleMs = durationMs(config.idleTimeout)
  const isPersonsDoing = createActivityJudge({ background: [...config.background, ...deps.background ?? []], unlistedFetches: config.unlistedFetches })
  const store = openStore(config.store, deps)
  const memory = createMemory()
  const open = createOpenConnections(error => { log.bug('session.cutFailed', error) })
  const ending = createEnding({ memory, open, store, vault, log })
  const judge = createJudge({ clock, log, store, vault, memory, ending, idleMs })
  store.onEndedElsewhere((key, cause) => { ending.follow(key, cause) })
  await Promise.race([store.opened(), new Promise<void>(resolve => { clock.after(waitForStoreMs, resolve) })])
  const watch = deps.sweeps === false ? unwatched : startWatch({ clock, log, store, memory, open, ending, idleMs })
  let closing: Promise<void> | undefined
  const endKeys = async (keys: readonly string[], cause: EndCause) =>
    (await store.end(keys, { cause, now: clock.now() })).map(session => ending.settle({ session, cause }))
  const endReadable = async (keys: readonly string[], cause: EndCause) => (await endKeys(keys, cause)).filter(session => session !== undefined)
  const binding = createBinding(config.binding, deps.binding)
  return {
    ...createFinding({ cookies, judge, memory, binding, requireHere: createPlaceCheck({ binding, memory, store, vault, end: endKeys }), isPersonsDoing }),
    async begin (principal, place) {
      const id = createSecretId()
      const now = clock.now()
      const endsAt = Math.min(now + durationMs(config.absoluteTimeout), principal.notAfter ?? Infinity)
      if (endsAt <= now) throw sessionReasons.deny('session.absolute')
      const session: Session = { key: keyOfId(id), principal, beganAt: now, lastActiveAt: now, endsAt, beganFrom: place, lastAddress: place.address }
      const stored = vault.seal(session)
      await store.add(stored)
      memory.keep(session, { sealed: stored.sealed, place: stored.place, askedAt: now })
      if (config.maxPerPerson !== undefined) await endKeys(await findOldest(session, config.maxPerPerson, { store, vault, ending, now, idleMs }), 'replaced')
      return { session, setCookie: cookies.seal(id) }
    },
    async endByCookie (cookieHeader, cause) {
      // Looked at first, so that a session whose time was over is recorded as what it is.
      const keys = cookies.open(cookieHeader).map(keyOfId)
      const found = await Promise.all(keys.map(key => judge.find(key, false)))
      const [ended] = await endReadable(keys.filter((_key, at) => found[at]?.session !== undefined || found[at]?.isNewer === true), cause)
      return { ended, setCookie: cookies.clearing() }
    },
    end: async (query, cause) => await endReadable(query.by === 'key' ? [query.key] : await store.find(vault.hashQuery(query)), cause),
    list: person => listSessions(person, { store, vault, now: clock.now(), idleMs }),
    revoke: async keys => (await endKeys(keys, 'revoked')).length,
    clearingCookies: () => cookies.clearing(),
    reservedCookieNames: [sessionCookieName],
    register (connection) {
      const key = connection.sessionKey
      const release = open.add(connection, clock.now())
      // It may have ended between its request and now. The caller first gets what it needs to close.
      if (memory.isDead(key)) queueMicrotask(() => { ending.follow(key, memory.causeOfDeath(key)) })
      return release
    },
    onEnded: listener => { ending.onEnded(listener) },
    oneTime: createOneTimeStore({ clock, store, vault }),
    count: () => store.count(),
    ready: () => watch.isReachable() ? { ok: true, detail: 'reachable' } : { ok: false, detail: 'unreachable' },
    async close () {
      closing ??= watch.close().then(() => ending.flush()).then(() => store.close())
      await closing
    },
  }
}

function openStore (config: SessionConfig['store'], { gateway, directory }: SessionDeps): SessionStore {
  return config.kind === 'redis' ? createRedisStore(config.redis, gateway) : createEmbeddedStore(directory)
}

interface Finding {
  readonly cookies: SessionCookies
  readonly judge: Judge
  readonly memory: Memory
  readonly binding: Binding
  readonly requireHere: SessionRoom['requireHere']
  readonly isPersonsDoing: (signs: ActivitySigns) => boolean
}

/** What requests ask: whose session it is, and whether it may be used from where it is. */
function createFinding ({ cookies, judge, memory, binding, requireHere, isPersonsDoing }: Finding) {
  const keysOf = (cookieHeader: string | undefined) => cookies.open(cookieHeader).map(keyOfId)
  const find: SessionRoom['find'] = cookieHeader => judge.require(keysOf(cookieHeader), false)
  return {
    require: (cookieHeader, signs) => judge.require(keysOf(cookieHeader), isPersonsDoing(signs)),
    find,
    requireHere,
    findHere: async (cookieHeader, place) => (await requireHere(await find(cookieHeader), place)).session,
    requireBindable: binding.requireBindable,
    bindingOf: binding.policyOf,
    keysOf,
    hasEnded (cookieHeader) {
      const keys = keysOf(cookieHeader)
      return keys.length > 0 && keys.every(key => memory.isDead(key))
    },
    touch: async (session, signs) => isPersonsDoing(signs) ? judge.require([session.key], true) : session,
  } satisfies Partial<SessionRoom>
}

interface Looking { readonly store: SessionStore, readonly vault: Vault, readonly ending: Ending, readonly now: number, readonly idleMs: number }

/** Keys of the sessions that a person has beyond `most`: the newest stay, and the one that began now in any case. */
async function findOldest (begun: Session, most: number, { store, vault, ending, now, idleMs }: Looking): Promise<readonly string[]> {
  const keys = await store.find(vault.hashQuery({ by: 'person', id: begun.principal.id }))
  if (keys.length <= most) return []
  const live: { readonly key: string, readonly beganAt: number }[] = []
  for (const key of keys.filter(each => each !== begun.key)) {
    const visit = await store.visit(key, { now, idleMs, moves: false })
    if (visit.state === 'ended') ending.settle(visit)
    else if (visit.state === 'live') live.push({ key, beganAt: visit.session.beganAt })
  }
  return live.sort((one, other) => other.beganAt - one.beganAt).slice(most - 1).map(({ key }) => key)
}
