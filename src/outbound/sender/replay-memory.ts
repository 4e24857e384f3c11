// Signatures that were accepted, for as long as they would be accepted again, so that a copy sends nothing twice. Bounded: the oldest go first, and of each there is a digest only,
// because the id of a message can be as long as a header.
import { createHash } from 'node:crypto'

export interface ReplayMemory {
  has (signature: string): boolean
  /** False when the same message is under way at this moment. */
  begin (signature: string): boolean
  end (signature: string, isAccepted: boolean): void
}

/** Longer than any form's own time; the form without one (Shopify) is good for this long. */
const keptMs = 24 * 3_600_000
const most = 50_000

/** 128 bits: nobody finds a second message for one. */
const shorten = (signature: string): string => createHash('sha256').update(signature).digest('latin1').slice(0, 16)

export function createReplayMemory (now: () => number): ReplayMemory {
  const seen = new Map<string, number>()
  const underWay = new Set<string>()
  return {
    has (signature) {
      const at = seen.get(shorten(signature))
      return at !== undefined && now() - at < keptMs
    },
    begin (signature) {
      const name = shorten(signature)
      const isFirst = !underWay.has(name)
      underWay.add(name)
      return isFirst
    },
    end (signature, isAccepted) {
      const name = shorten(signature)
      underWay.delete(name)
      if (!isAccepted) return
      // Deleted first, so that the order stays that of time.
      seen.delete(name)
      seen.set(name, now())
      for (const [old, at] of seen) {
        if (seen.size <= most && now() - at < keptMs) break
        seen.delete(old)
      }
    },
  }
}
