// The one source of time. Everything that reads or waits for time takes a Clock, so that tests move it instead of sleeping.

export interface Timer {
  /** Stops the timer; safe to call twice. */
  cancel(): void
}

export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. */
  now(): number
  /** Runs `action` once after `delayMs`. Does not keep the process alive. */
  after(delayMs: number, action: () => void): Timer
  /** Runs `action` every `periodMs`. Does not keep the process alive. */
  every(periodMs: number, action: () => void): Timer
}

/** 2^31 - 1 ms, about 24.8 days. */
const longestTimerMs = 2_147_483_647

export function createSystemClock (): Clock {
  return {
    now: () => Date.now(),
    after (delayMs, action) {
      let handle: NodeJS.Timeout
      const arm = (leftMs: number) => {
        // Node fires a longer timer at once.
        handle = leftMs > longestTimerMs ? setTimeout(() => { arm(leftMs - longestTimerMs) }, longestTimerMs) : setTimeout(action, leftMs)
        handle.unref()
      }
      arm(delayMs)
      return { cancel: () => { clearTimeout(handle) } }
    },
    every (periodMs, action) {
      const handle = setInterval(action, Math.min(periodMs, longestTimerMs))
      handle.unref()
      return { cancel: () => clearInterval(handle) }
    },
  }
}

/** Whether `work` ended in time. */
export async function endsWithin (clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = clock.after(timeoutMs, () => { resolve(false) })
  work.then(() => { resolve(true) }, () => { resolve(true) })
  try { return await promise } finally { timer.cancel() }
}
