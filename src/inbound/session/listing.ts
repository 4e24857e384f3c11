// What lies in the store, for administrators. Looking moves no clock and ends nothing.
import type { Session } from './session.ts'
import { causeOfExpiry, type SessionStore } from './store.ts'
import type { Vault } from './vault.ts'

export interface ListedSession {
  readonly key: string
  /** Undefined when it cannot be read here: a newer version wrote it, or another secret is in use. */
  readonly session: Session | undefined
  /** Milliseconds since the epoch; of one that a newer version wrote, they may mean something else. */
  readonly beganAt: number
  readonly lastActiveAt: number
  /** When it goes idle if nothing is done, and when it is over whatever happens. */
  readonly idleAt: number
  readonly endsAt: number
  /** Its time is over, and no gateway has ended it yet. */
  readonly isOver: boolean
}

interface Looking { readonly store: SessionStore, readonly vault: Vault, readonly now: number, readonly idleMs: number }

export async function listSessions (person: string | undefined, { store, vault, now, idleMs }: Looking): Promise<readonly ListedSession[]> {
  const keys = await store.find(vault.hashQuery(person === undefined ? { by: 'all' } : { by: 'person', id: person }))
  const stored = await store.read(keys)
  return stored.map(each => {
    const { key, beganAt, lastActiveAt, endsAt } = each
    return { key, session: vault.open(each), beganAt, lastActiveAt, idleAt: lastActiveAt + idleMs, endsAt, isOver: causeOfExpiry(each, { now, idleMs }) !== undefined }
  })
}
