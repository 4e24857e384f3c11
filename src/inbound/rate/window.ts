// Counts by name within one minute of the clock, which all gateways begin at the same moment. What others counted is added when it is learnt; until then
// one's own decide, so no request waits for another machine. Pure but for the time that it is told; its memory is bounded.

interface Tally { own: number, told: number, others: number }

export interface Window {
  /** Counts one and tells the sum so far, this one included. */
  add(name: string, now: number): number
  /** Milliseconds until the minute ends. */
  leftMs(now: number): number
  /** What was counted since the last time and is to be told, of the minute that `now` is in. */
  untold(now: number): ReadonlyArray<readonly [name: string, count: number]>
  /** The sum of all gateways for a name, as learnt after `count` of ours were told. */
  learn(name: string, sums: { readonly minute: number, readonly told: number, readonly all: number }): void
  minuteOf(now: number): number
}

const minuteMs = 60_000
const mostNames = 20_000
/** Nothing is named like this: all that come when the table is full are counted together. */
const everybodyElse = ''

export function createWindow (): Window {
  const tallies = new Map<string, Tally>()
  let current = Number.NaN
  const minuteOf = (now: number) => Math.floor(now / minuteMs)
  const turn = (now: number) => {
    // A clock that was set back begins another minute too.
    if (minuteOf(now) === current) return
    tallies.clear()
    current = minuteOf(now)
  }
  return {
    minuteOf,
    leftMs: now => (minuteOf(now) + 1) * minuteMs - now,
    add (name, now) {
      turn(now)
      const key = tallies.has(name) || tallies.size < mostNames ? name : everybodyElse
      const tally = tallies.get(key) ?? { own: 0, told: 0, others: 0 }
      tally.own += 1
      tallies.set(key, tally)
      return tally.own + tally.others
    },
    untold (now) {
      turn(now)
      return [...tallies].filter(([name, { own, told }]) => own > told && name !== everybodyElse).map(([name, { own, told }]) => [name, own - told] as const)
    },
    learn (name, { minute, told, all }) {
      const tally = minute === current ? tallies.get(name) : undefined
      if (tally === undefined) return
      tally.told += told
      tally.others = Math.max(0, all - tally.told)
    },
  }
}
