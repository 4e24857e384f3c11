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

const nextToken = /[^\p{L}\p{N}]*([\p{L}\p{N}]+)/uy
const isAscii = /^[\0-\x7f]*$/
const hasCapital = (word: string): boolean => word !== word.toLowerCase()

/** Letters and digits of ASCII. */
const isTokenOfAscii = Uint8Array.from({ length: 128 }, (_, code) => /[A-Za-z0-9]/.test(String.fromCharCode(code)) ? 1 : 0)
const isToken = (code: number): boolean => code < 128 && isTokenOfAscii[code] === 1
const [basis, prime, small] = [0x811c9dc5 | 0, 0x01000193, 0x20]
const addCode = (hash: number, code: number): number => Math.imul(hash ^ (code | small), prime)

/** Which words can be the first of a value, by some bits of a hash: nearly all words of a text are none, and no string is made of those. */
class FirstWords {
  readonly #seen = new Uint8Array(4096)

  add (word: string): void {
    let hash = basis
    for (let at = 0; at < word.length; at++) hash = addCode(hash, word.charCodeAt(at))
    this.#seen[this.#slot(hash)] = 1
  }

  #slot (hash: number): number { return (hash ^ (hash >>> 15)) & 4095 }

  /** `visit` gets the words of an ASCII text that can be one, alone or with an s behind it. */
  find (text: string, visit: (start: number, end: number) => void): void {
    for (let at = 0; at < text.length; at++) {
      if (!isToken(text.charCodeAt(at))) continue
      const start = at
      let hash = basis
      let before = basis
      for (let code = text.charCodeAt(at); isToken(code); code = text.charCodeAt(at)) {
        before = hash
        hash = addCode(hash, code)
        at += 1
      }
      if (this.#seen[this.#slot(hash)] === 1 || this.#seen[this.#slot(before)] === 1) visit(start, at)
    }
  }
}

/** The words behind a place in a text, each read once, when it is asked for. */
class Following {
  readonly #text: string
  readonly #words: string[] = []
  readonly #ends: number[]

  constructor (text: string, from: number) {
    this.#text = text
    this.#ends = [from]
  }

  /** Where the last of these words ends, if the text goes on with them. */
  endOf (words: readonly string[]): number | undefined {
    return words.every((word, index) => this.#at(index) === word) ? this.#ends[words.length] : undefined
  }

  #at (index: number): string | undefined {
    if (index === this.#words.length) {
      nextToken.lastIndex = this.#ends[index] as number
      const word = nextToken.exec(this.#text)?.[1]
      if (word === undefined) return undefined
      this.#words.push(plainWord(word))
      this.#ends.push(nextToken.lastIndex)
    }
    return this.#words[index]
  }
}

function isOrdinary (word: string): boolean {
  return commonWords.has(word) || ambiguousNames.has(word) || word.length <= 2
}

export function createKnownValues (): KnownValues {
  const byFirst = new Map<string, Entry[]>()
  const firstWords = new FirstWords()
  let size = 0
  const put = (words: readonly string[], kind: Kind): void => {
    const [first, ...rest] = words
    if (first === undefined || size >= mostEntries) return
    const entry = { rest, kind, needsCapital: rest.length === 0 && kind === 'name' && isOrdinary(first) }
    const entries = byFirst.get(first)
    if (entries === undefined) {
      byFirst.set(first, [entry])
      firstWords.add(first)
    } else if (entries.some(known => known.rest.length === rest.length && known.rest.every((word, index) => word === rest[index]))) return
    else entries.push(entry)
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
      const visit = (start: number, end: number): void => {
        const written = text.slice(start, end)
        const word = plainWord(written)
        const entries = byFirst.get(word) ?? (word.endsWith('s') && word.length > 3 ? byFirst.get(word.slice(0, -1)) : undefined)
        if (entries === undefined) return
        const following = new Following(text, end)
        for (const { rest, kind, needsCapital } of entries) {
          if (needsCapital && !hasCapital(written)) continue
          const last = following.endOf(rest)
          if (last !== undefined) spans.push({ start, end: last, kind })
        }
      }
      if (isAscii.test(text)) firstWords.find(text, visit)
      else for (const { 0: { length }, index } of text.matchAll(token)) visit(index, index + length)
      return spans
    },
  }
}
