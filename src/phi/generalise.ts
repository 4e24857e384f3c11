// What may be left of a date, a ZIP code and an age under 45 CFR 164.514(b)(2)(i)(B) and (C). Undefined when a value cannot be read; then nothing is left of it.
import type { Rule } from './policy.ts'

/** First three digits that stand for 20,000 people or fewer, after the censuses of 2000 and 2010. */
const sparseZips = new Set(('036 059 063 102 202 203 204 205 369 556 692 753 772 790 821 823 830 831 878 879 884 890 893').split(' '))

/** The first year whose births are at most 89 years ago all year round; earlier ones say that somebody is older. */
const oldestAge = 89

function yearOf (value: string): number | undefined {
  const text = value.trim()
  const found = /^(\d{4})(?:$|[-/.]\d{1,2}(?:$|[-/.]\d{1,2}(?:$|[T ])))/.exec(text) ?? /^\d{1,2}[-/.]\d{1,2}[-/.](\d{4})(?:$|[T ,])/.exec(text) ?? /^[A-Za-z0-9]{1,9}[ .,-]{1,2}[A-Za-z0-9]{1,9}[ .,-]{1,2}(\d{4})$/.exec(text)
  if (found !== null) return Number(found[1])
  // Seconds or milliseconds since 1970.
  if (!/^-?\d{9,10}(?:\d{3})?$/.test(text)) return undefined
  return new Date(Number(text) * (text.replace('-', '').length > 10 ? 1 : 1000)).getUTCFullYear()
}

function toYear (value: string, isNumber: boolean, thisYear: number): string | undefined {
  const year = yearOf(value)
  if (year === undefined || year < thisYear - oldestAge || year > thisYear + 50) return undefined
  if (!isNumber || value.length === 4) return String(year)
  const start = Date.UTC(year, 0, 1)
  return String(value.replace('-', '').length > 10 ? start : start / 1000)
}

function toZip3 (value: string, isNumber: boolean): string | undefined {
  const digits = isNumber ? value.padStart(value.length > 5 ? 9 : 5, '0') : value.trim()
  if (!/^(?:\d{3}|\d{5}(?:-?\d{4})?)$/.test(digits)) return undefined
  const zip = sparseZips.has(digits.slice(0, 3)) ? '000' : digits.slice(0, 3)
  return isNumber ? undefined : zip
}

function toAge (value: string): string | undefined {
  return /^\d{1,3}$/.test(value.trim()) ? String(Math.min(Number(value), oldestAge + 1)) : undefined
}

export function generalise (to: Rule['to'], value: string, { isNumber, thisYear }: { readonly isNumber: boolean, readonly thisYear: number }): string | undefined {
  if (to === 'year') return toYear(value, isNumber, thisYear)
  return to === 'zip3' ? toZip3(value, isNumber) : toAge(value)
}
