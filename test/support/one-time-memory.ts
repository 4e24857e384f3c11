// A OneTimeStore in memory whose every answer comes late, in no fixed order, so that races show. Each single operation is atomic, as the contract says.
import type { OneTimeStore } from '../../src/inbound/one-time-store.ts'
import type { Clock } from '../../src/shared/clock.ts'

export interface MemoryOneTimeStore extends OneTimeStore {
  /** Keys that are held now. */
  keys(): readonly string[]
}

export function createMemoryOneTimeStore (clock: Clock): MemoryOneTimeStore {
  const held = new Map<string, { readonly value: string, readonly endsAt: number }>()
  let turn = 0
  /** Passes a few turns of the event loop, now three, now one. */
  const gap = async () => {
    turn = (turn + 1) % 3
    for (let passed = 0; passed <= turn; passed++) await new Promise(resolve => { setImmediate(resolve) })
  }
  const live = (key: string) => {
    const entry = held.get(key)
    return entry !== undefined && entry.endsAt > clock.now() ? entry.value : undefined
  }
  return {
    async putOnce (key, value, ttlMs) {
      await gap()
      if (live(key) !== undefined) return false
      held.set(key, { value, endsAt: clock.now() + ttlMs })
      await gap()
      return true
    },
    async take (key) {
      await gap()
      const value = live(key)
      held.delete(key)
      await gap()
      return value
    },
    async peek (key) {
      await gap()
      return live(key)
    },
    keys: () => [...held.keys()].filter(key => live(key) !== undefined),
  }
}
