// Finds names, places and addresses by a small linear model of our own: which lists a word stands on, its form, and the words around it. It is read once from the file beside it,
// which scripts/train-names writes; name-model.md says from what. It knows no value of any message, and a text of any length costs a fixed time a word.
import { readFileSync } from 'node:fs'
import { featureCount, isCandidate, labels, readFeatures, weightBits } from './name-features.ts'
import { fields, lists, readTokens, Tokens, type ReadOptions } from './name-tokens.ts'
import { hashOf, shapes } from './name-word.ts'
import { isNobody } from './nobody.ts'
import { safeWords } from './safe-words.ts'
import { addTowns } from './towns.ts'
import type { Span } from './span.ts'

export interface NameModel {
  /** The lists that a word stands on. */
  codeOf (word: { readonly hash: number }): number
  /** One row of labels for each number of a feature. */
  readonly weights: Int8Array
  /** The same bytes, a row in each number: its first label in the lowest eight bits. */
  readonly rows: Int32Array
}

export const modelMagic = 0x53504e31
const buckets = 1 << 16

/** Header, the number of words in each bucket, the words as 11 bits of their hash and 5 of lists, the weights. */
export function readModel (bytes: Buffer): NameModel {
  if (bytes.readUInt32BE(0) !== modelMagic) throw new Error('name-model.bin is not a name model; write it again with `node scripts/train-names/train.ts`')
  const size = bytes.readUInt32BE(4)
  const starts = new Uint32Array(buckets + 1)
  for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1] = (starts[bucket] as number) + (bytes[8 + bucket] as number)
  const entries = new Uint16Array(size)
  for (let index = 0; index < size; index++) entries[index] = bytes.readUInt16BE(8 + buckets + index * 2)
  const from = 8 + buckets + size * 2
  const weights = new Int8Array(bytes.subarray(from, from + (labels.length << weightBits)))
  return {
    weights,
    rows: toRows(weights),
    codeOf ({ hash }) {
      const bucket = hash >>> 16
      const wanted = hash & 0x7ff
      const end = starts[bucket + 1] as number
      for (let index = starts[bucket] as number; index < end; index++) {
        const entry = entries[index] as number
        if (entry >>> 5 === wanted) return entry & 31
      }
      return 0
    },
  }
}

/** Built and not viewed, so that it is the same on a machine of either byte order. */
export function toRows (weights: Int8Array): Int32Array {
  const at = (index: number) => (weights[index] as number) & 0xff
  return Int32Array.from({ length: weights.length >> 2 }, (_, row) => at(row * 4) | at(row * 4 + 1) << 8 | at(row * 4 + 2) << 16 | at(row * 4 + 3) << 24)
}

let own: NameModel | undefined
function ownModel (): NameModel {
  own ??= readModel(readFileSync(new URL('name-model.bin', import.meta.url)))
  return own
}

const numbers = new Int32Array(featureCount)
/** What is added to each label: more finds more and touches more. To miss a name costs more than to take out a word, and places have the fewest signs. */
const zeal = [0, 14, 22, 12] as const

/** The label with the greatest sum of its weights; the first of two alike. A row of four weights is one number. */
function bestLabel (rows: Int32Array): number {
  let [none, name, place, address] = zeal as readonly number[] as [number, number, number, number]
  for (let index = 0; index < featureCount; index++) {
    const row = rows[numbers[index] as number] as number
    none += row << 24 >> 24
    name += row << 16 >> 24
    place += row << 8 >> 24
    address += row >> 24
  }
  let best = name > none ? 1 : 0
  let most = Math.max(none, name)
  if (place > most) [best, most] = [2, place]
  return address > most ? 3 : best
}

/** Gives each token its label. */
export function labelTokens (tokens: Tokens, { rows }: Pick<NameModel, 'rows'>): void {
  let before = 0
  let beforeThat = 0
  for (let index = 0; index < tokens.length; index++) {
    let label = 0
    if (isCandidate(tokens, index, before)) {
      readFeatures(tokens, index, { out: numbers, before, beforeThat })
      label = bestLabel(rows)
      tokens.data[Tokens.at(index) + fields.label] = label
    }
    beforeThat = before
    before = label
  }
}

/** A name goes over a blank, an initial's stop or a hyphen; an address over whatever stands between its lines. */
function isJoined (text: string, tokens: Tokens, right: number): boolean {
  const end = tokens.get(right - 1, fields.end)
  const gap = text.slice(end, Math.min(tokens.get(right, fields.start), end + 16))
  return tokens.get(right, fields.label) === 3 ? /^[\s,.;>?#|/-]{0,15}$/.test(gap) : /^(?:\.? {1,2}|[.'-])$/.test(gap)
}

/** A safe word is a word, whatever list it stands on by chance; most words are in the dictionary and are not looked up twice. */
function codeOfWord ({ codeOf }: NameModel, word: Parameters<ReadOptions['codeOf']>[0]): number {
  const code = codeOf(word)
  return (code & lists.word) === 0 && safeWords.has(word.lower) ? lists.word : code
}

/** The lists that a word in small letters stands on, as bits. */
export function listsOf (word: string): number {
  return codeOfWord(ownModel(), { hash: hashOf(word), lower: word })
}

function hasSmallWords (tokens: Tokens): boolean {
  for (let index = 0; index < tokens.length; index++) if (tokens.get(index, fields.shape) === shapes.lower && tokens.get(index, fields.length) > 1) return true
  return false
}

/** Read into for one text after the other. A very long one brings its own, so that its space is not kept. */
const shared = new Tokens()
const longestShared = 1 << 16

/** `taken` is what patterns found: in order and apart. */
export function findByModel (text: string, taken: readonly Span[]): readonly Span[] {
  const model = ownModel()
  const tokens = readTokens(text, { codeOf: word => codeOfWord(model, word), taken }, text.length > longestShared ? new Tokens() : shared)
  labelTokens(tokens, model)
  addTowns(text, tokens)
  const isMixed = hasSmallWords(tokens)
  const spans: Span[] = []
  for (let index = 0; index < tokens.length; index++) {
    const label = tokens.get(index, fields.label)
    if (label === 0) continue
    const first = index
    while (index + 1 < tokens.length && tokens.get(index + 1, fields.label) === label && isJoined(text, tokens, index + 1)) index += 1
    if (isNobody(text, tokens, { first, last: index, hasSmallWords: isMixed })) continue
    spans.push({ start: tokens.get(first, fields.start), end: tokens.get(index, fields.end), kind: label === 1 ? 'name' : 'address' })
  }
  return spans
}
