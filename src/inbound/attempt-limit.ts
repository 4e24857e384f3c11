// How often one client address may make the gateway write something before anybody is known: to the store, or to the trail. It decides by the
// address alone, forgets it after the minute, and its memory is bounded however many addresses come.
import type { Clock } from '../shared/clock.ts'

/** Sign-ins. Enough for a practice behind one address that comes in at eight; far below what slows the store down. */
export const attemptsPerMinute = 50

/** Paths to come back to, each kept for ten minutes: at most 20 MB for an address. Beyond them a sign-in leads to the first page. */
export const returnPathsPerMinute = 200

/** Requests for the gateway's own pages. A sign-in takes three or four; each puts two records into the trail. */
export const ownPagesPerMinute = 600

const minuteMs = 60_000
const mostAddresses = 10_000
/** No address is spelled like this: all that come when the table is full are counted together. */
const everybodyElse = ''

/** The returned function counts an attempt of `address` and tells whether it may go on. */
export function createAttemptLimit ({ clock, perMinute }: { readonly clock: Clock, readonly perMinute: number }): (address: string) => boolean {
  const counts = new Map<string, number>()
  let beganAt = clock.now()
  return address => {
    const now = clock.now()
    // A clock that was set back begins a new minute too: nobody waits for the old one to come round again.
    if (now >= beganAt + minuteMs || now < beganAt) {
      counts.clear()
      beganAt = now
    }
    const name = counts.has(address) || counts.size < mostAddresses ? address : everybodyElse
    const count = (counts.get(name) ?? 0) + 1
    if (count <= perMinute) counts.set(name, count)
    return count <= perMinute
  }
}
