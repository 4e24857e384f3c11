// What is open under which session: WebSockets, event streams, downloads. When a session ends they are cut; when nobody can say any more
// whether it is live, they are cut too.
import { createRoster, type Roster } from '../../shared/roster.ts'
import type { CutCause, OpenConnection } from './session.ts'

export interface OpenConnections {
  /** `seenAt`: when the store last said that the session is live. */
  add(connection: OpenConnection, seenAt: number): () => void
  /** Sessions with something open. */
  keys(): readonly string[]
  /** The store said, asked at `askedAt`, that these are live. */
  confirm(keys: readonly string[], askedAt: number): void
  cut(key: string, cause: CutCause): void
  /** Cuts what the store has not confirmed for `forMs`. Returns of how many sessions. */
  cutUnconfirmed(now: number, forMs: number): number
}

interface Open { confirmedAt: number, readonly connections: Roster<OpenConnection> }

export function createOpenConnections (onThrow: (error: unknown) => void): OpenConnections {
  const open = new Map<string, Open>()
  const cut = (key: string, cause: CutCause) => {
    const entry = open.get(key)
    open.delete(key)
    for (const connection of entry?.connections ?? []) {
      // One that throws must not save the others.
      try { connection.cut(cause) } catch (error) { onThrow(error) }
    }
  }
  return {
    add (connection, seenAt) {
      const key = connection.sessionKey
      const entry = open.get(key) ?? { confirmedAt: seenAt, connections: createRoster() }
      open.set(key, entry)
      const leave = entry.connections.enter(connection)
      return () => {
        if (leave() && entry.connections.size === 0 && open.get(key) === entry) open.delete(key)
      }
    },
    keys: () => [...open.keys()],
    confirm (keys, askedAt) {
      for (const key of keys) {
        const entry = open.get(key)
        if (entry !== undefined) entry.confirmedAt = askedAt
      }
    },
    cut,
    cutUnconfirmed (now, forMs) {
      // A confirmation from the future is one from before the clock was set back.
      const keys = [...open].filter(([, { confirmedAt }]) => now - confirmedAt >= forMs || confirmedAt > now).map(([key]) => key)
      for (const key of keys) cut(key, 'storeUnavailable')
      return keys.length
    },
  }
}
