// How long to wait before the next attempt: doubling, bounded, and spread so that many messages do not come back at the same moment. Pure.

export interface PauseOptions {
  /** From 0 to 1. */
  readonly random: number
  /** What the receiver asked for. */
  readonly askedMs?: number | undefined
  readonly firstMs?: number
  readonly longestMs?: number
}

/** `attempts`: how many have failed. */
export function pauseMs (attempts: number, { random, askedMs = 0, firstMs = 1000, longestMs = 15 * 60_000 }: PauseOptions): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempts - 1, 20))
  return Math.max(askedMs, Math.round(whole / 2 + random * whole / 2))
}
