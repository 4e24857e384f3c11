// The prose chain: a folded copy of a text is looked at by every detector, what they find is cut out of the text itself, and the result is looked at again until nothing is found.
// A text that never comes to rest is held.
import { Hold } from '../hold.ts'
import { maskOf, type Kind } from '../identifier-kinds.ts'
import { findAddresses } from './addresses.ts'
import { findDates } from './dates.ts'
import { findFiles } from './files.ts'
import { fold, type Folded } from './fold.ts'
import type { KnownValues, Looked } from './known-values.ts'
import { findLabelled } from './labels.ts'
import { lists } from './name-tokens.ts'
import { findByModel, listsOf } from './name-model.ts'
import { findNames } from './names.ts'
import { findNetworkIdentifiers } from './net.ts'
import { findNumbers } from './numbers.ts'
import { findPacked } from './packed.ts'
import { scan, type Scan } from './scan.ts'
import { mergeSpans, type Detector, type Span } from './span.ts'
import { findSpoken } from './spoken.ts'

export interface Redacted {
  readonly text: string
  readonly kinds: readonly Kind[]
}

/** In the order in which the first names the kind of what two found alike. */
const patterns: readonly Detector[] = [findNetworkIdentifiers, findDates, findNumbers, findLabelled, findSpoken]
/** Cutting one thing out can bring another to light; each round finds less. */
const mostRounds = 5

/** In a dictionary; a short word that is on no list is an abbreviation. */
function isCommon (word: string): boolean {
  const code = listsOf(word)
  return (code & lists.word) !== 0 || (code === 0 && word.length <= 4)
}

/** What has a form or a label of its own: in order and apart. The name model is not asked about it. */
export function findPatterns (scan: Scan): readonly Span[] {
  return mergeSpans(scan.text, patterns.flatMap(detector => detector(scan)))
}

/** Ranges of the folded copy as ranges of the text itself: in order and apart. */
function toSource (folded: Folded, found: readonly Span[]): readonly Span[] {
  const spans: Span[] = []
  for (const { start, end, kind } of mergeSpans(folded.text, found)) {
    const [from, to] = folded.sourceRange(start, end)
    const last = spans.at(-1)
    if (last !== undefined && from < last.end) spans[spans.length - 1] = { ...last, end: Math.max(last.end, to) }
    else spans.push({ start: from, end: to, kind })
  }
  return spans
}

/** What is found, as ranges of the text itself: in order and apart. */
export function detect (text: string, known: KnownValues | undefined): readonly Span[] {
  const { folded, spans } = known?.looked.get(text) ?? look(text)
  return toSource(folded, [...(known?.find(folded.text) ?? []), ...spans])
}

function hasFindings (inner: string): boolean {
  const scanned = scan(inner)
  return [findPatterns, findAddresses, findNames].some(detector => detector(scanned).length > 0) || findByModel(inner, []).length > 0
}

/** What a text says by itself. */
function look (text: string): Looked {
  const folded = fold(text)
  const scanned = scan(folded.text)
  const taken = findPatterns(scanned)
  const others = [...findAddresses(scanned), ...findNames(scanned), ...findByModel(folded.text, taken)]
  // Last, since the next scan writes over this one. What is packed is looked at once; what is packed in that again is long, and goes.
  const packed = findPacked(folded.text, hasFindings)
  return { folded, spans: [...taken, ...packed, ...findFiles(folded.text, isCommon), ...others] }
}

export interface FoundText { readonly kind: Kind, readonly text: string }

/** What is found once is not looked for a second time while `known` lives. */
export function findInText (text: string, known: KnownValues): readonly FoundText[] {
  const looked = look(text)
  known.looked.set(text, looked)
  return toSource(looked.folded, looked.spans).map(({ start, end, kind }) => ({ kind, text: text.slice(start, end) }))
}

/** In the name of a field, where nearly every word is unknown to the model. */
function isFoundIn (name: string, known: KnownValues | undefined): boolean {
  const { text } = fold(name)
  const scanned = scan(text)
  return (known?.find(text) ?? []).length > 0 || [findPatterns, findAddresses, findNames].some(detector => detector(scanned).length > 0)
}

/** `step` cuts out what is found and returns undefined when there is nothing. */
export function repeatUntilClean (text: string, step: (text: string) => Redacted | undefined): Redacted | undefined {
  let result: Redacted | undefined
  for (let round = 0; round < mostRounds; round++) {
    const next = step(result?.text ?? text)
    if (next === undefined) return result
    result = { text: next.text, kinds: [...(result?.kinds ?? []), ...next.kinds] }
  }
  throw new Hold('notStable')
}

interface Cut extends Redacted {
  /** Where a mask ends in the new text. */
  readonly places: readonly number[]
}

function cutOut (text: string, spans: readonly Span[]): Cut | undefined {
  if (spans.length === 0) return undefined
  let out = ''
  let at = 0
  const places: number[] = []
  for (const { start, end, kind } of spans) {
    out += text.slice(at, start) + maskOf(kind)
    places.push(out.length)
    at = end
  }
  return { text: out + text.slice(at), kinds: spans.map(span => span.kind), places }
}

/** No detector looks further than this for what a word means; an address of the web is longer, but its beginning tells it. */
const farthest = 200

/** Cutting changes what stands near a mask, and only there something new can come to light. */
function detectNear (text: string, places: readonly number[], known: KnownValues | undefined): readonly Span[] {
  const windows: [number, number][] = []
  for (const place of places) {
    const start = text.lastIndexOf(' ', place - farthest) + 1
    const next = text.indexOf(' ', place + farthest)
    const end = next === -1 ? text.length : next
    const last = windows.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = end
    else windows.push([start, end])
  }
  return windows.flatMap(([start, end]) => detect(text.slice(start, end), known).map(span => ({ ...span, start: span.start + start, end: span.end + start })))
}

/** Undefined when nothing was found. Throws a Hold for a text that never comes to rest. */
export function redactText (text: string, known?: KnownValues, beforeRound?: () => void): Redacted | undefined {
  let places: readonly number[] | undefined
  return repeatUntilClean(text, current => {
    beforeRound?.()
    const cut = cutOut(current, places === undefined ? detect(current, known) : detectNear(current, places, known))
    places = cut?.places
    return cut
  })
}

/** On a list of names and in no dictionary. */
function isName (word: string): boolean {
  const code = listsOf(word)
  return (code & (lists.first | lists.last)) !== 0 && (code & (lists.word | lists.proper)) === 0
}

/** Whether a name of a field is not a name but somebody's data. */
export function isData (name: string, known?: KnownValues): boolean {
  if (name.length > 64 || !/^[@$]?[A-Za-z_][A-Za-z0-9_.:$@ /-]*$/.test(name) || /\d{4}/.test(name)) return true
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_.:$/-]+/g, ' ')
  const words = spaced.toLowerCase().match(/[a-z]{4,}/g) ?? []
  // Names of fields with blanks in them are made of words; one that is made of names is somebody's.
  if (words.some(word => isName(word)) || (name.includes(' ') && !words.every(isCommon))) return true
  return isFoundIn(name, known) || isFoundIn(spaced.toLowerCase(), known)
}
