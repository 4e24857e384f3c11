// Sessions in a SQLite file: for one gateway, or several processes of it on one machine. Every decision is one transaction.
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { inTransaction, openEmbeddedFile } from './embedded-schema.ts'
import { createEmbeddedOnce } from './embedded-once.ts'
import { sessionReasons } from './reasons.ts'
import type { EndCause } from './session.ts'
import { causeOfExpiry, readEndCause, rememberedMs, sessionForm, setBackMs, type EndedSession, type SessionStore, type StoredSession, type Visit } from './store.ts'

const columns = 'key, sealed, person, name_id AS nameId, session_index AS "index", began_at AS beganAt, last_active_at AS lastActiveAt, ends_at AS endsAt, form, place'

/** SQLITE_BUSY: another process has the lock. */
const busy = 5
const lockedBits = 0xff

/** Tries of 25 ms each at a file that another process keeps locked; a request asks twice at most, and is refused within a second. */
const mostTries = 16

/**
 * Runs `action`, and again while another process has the lock: SQLite's own waiting would hold up this whole process, and is not fair.
 * An error of SQLite (locked, full, broken, closed) becomes our Failure; any other one is our bug.
 */
async function guarded<T> (action: () => T): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return action()
    } catch (error) {
      const { code, errcode } = error as { readonly code?: unknown, readonly errcode?: unknown }
      if (code !== 'ERR_SQLITE_ERROR' && code !== 'ERR_INVALID_STATE') throw error
      const isLocked = typeof errcode === 'number' && (errcode & lockedBits) === busy
      if (!isLocked || tries === mostTries) throw sessionReasons.fail('session.storeUnavailable', 'store', { cause: error, retryAfterSeconds: 2 })
    }
    await new Promise<void>(resolve => { setImmediate(resolve) })
  }
}

/** Throws when the file cannot be opened. */
export function createEmbeddedStore (directory: string): SessionStore {
  const file = openEmbeddedFile(join(directory, 'sessions.sqlite'))
  const quick = createLiveTable(file.quick)
  const durable = createLiveTable(file.durable)
  const once = createEmbeddedOnce(file)
  return {
    opened: async () => { /* it is: the file was opened above */ },
    add: session => guarded(() => { durable.insert(session) }),
    visit: (key, { moves, ...at }) => guarded(() => {
      const seen = quick.select(key)
      if (seen === undefined) return { state: 'dead', cause: quick.causeOf(key) }
      if (seen.form > sessionForm) return { state: 'newer' }
      if (causeOfExpiry(seen, at) === undefined && (!moves || at.now <= seen.lastActiveAt)) return { state: 'live', session: seen }
      return inTransaction(file.quick, (): Visit => {
        // Seen again under the write lock: another process may have moved the clock or ended the session in between.
        const session = quick.select(key)
        if (session === undefined) return { state: 'dead', cause: quick.causeOf(key) }
        const cause = causeOfExpiry(session, at)
        if (cause !== undefined) {
          quick.bury(session, cause, at.now)
          return { state: 'ended', session, cause }
        }
        if (!moves || at.now <= session.lastActiveAt) return { state: 'live', session }
        quick.move(key, at.now)
        return { state: 'live', session: { ...session, lastActiveAt: at.now } }
      })
    }),
    place: (key, sealed) => guarded(() => { quick.place(key, sealed) }),
    end: (keys, { cause, now }) => guarded(() => inTransaction(file.durable, () => {
      const ended = keys.map(key => durable.select(key)).filter(session => session !== undefined)
      for (const session of ended) durable.bury(session, cause, now)
      return ended
    })),
    find: query => guarded(() => quick.find(query)),
    read: keys => guarded(() => keys.map(key => quick.select(key)).filter(session => session !== undefined)),
    due: ({ now, idleMs }, limit) => guarded(() => quick.due(now - idleMs, now, limit)),
    dead: keys => guarded(() => quick.dead(keys)),
    acknowledge: key => guarded(() => quick.acknowledge(key)),
    takeUnreported: before => guarded(() => inTransaction(file.durable, () => durable.takeUnreported(before))),
    count: () => guarded(() => quick.count()),
    purge: now => guarded(() => {
      quick.purge(now - rememberedMs)
      once.purge(now)
    }),
    onEndedElsewhere () { /* SQLite tells nobody: the room asks, four times a second, about what is open */ },
    putOnce: (name, value, until) => guarded(() => once.put(name, value, until)),
    take: (name, now) => guarded(() => once.take(name, now)),
    peek: (name, now) => guarded(() => once.peek(name, now)),
    close: () => guarded(() => { file.close() }),
  }
}

/** Of a form that this version reads. */
const known = `form <= ${sessionForm}`

/** The statements over both tables, on one connection. */
function createLiveTable (database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO live (key, sealed, person, name_id, session_index, began_at, last_active_at, ends_at, form, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const select = database.prepare(`SELECT ${columns} FROM live WHERE key = ?`)
  const move = database.prepare('UPDATE live SET last_active_at = ? WHERE key = ?')
  const place = database.prepare('UPDATE live SET place = ? WHERE key = ?')
  const remove = database.prepare('DELETE FROM live WHERE key = ?')
  const bury = database.prepare('INSERT OR REPLACE INTO ended (key, cause, ended_at, sealed, began_at, last_active_at, ends_at, form, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const causeOf = database.prepare('SELECT cause FROM ended WHERE key = ?')
  return {
    insert (s: StoredSession) { insert.run(s.key, s.sealed, s.person, s.nameId, s.index, s.beganAt, s.lastActiveAt, s.endsAt, s.form, s.place) },
    select: (key: string) => select.get(key) as unknown as StoredSession | undefined,
    move (key: string, now: number) { move.run(now, key) },
    place (key: string, sealed: string) { place.run(sealed, key) },
    bury (s: StoredSession, cause: EndCause, now: number) {
      remove.run(s.key)
      bury.run(s.key, cause, now, s.sealed, s.beganAt, s.lastActiveAt, s.endsAt, s.form, s.place)
    },
    causeOf: (key: string) => readEndCause(causeOf.get(key)?.['cause']),
    ...createLookUps(database),
    ...createReporting(database),
  }
}

function createLookUps (database: DatabaseSync) {
  const byPerson = database.prepare('SELECT key FROM live WHERE person = ?')
  const byNameId = database.prepare("SELECT key FROM live WHERE name_id = ? AND (? OR session_index IN ('', ?))")
  const all = database.prepare('SELECT key FROM live')
  const idle = database.prepare(`SELECT key FROM live WHERE last_active_at <= ? AND ${known} LIMIT ?`)
  const toCome = database.prepare(`SELECT key FROM live WHERE last_active_at > ? AND ${known} LIMIT ?`)
  const over = database.prepare(`SELECT key FROM live WHERE ends_at <= ? AND ${known} LIMIT ?`)
  const dead = database.prepare(`SELECT asked.value AS key, ended.cause AS cause FROM json_each(?) AS asked
    LEFT JOIN live ON live.key = asked.value LEFT JOIN ended ON ended.key = asked.value WHERE live.key IS NULL`)
  const count = database.prepare('SELECT count(*) AS live FROM live')
  const keys = (rows: ReadonlyArray<Record<string, unknown>>) => rows.map(row => row['key'] as string)
  return {
    find (query: Parameters<SessionStore['find']>[0]): readonly string[] {
      if (query.by === 'person') return keys(byPerson.all(query.person))
      if (query.by === 'nameId') return keys(byNameId.all(query.nameId, query.index === undefined ? 1 : 0, query.index ?? ''))
      return keys(all.all())
    },
    due (idleSince: number, now: number, limit: number): readonly string[] {
      const rows = [...idle.all(idleSince, limit), ...over.all(now, limit), ...toCome.all(now + setBackMs, limit)]
      return [...new Set(keys(rows))].slice(0, limit)
    },
    dead: (asked: readonly string[]) => new Map(dead.all(JSON.stringify(asked)).map(row => [row['key'] as string, readEndCause(row['cause'])])),
    count: () => count.get()?.['live'] as number,
  }
}

function createReporting (database: DatabaseSync) {
  const acknowledge = database.prepare("UPDATE ended SET reported = 1, sealed = '', place = '' WHERE key = ? AND reported = 0")
  const unreported = database.prepare(`SELECT key, cause, sealed, '' AS person, '' AS nameId, '' AS "index", began_at AS beganAt, last_active_at AS lastActiveAt,
    ends_at AS endsAt, form, place FROM ended WHERE reported = 0 AND ended_at < ? AND ${known} LIMIT 100`)
  const purge = database.prepare('DELETE FROM ended WHERE reported = 1 AND ended_at < ?')
  return {
    acknowledge: (key: string) => acknowledge.run(key).changes === 1,
    takeUnreported (before: number): readonly EndedSession[] {
      const rows = unreported.all(before)
      for (const row of rows) acknowledge.run(row['key'] as string)
      return rows.map(({ cause, ...session }) => ({ session: session as unknown as StoredSession, cause: cause as EndCause }))
    },
    purge (before: number) { purge.run(before) },
  }
}
