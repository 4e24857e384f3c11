// What was found in a text, and how findings become one list: in order, not overlapping, never ending in the middle of a word or number.
import type { Kind } from '../identifier-kinds.ts'
import type { Scan } from './scan.ts'

export interface Span {
  readonly start: number
  readonly end: number
  readonly kind: Kind
}

export type Detector = (scan: Scan) => readonly Span[]

export interface PatternOptions {
  readonly kind: Kind
  /** The part of the match that is the identifier: a group of the pattern; the whole match without it. The pattern needs the flags d and g then. */
  readonly group?: number
  accept?(match: RegExpExecArray, text: string): boolean
}

/** A detector from a pattern with the flag g. Patterns have bounded repetitions only, so that their time is linear. */
export function findPattern (text: string, pattern: RegExp, { kind, group, accept }: PatternOptions): Span[] {
  const spans: Span[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === '') pattern.lastIndex += 1
    if (accept?.(match, text) === false) continue
    const range = group === undefined ? undefined : match.indices?.[group]
    if (group !== undefined && range === undefined) continue
    const [start, end] = range ?? [match.index, match.index + match[0].length]
    spans.push({ start, end, kind })
  }
  return spans
}

const isWordUnit = (code: number): boolean => (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code >= 0xc0

function extend (text: string, { start, end, kind }: Span): Span {
  let from = start
  let to = end
  while (from > 0 && isWordUnit(text.charCodeAt(from)) && isWordUnit(text.charCodeAt(from - 1))) from -= 1
  while (to < text.length && isWordUnit(text.charCodeAt(to - 1)) && isWordUnit(text.charCodeAt(to))) to += 1
  return { start: from, end: to, kind }
}

/** The longer finding names the kind of what overlaps; of two alike, the first of the list. */
export function mergeSpans (text: string, spans: readonly Span[]): readonly Span[] {
  if (spans.length === 0) return spans
  const sorted = spans.map(span => extend(text, span)).sort((left, right) => left.start - right.start)
  const merged: { start: number, end: number, kind: Kind, longest: number }[] = []
  for (const { start, end, kind } of sorted) {
    const last = merged.at(-1)
    if (last === undefined || start >= last.end) merged.push({ start, end, kind, longest: end - start })
    else {
      if (end - start > last.longest) {
        last.kind = kind
        last.longest = end - start
      }
      last.end = Math.max(last.end, end)
    }
  }
  return merged
}
