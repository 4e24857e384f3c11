// What the name model sees of a text: its words and numbers with what stands around them, as numbers. Training and reading share it. A text is read letter by letter into one list
// of numbers that is used again for the next text: no string and no object is made of a word that is ASCII.
import { kindWords } from '../identifier-kinds.ts'
import { hashOf, isUnit, shapes, Word } from './name-word.ts'
import type { Span } from './span.ts'

/** Lists a word can stand on, as bits. */
export const lists = { word: 1, proper: 2, first: 4, last: 8, place: 16 } as const
/** What the chain itself puts into a text. */
const masks: ReadonlySet<string> = new Set([...kindWords, 'redacted'])
export const common = lists.word | lists.proper

/**
 * What is kept of a token. `code`: the lists it stands on. `gap`: what stands before it, as a class. `tail`: its last three letters. `known`: itself where it is a common word, the
 * lists it stands on where it is not. `label`: what the model says it is.
 */
export const fields = { start: 0, end: 1, code: 2, shape: 3, gap: 4, tail: 5, length: 6, known: 7, label: 8 } as const
export const stride = 9
/** Before the first token and behind the last stand tokens that say nothing, so that the neighbours of each can be asked about. */
export const margin = 2
const nothing = [0, 0, 0, shapes.mask, 0, 0, 0, 1, 0] as const

export class Tokens {
  data = new Int32Array(64 * stride)
  length = 0

  clear (): void {
    this.length = -margin
    for (let index = 0; index < margin; index++) this.add()
  }

  /** Where in `data` a token begins. */
  static at (index: number): number { return (index + margin) * stride }

  /** A token that says nothing, and where it begins. */
  add (): number {
    const at = Tokens.at(this.length)
    if (at + (margin + 1) * stride > this.data.length) {
      const wider = new Int32Array(this.data.length * 2)
      wider.set(this.data)
      this.data = wider
    }
    for (let field = 0; field < stride; field++) this.data[at + field] = nothing[field] as number
    this.length += 1
    return at
  }

  get (index: number, field: number): number {
    return this.data[(index + margin) * stride + field] as number
  }

  set (index: number, field: number, value: number): void {
    this.data[Tokens.at(index) + field] = value
  }

  finish (): this {
    for (let index = 0; index < margin; index++) this.add()
    this.length -= margin
    return this
  }
}

export interface ReadOptions {
  /** What other detectors found, in order and apart: one token each, of which nothing is known but that it is taken out. */
  readonly taken: readonly Span[]
  codeOf (word: { readonly hash: number, readonly lower: string }): number
}

/** Signs in a gap, as bits. */
const signs = { blank: 1, other: 2, newline: 4, comma: 8, hyphen: 16, stop: 32, colon: 64, semicolon: 128, slash: 256, bracket: 512, ampersand: 1024, equals: 2048 } as const
const signsOfAscii = Uint16Array.from({ length: 128 }, () => signs.other)
const written: readonly (readonly [keyof typeof signs, string])[] = [
  ['blank', ' \t\r\v\f'], ['newline', '\n'], ['comma', ','], ['hyphen', '-'], ['stop', '.!?'], ['colon', ':'], ['semicolon', ';'], ['slash', '/'],
  ['bracket', '"\'()[]<>'], ['ampersand', '&'], ['equals', '='],
]
for (const [sign, characters] of written) for (const character of characters) signsOfAscii[character.charCodeAt(0)] = signs[sign]
/** Of the strongest sign in it, the class of a gap. */
const classes = [
  [signs.stop, 2], [signs.colon | signs.equals, 3], [signs.comma | signs.semicolon, 4], [signs.hyphen | signs.slash, 6], [signs.bracket, 7], [signs.ampersand, 8],
] as const
const longestGap = 12

function classOf (seen: number): number {
  if ((seen & signs.newline) !== 0) return (seen & (signs.comma | signs.hyphen)) !== 0 ? 12 : (seen & (signs.stop | signs.colon)) !== 0 ? 13 : 1
  for (const [strong, gap] of classes) if ((seen & strong) !== 0) return gap
  return seen === signs.blank ? 9 : 11
}

/** Classes of what stands between two words. */
function gapOf (text: string, from: number, to: number): number {
  if (from === 0) return 1
  if (to === from) return 10
  if (to - from === 1 && text.charCodeAt(from) === 0x20) return 9
  if (text.charCodeAt(from) === 0x27 && to > from + 1 && (text.charCodeAt(from + 1) | 0x20) === 0x73) return 5
  let seen = 0
  for (let at = from; at < to && at < from + longestGap; at++) {
    const code = text.charCodeAt(at)
    seen |= code < 128 ? signsOfAscii[code] as number : /\s/.test(text.charAt(at)) ? signs.blank : signs.other
  }
  return classOf(seen)
}

/** "Jean-Pierre", "L-spine": on the lists that one of its parts stands on. */
function codeOfParts (lower: string, codeOf: ReadOptions['codeOf']): number {
  return lower.split('-').reduce((code, part) => code | (part.length === 1 ? lists.word : codeOf({ hash: hashOf(part), lower: part })), 0)
}

const word = new Word()
const capitals = /(?<!\p{L})\p{Lu}\p{Ll}|\[[a-z]{2,9}\]/u

class TokenReader {
  readonly #text: string
  readonly #options: ReadOptions
  readonly #tokens: Tokens
  #hasCapitals: boolean | undefined

  constructor (text: string, options: ReadOptions, tokens: Tokens) {
    this.#text = text
    this.#options = options
    this.#tokens = tokens
  }

  read (): void {
    const text = this.#text
    const { taken } = this.#options
    let last = 0
    let nextTaken = 0
    for (let at = 0; at < text.length;) {
      if (!isUnit(text, at)) {
        at += 1
        continue
      }
      word.read(text, at)
      const found = taken[nextTaken]
      if (found !== undefined && found.start < word.wholeEnd) {
        this.#addTaken(found, last)
        last = Math.max(found.end, last)
        nextTaken += 1
        at = last
        continue
      }
      this.#addWord(last)
      last = word.end
      at = word.wholeEnd
    }
  }

  #addTaken ({ start, end }: Span, last: number): void {
    const at = this.#tokens.add()
    const { data } = this.#tokens
    data[at + fields.start] = start
    data[at + fields.end] = end
    data[at + fields.gap] = gapOf(this.#text, last, start)
  }

  /** Who uses capitals writes names with them: a small word that is on no list is a word. */
  #usesCapitals (): boolean {
    this.#hasCapitals ??= capitals.test(this.#text)
    return this.#hasCapitals
  }

  #addWord (last: number): void {
    const text = this.#text
    const { start, end, hash } = word
    const isMask = text.charCodeAt(start - 1) === 0x5b && text.charCodeAt(end) === 0x5d && masks.has(text.slice(start, end))
    const shape = isMask ? shapes.mask : word.shape()
    let code = 0
    if (shape < shapes.digits) {
      code = this.#options.codeOf(word)
      if (code === 0 && word.hasHyphen) code = codeOfParts(word.lower, this.#options.codeOf)
      if (code === 0 && shape === shapes.lower && this.#usesCapitals()) code = lists.word
    }
    const length = Math.min(end - start, 12)
    const at = this.#tokens.add()
    const { data } = this.#tokens
    data[at + fields.start] = start
    data[at + fields.end] = end
    data[at + fields.code] = code
    data[at + fields.shape] = shape
    data[at + fields.gap] = gapOf(text, last, start)
    data[at + fields.tail] = word.tail()
    data[at + fields.length] = length
    data[at + fields.known] = isMask ? 1 : (code & common) !== 0 ? hash : shape === shapes.digits ? 64 + length : shape * 32 + code
  }
}

/** `into` loses what was in it. */
export function readTokens (text: string, options: ReadOptions, into = new Tokens()): Tokens {
  into.clear()
  new TokenReader(text, options, into).read()
  return into.finish()
}
