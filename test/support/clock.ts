// A clock that tests move. Timers fire in order, exactly when `advance` passes them.
import type { Clock, Timer } from '../../src/shared/clock.ts'

export interface MovableClock extends Clock {
  /** Moves time forward by `byMs`, firing due timers in order, and lets pending promises run between them. */
  advance(byMs: number): Promise<void>
  /** Jumps the wall clock (a clock step) without firing anything. */
  step(byMs: number): void
}

interface Pending { at: number, readonly periodMs: number | undefined, readonly action: () => void }

export function createMovableClock (startMs = Date.UTC(2026, 0, 5, 9, 0, 0)): MovableClock {
  let nowMs = startMs
  const pending = new Set<Pending>()
  const add = (delayMs: number, periodMs: number | undefined, action: () => void): Timer => {
    const entry: Pending = { at: nowMs + delayMs, periodMs, action }
    pending.add(entry)
    return { cancel: () => { pending.delete(entry) } }
  }
  const settle = () => new Promise<void>(resolve => { setImmediate(resolve) })
  return {
    now: () => nowMs,
    after: (delayMs, action) => add(delayMs, undefined, action),
    every: (periodMs, action) => add(periodMs, periodMs, action),
    step (byMs) { nowMs += byMs },
    async advance (byMs) {
      const target = nowMs + byMs
      for (;;) {
        const due = [...pending].filter(entry => entry.at <= target).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        nowMs = Math.max(nowMs, due.at)
        if (due.periodMs === undefined) pending.delete(due)
        else due.at += due.periodMs
        due.action()
        await settle()
      }
      nowMs = target
      await settle()
    },
  }
}
