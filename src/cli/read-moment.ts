// A moment as somebody types it: a day, a time of a day, or how long ago. It never guesses what an unclear text may mean.
import { parseDuration } from '../shared/schema.ts'
import type { TimeZone } from '../shared/time-zone.ts'

const shape = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z)?)?$/

/**
 * Milliseconds since the epoch, or undefined when it is not a moment. A day that ends a range (`isEnd`) is meant whole, so that its moment is the next midnight.
 * A time with a Z is UTC whatever the zone.
 */
export function readMoment (text: string, { zone, now, isEnd }: { readonly zone: TimeZone, readonly now: number, readonly isEnd: boolean }): number | undefined {
  const ago = parseDuration(text)
  if (ago !== undefined) return now - ago
  const match = shape.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(part => Number(part ?? 0)) as [number, number, number, number, number, number]
  const isDay = match[4] === undefined
  const utc = Date.UTC(year, month - 1, day, hour, minute, second)
  const civil = { year, month, day: isDay && isEnd ? day + 1 : day, hour, minute, second }
  if (hour > 23 || minute > 59 || second > 59 || new Date(utc).getUTCMonth() !== month - 1 || new Date(utc).getUTCDate() !== day) return undefined
  return match[7] === 'Z' ? utc : zone.instantOf(civil)
}
