// One-time values of other rooms in the session store: the name is hashed and the value sealed, because a sign-in attempt holds the path that
// somebody wanted to open, and a path can name a patient.
import type { Clock } from '../../shared/clock.ts'
import type { OneTimeStore } from '../one-time-store.ts'
import type { SessionStore } from './store.ts'
import type { Vault } from './vault.ts'

export function createOneTimeStore ({ clock, store, vault }: { readonly clock: Clock, readonly store: SessionStore, readonly vault: Vault }): OneTimeStore {
  const open = (name: string, sealed: string | undefined) => sealed === undefined ? undefined : vault.openValue(name, sealed)
  return {
    async putOnce (key, value, ttlMs, { mayBeLost = false } = {}) {
      if (!Number.isFinite(ttlMs) || ttlMs <= 0) throw new RangeError('a one-time value needs a time to live')
      const name = vault.hashName(key)
      return await store.putOnce(name, vault.sealValue(name, value), { now: clock.now(), ttlMs: Math.ceil(ttlMs), mayBeLost })
    },
    async take (key) {
      const name = vault.hashName(key)
      return open(name, await store.take(name, clock.now()))
    },
    async peek (key) {
      const name = vault.hashName(key)
      return open(name, await store.peek(name, clock.now()))
    },
  }
}
