// Civil time of a named zone: days for grouping, texts for people, and what somebody typed as an instant. It never takes the machine's own zone.
import { loadLater } from './load-later.ts'

export interface CivilTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** `2026-11-24` of an instant in milliseconds. */
export type ZonedDay = (time: number) => string

export interface TimeZone {
  /** IANA name, `UTC` or `America/Chicago`. */
  readonly name: string
  civilOf (time: number): CivilTime
  dayOf: ZonedDay
  /** The instant of a civil time; of one that a change of clocks skips, the moment of the change or just after. */
  instantOf (civil: CivilTime): number
}

/** Undefined when there is no such zone. */
export function createTimeZone (name: string): TimeZone | undefined {
  const format = loadLater(() => new Intl.DateTimeFormat('en-US', {
    timeZone: name, calendar: 'gregory', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }))
  // The tables of calendars are read with the first format: a start that has only UTC does not need them.
  if (name !== 'UTC') try { format() } catch { return undefined }
  const civilOf = (time: number): CivilTime => {
    const parts = new Map(format().formatToParts(time).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute'), second: part('second') }
  }
  const asUtc = ({ year, month, day, hour, minute, second }: CivilTime) => Date.UTC(year, month - 1, day, hour, minute, second)
  const offsetAt = (time: number) => asUtc(civilOf(time)) - Math.floor(time / 1000) * 1000
  return {
    name,
    civilOf,
    dayOf (time) {
      const { year, month, day } = civilOf(time)
      return `${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}`
    },
    instantOf (civil) {
      const guess = asUtc(civil)
      const first = guess - offsetAt(guess)
      return guess - offsetAt(first)
    },
  }
}

export function pad (number: number): string {
  return String(number).padStart(2, '0')
}
