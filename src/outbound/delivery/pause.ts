// How long to wait before the next attempt: doubling, bounded, and spread so that many messages do not come back at the same moment. Pure.

const firstMs = 1000
const longestMs = 15 * 60_000

/** `attempts`: how many have failed. `random`: from 0 to 1. `askedMs`: what the receiver asked for. */
export function pauseMs (attempts: number, { random, askedMs = 0 }: { readonly random: number, readonly askedMs?: number | undefined }): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempts - 1, 20))
  return Math.max(askedMs, Math.round(whole / 2 + random * whole / 2))
}
