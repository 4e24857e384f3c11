// What the fields of a message say about a person, looked for in its prose: a name that no list has is found because the CRM itself named it. Lives as long as one message.
import type { Kind } from '../identifier-kinds.ts'
import { fold, type Folded } from './fold.ts'
import { ambiguousNames, commonWords } from './name-lists.ts'
import type { Span } from './span.ts'

export interface Looked { readonly folded: Folded, readonly spans: readonly Span[] }

export interface KnownValues {
  /** Texts of the message that were looked at before. */
  readonly looked: Map<string, Looked>
  readonly isEmpty: boolean
  add (value: string, kind: Kind): void
  /** Spans of a folded text. */
  find (text: string): readonly Span[]
}

interface Entry {
  readonly rest: readonly string[]
  readonly kind: Kind
  /** The word is also a common one: only a capital letter makes it a name. */
  readonly needsCapital: boolean
}

const token = /[\p{L}\p{N}]+/gu
const longestValue = 200
/** Entries a message can bring; then all that is left is the lists and patterns. */
const mostEntries = 5000

const plainWord = (word: string): string => {
  const lower = word.toLowerCase()
  return /^[a-z0-9]*$/.test(lower) ? lower : lower.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss')
}

const asciiToken = /[A-Za-z0-9]+/g
const isAscii = /^[\0-\x7f]*$/
const hasCapital = (word: string): boolean => word !== word.toLowerCase()

interface Words {
  readonly plain: readonly string[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Most words are no known ones, so that nothing but their text is made of them. */
function readWords (text: string): Words {
  const [plain, starts, ends]: [string[], number[], number[]] = [[], [], []]
  const isPlain = isAscii.test(text)
  const pattern = isPlain ? asciiToken : token
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    plain.push(isPlain ? match[0].toLowerCase() : plainWord(match[0]))
    starts.push(match.index)
    ends.push(pattern.lastIndex)
  }
  return { plain, starts, ends }
}

function isOrdinary (word: string): boolean {
  return commonWords.has(word) || ambiguousNames.has(word) || word.length <= 2
}

export function createKnownValues (): KnownValues {
  const byFirst = new Map<string, Entry[]>()
  let size = 0
  const put = (words: readonly string[], kind: Kind): void => {
    const [first, ...rest] = words
    if (first === undefined || size >= mostEntries) return
    const entries = byFirst.get(first) ?? []
    if (entries.some(entry => entry.rest.join(' ') === rest.join(' '))) return
    entries.push({ rest, kind, needsCapital: rest.length === 0 && kind === 'name' && isOrdinary(first) })
    byFirst.set(first, entries)
    size += 1
  }
  const addName = (words: readonly string[]): void => {
    const letters = words.filter(word => /\p{L}/u.test(word))
    for (const word of letters) if (word.length > 1) put([word], 'name')
    const [first, last] = [letters[0], letters.at(-1)]
    if (first === undefined || last === undefined || letters.length < 2) return
    for (const joined of [first + last, last + first, first.slice(0, 1) + last, first + last.slice(0, 1)]) if (joined.length > 4) put([joined], 'name')
  }
  return {
    looked: new Map(),
    get isEmpty () { return size === 0 },
    add (value, kind) {
      if (value.length > longestValue) return
      const words = (fold(value).text.match(token) ?? []).map(plainWord)
      if (kind === 'name') addName(words)
      else if (words.join('').length >= 4 && !(words.length === 1 && isOrdinary(words[0] as string))) put(words, kind)
    },
    find (text) {
      if (size === 0) return []
      const spans: Span[] = []
      const words = readWords(text)
      for (const [index, word] of words.plain.entries()) {
        const entries = byFirst.get(word) ?? (word.endsWith('s') && word.length > 3 ? byFirst.get(word.slice(0, -1)) : undefined)
        if (entries === undefined) continue
        const start = words.starts[index] as number
        const isCapital = hasCapital(text.slice(start, words.ends[index]))
        for (const { rest, kind, needsCapital } of entries) {
          const end = words.ends[index + rest.length]
          const isThere = end !== undefined && rest.every((part, offset) => words.plain[index + 1 + offset] === part)
          if (isThere && (!needsCapital || isCapital)) spans.push({ start, end, kind })
        }
      }
      return spans
    },
  }
}
