// The time before which records of the archive may go. Retention counts only time in which the archive grew: a clock that was set forward by years brings nothing
// nearer to its end, and a gateway that stood still for long keeps its records for so much longer.

/** Longer than this without a new record, and it does not count. */
export const longestPauseMs = 31 * 86_400_000

export interface RetentionLimit {
  /** Milliseconds since the epoch. */
  readonly before: number
  /** How much of the time since then was not counted, in milliseconds. */
  readonly notCountedMs: number
}

/** `ends`: when each segment's last record was written, in any order, milliseconds since the epoch. */
export function limitRetention (ends: Iterable<number>, { now, years }: { readonly now: number, readonly years: number }): RetentionLimit {
  const times = [...ends, now].sort((a, b) => a - b)
  const pauses = times.slice(1).map((end, at) => ({ end, lasted: end - (times[at] as number) })).filter(({ lasted }) => lasted > longestPauseMs)
  const target = now - goBack(now, years)
  let before = now - target
  for (;;) {
    const notCountedMs = pauses.filter(({ end }) => end > before).reduce((sum, { lasted }) => sum + lasted, 0)
    const next = now - target - notCountedMs
    if (next >= before) return { before, notCountedMs }
    before = next
  }
}

/** The same day and time years ago. */
export function goBack (time: number, years: number): number {
  const date = new Date(time)
  return date.setUTCFullYear(date.getUTCFullYear() - years)
}
