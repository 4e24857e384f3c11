// Signatures that were accepted, for as long as they would be accepted again, so that a copy sends nothing twice. Bounded: the oldest go first.

export interface ReplayMemory {
  has (signature: string): boolean
  /** False when the same message is under way at this moment. */
  begin (signature: string): boolean
  end (signature: string, isAccepted: boolean): void
}

/** Longer than any form's own time; the form without one (Shopify) is good for this long. */
const keptMs = 24 * 3_600_000
const most = 50_000

export function createReplayMemory (now: () => number): ReplayMemory {
  const seen = new Map<string, number>()
  const underWay = new Set<string>()
  return {
    has (signature) {
      const at = seen.get(signature)
      return at !== undefined && now() - at < keptMs
    },
    begin (signature) {
      const isFirst = !underWay.has(signature)
      underWay.add(signature)
      return isFirst
    },
    end (signature, isAccepted) {
      underWay.delete(signature)
      if (!isAccepted) return
      // Deleted first, so that the order stays that of time.
      seen.delete(signature)
      seen.set(signature, now())
      for (const [old, at] of seen) {
        if (seen.size <= most && now() - at < keptMs) break
        seen.delete(old)
      }
    },
  }
}
