// What the name model sees of a text: its words and numbers with what stands around them, and the features of one word, as numbers of weights. Training and reading share it.

import { kindWords } from '../identifier-kinds.ts'
import type { Span } from './span.ts'

export const labels = ['none', 'name', 'place', 'address'] as const
export const weightBits = 17
const mask = (1 << weightBits) - 1

/** Lists a word can stand on, as bits. */
export const lists = { word: 1, proper: 2, first: 4, last: 8, place: 16 } as const
/** What the chain itself puts into a text. */
const masks: ReadonlySet<string> = new Set([...kindWords, 'redacted'])
const common = lists.word | lists.proper

export interface Token {
  readonly start: number
  readonly end: number
  readonly hash: number
  /** The lists it stands on. */
  readonly code: number
  readonly shape: number
  /** What stands before it, as a class. */
  readonly gap: number
  /** Its last three letters and its length. */
  readonly tail: number
  readonly length: number
  /** Itself where it is a common word; the lists it stands on where it is not. */
  readonly known: number
}

export const shapes = { lower: 0, capital: 1, upper: 2, initial: 3, mixed: 4, digits: 5, coded: 6, mask: 7 } as const
const nothing: Token = { start: 0, end: 0, hash: 0, code: 0, shape: shapes.mask, gap: 0, tail: 0, length: 0, known: 1 }

export function hashOf (text: string, from = 0): number {
  let hash = 0x811c9dc5
  for (let index = from; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 12)) >>> 0
}

function shapeOf (word: string, { lower, hasDigit }: { readonly lower: string, readonly hasDigit: boolean }): number {
  const first = word.charCodeAt(0)
  if (first >= 0x30 && first <= 0x39) return word.length < 7 && isNumber.test(word) ? shapes.digits : shapes.coded
  if (hasDigit) return shapes.coded
  if (word === lower) return shapes.lower
  if (word.length === 1) return shapes.initial
  if (word === word.toUpperCase()) return shapes.upper
  return word[0] === lower[0] ? shapes.mixed : shapes.capital
}

const isNumber = /^\d+[a-zA-Z]?$/
const isLetter = /[\p{L}\p{M}]/u
const units = { other: 0, letter: 1, digit: 2, joint: 3 } as const
const unitOfAscii = Uint8Array.from({ length: 128 }, (_, code) => /[A-Za-z]/.test(String.fromCharCode(code)) ? units.letter : code >= 0x30 && code <= 0x39 ? units.digit : code === 0x27 || code === 0x2d ? units.joint : units.other)
const unitOfOther = new Map<number, number>()

/** Letters, digits, and what joins two letters: ' and -. */
function unitAt (text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code < 128) return unitOfAscii[code] as number
  // A letter beyond the first plane is two units: each counts as one.
  if (code >= 0xd800 && code <= 0xdfff) return isLetter.test(String.fromCodePoint(text.codePointAt(code < 0xdc00 ? at : at - 1) as number)) ? units.letter : units.other
  let unit = unitOfOther.get(code)
  if (unit === undefined) {
    unit = isLetter.test(String.fromCharCode(code)) ? units.letter : units.other
    unitOfOther.set(code, unit)
  }
  return unit
}

interface Word { readonly end: number, readonly hasDigit: boolean }

/** Where the word that begins here ends; digits and letters in one are one word. */
function readWord (text: string, start: number): Word {
  let end = start
  let hasDigit = false
  for (; end < text.length; end++) {
    const unit = unitAt(text, end)
    if (unit === units.digit) hasDigit = true
    else if (unit === units.joint ? hasDigit || unitAt(text, end + 1) !== units.letter : unit !== units.letter) break
  }
  return { end, hasDigit }
}

/** Classes of what stands between two words: the strongest sign in it decides. */
function gapOf (text: string, from: number, to: number): number {
  if (from === 0) return 1
  if (to - from === 1 && text.charCodeAt(from) === 0x20) return 9
  const gap = text.slice(from, Math.min(to, from + 12))
  if (gap.startsWith("'s") || gap.startsWith("'S")) return 5
  if (gap.includes('\n')) return /[,-]/.test(gap) ? 12 : /[.:!?]/.test(gap) ? 13 : 1
  if (/[.!?]/.test(gap)) return 2
  if (/[:=]/.test(gap)) return 3
  if (gap.includes(',') || gap.includes(';')) return 4
  if (/[-/]/.test(gap)) return 6
  if (/["'()[\]<>]/.test(gap)) return 7
  return gap.includes('&') ? 8 : gap === '' ? 10 : gap.trim() === '' ? 9 : 11
}

export interface ReadOptions {
  /** What other detectors found, in order and apart: one token each, of which nothing is known but that it is taken out. */
  readonly taken: readonly Span[]
  codeOf (hash: number, lower: string): number
}

/** "Jean-Pierre", "L-spine": on the lists that one of its parts stands on. */
function codeOfParts (lower: string, codeOf: ReadOptions['codeOf']): number {
  return lower.includes('-') ? lower.split('-').reduce((code, part) => code | (part.length === 1 ? lists.word : codeOf(hashOf(part), part)), 0) : 0
}

interface FoundWord extends Word, Pick<ReadOptions, 'codeOf'> { readonly at: number, readonly hasCapitals: boolean, readonly gap: number }

function createToken (text: string, { at: start, end: wholeEnd, hasDigit, hasCapitals, gap, codeOf }: FoundWord): Token {
  const isOwner = wholeEnd - start > 2 && (text.charCodeAt(wholeEnd - 1) | 0x20) === 0x73 && text.charCodeAt(wholeEnd - 2) === 0x27
  const end = isOwner ? wholeEnd - 2 : wholeEnd
  const word = text.slice(start, end)
  const lower = word.toLowerCase()
  const isMask = text.charCodeAt(start - 1) === 0x5b && text.charCodeAt(end) === 0x5d && masks.has(word)
  const shape = isMask ? shapes.mask : shapeOf(word, { lower, hasDigit })
  const hash = hashOf(lower)
  const listed = shape >= shapes.digits ? 0 : codeOf(hash, lower) || codeOfParts(lower, codeOf)
  const code = listed === 0 && shape === shapes.lower && hasCapitals ? lists.word : listed
  const length = Math.min(word.length, 12)
  const known = isMask ? nothing.known : (code & common) !== 0 ? hash : shape === shapes.digits ? 64 + length : shape * 32 + code
  return { start, end, hash, code, shape, gap, tail: hashOf(lower, Math.max(0, lower.length - 3)), length, known }
}

export function readTokens (text: string, { codeOf, taken }: ReadOptions): readonly Token[] {
  const tokens: Token[] = []
  let last = 0
  let nextTaken = 0
  // Who uses capitals writes names with them: a small word that is on no list is a word.
  const hasCapitals = /(?<!\p{L})\p{Lu}\p{Ll}|\[[a-z]{2,9}\]/u.test(text)
  for (let at = 0; at < text.length;) {
    const unit = unitAt(text, at)
    if (unit !== units.letter && unit !== units.digit) {
      at += 1
      continue
    }
    const { end, hasDigit } = readWord(text, at)
    const found = taken[nextTaken]
    if (found !== undefined && found.start < end) {
      tokens.push({ ...nothing, start: found.start, end: found.end, gap: gapOf(text, last, found.start) })
      last = Math.max(found.end, last)
      nextTaken += 1
      at = last
      continue
    }
    const token = createToken(text, { at, end, hasDigit, hasCapitals, gap: gapOf(text, last, at), codeOf })
    tokens.push(token)
    last = token.end
    at = end
  }
  return tokens
}

/** Whether the model is asked about a word at all: capitals, numbers before them, words that are in no dictionary, and what follows a part of an address or name. */
export function isCandidate (tokens: readonly Token[], index: number, before: number): boolean {
  const { shape, code, length } = tokens[index] as Token
  if (shape === shapes.mask) return false
  if (before !== 0) return true
  if (shape === shapes.digits) {
    for (let ahead = index + 1; ahead <= index + 3; ahead++) {
      const next = tokens[ahead]
      if (next !== undefined && (next.shape !== shapes.lower && next.shape !== shapes.digits ? true : (next.code & lists.word) === 0)) return true
    }
    return false
  }
  if (shape === shapes.lower) return (code & common) === 0 && length > 2
  return shape !== shapes.coded
}

function mix (template: number, left: number, right = 0): number {
  let hash = Math.imul(left ^ Math.imul(template + 1, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul((hash ^ (hash >>> 15)) + right, 0xc2b2ae35)
  hash ^= hash >>> 13
  return (Math.imul(hash, 0x27d4eb2f) >>> 8) & mask
}

export const featureCount = 28

export interface FeatureOptions { readonly out: Int32Array, readonly before: number, readonly beforeThat: number }

/** Fills `out` with the weights' numbers for one word; `before` and `beforeThat` are the labels given last. */
export function readFeatures (tokens: readonly Token[], index: number, { out, before, beforeThat }: FeatureOptions): void {
  const here = tokens[index] as Token
  const left = tokens[index - 1] ?? nothing
  const farLeft = tokens[index - 2] ?? nothing
  const right = tokens[index + 1] ?? nothing
  const farRight = tokens[index + 2] ?? nothing
  const { code, shape, gap } = here
  const form = code * 8 + shape
  const rightForm = right.code * 8 + right.shape
  const leftForm = left.code * 8 + left.shape
  out[0] = mix(0, form)
  out[1] = mix(1, form, gap)
  out[2] = mix(2, form, rightForm * 16 + right.gap)
  out[3] = mix(3, form, leftForm * 16 + gap)
  out[4] = mix(4, here.known, shape)
  out[5] = mix(5, here.tail, shape)
  out[6] = mix(6, here.tail, code)
  out[7] = mix(7, here.length, form)
  out[8] = mix(8, left.known, gap)
  out[9] = mix(9, left.known, farLeft.known)
  out[10] = mix(10, right.known, right.gap)
  out[11] = mix(11, right.known, farRight.known)
  out[12] = mix(12, before, form)
  out[13] = mix(13, before * 4 + beforeThat, shape)
  out[14] = mix(14, before * 16 + gap, form)
  out[15] = mix(15, left.known, form)
  out[16] = mix(16, right.known, form)
  out[17] = mix(17, (farLeft.code * 32 + left.code) * 32 + code, gap)
  out[18] = mix(18, (code * 32 + right.code) * 32 + farRight.code, right.gap)
  out[19] = mix(19, (left.shape * 8 + shape) * 8 + right.shape, gap * 16 + right.gap)
  out[20] = mix(20, left.shape === shapes.digits ? left.length : 0, form)
  out[21] = mix(21, right.shape === shapes.digits ? right.length : 0, form)
  out[22] = mix(22, here.length * 8 + shape, gap * 16 + right.gap)
  out[23] = mix(23, before * 8 + shape, here.length * 256 + right.shape)
  out[24] = mix(24, farLeft.known, left.gap)
  out[25] = mix(25, farRight.known, farRight.gap)
  out[26] = mix(26, before, here.known)
  out[27] = mix(27, before * 16 + gap, left.known)
}
