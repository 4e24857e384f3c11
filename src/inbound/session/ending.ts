// What follows when a session has ended: it is forgotten here, what is open under it is cut, and the end goes on record, once.
import type { Logger } from '../../shared/log.ts'
import type { Memory } from './memory.ts'
import type { OpenConnections } from './open-connections.ts'
import type { EndCause, Session } from './session.ts'
import { sessionForm, type EndedSession, type SessionStore } from './store.ts'
import type { Vault } from './vault.ts'

export interface Ending {
  /** This gateway ended it: cut, report, acknowledge. Returns the session, or undefined when nobody can read for whom it was. */
  settle(ended: EndedSession): Session | undefined
  /** Somebody else ended it and reports it. */
  follow(key: string, cause: EndCause | undefined): void
  /** Takes over the reports of gateways that broke down between an end and its report. */
  takeOver(now: number): Promise<void>
  onEnded(listener: (session: Session, cause: EndCause) => void): void
  /** Waits until the store has heard of the reports made here, or did not answer. */
  flush(): Promise<void>
}

/** So long has a gateway to report an end before another one does it. */
const reportWithinMs = 3000

export interface EndingDeps {
  readonly memory: Memory
  readonly open: OpenConnections
  readonly store: SessionStore
  readonly vault: Vault
  readonly log: Logger
}

export function createEnding (deps: EndingDeps): Ending {
  const { memory, open, store, vault, log } = deps
  const listeners: ((session: Session, cause: EndCause) => void)[] = []
  /** Reported here; the store has not heard of it yet. */
  const unacknowledged = new Set<string>()
  const underWay = new Set<Promise<void>>()
  const follow = (key: string, cause: EndCause | undefined) => {
    memory.bury(key, cause)
    // Nobody remembers why: the store forgot it, which is an administrator's doing.
    open.cut(key, cause ?? 'revoked')
  }
  const report = (session: Session, cause: EndCause) => {
    for (const listener of listeners) {
      try { listener(session, cause) } catch (error) { log.bug('session.listenerThrew', error) }
    }
  }
  const acknowledge = async (key: string) => {
    unacknowledged.add(key)
    await store.acknowledge(key).then(() => { unacknowledged.delete(key) }, () => { /* tried again by takeOver */ })
  }
  return {
    settle ({ session: stored, cause }) {
      follow(stored.key, cause)
      // Its end waits in the store for a gateway that can say whose it was.
      if (stored.form > sessionForm) return undefined
      const session = vault.open(stored)
      if (session === undefined) {
        log.error('session.unreadable', { cause })
        return undefined
      }
      // Before anybody listens, the report waits in the store.
      if (listeners.length > 0) {
        report(session, cause)
        const told = acknowledge(stored.key)
        underWay.add(told)
        void told.finally(() => { underWay.delete(told) })
      }
      return session
    },
    follow,
    async takeOver (now) {
      if (listeners.length === 0) return
      for (const key of [...unacknowledged]) await acknowledge(key)
      for (const { session: stored, cause } of await store.takeUnreported(now - reportWithinMs)) {
        follow(stored.key, cause)
        const session = vault.open(stored)
        if (session === undefined) log.error('session.unreadable', { cause })
        else if (!unacknowledged.delete(stored.key)) report(session, cause)
      }
    },
    onEnded (listener) { listeners.push(listener) },
    async flush () { await Promise.all(underWay) },
  }
}
