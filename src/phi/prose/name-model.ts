// Finds names, places and addresses by a small linear model of our own: which lists a word stands on, its form, and the words around it. It is read once from the file beside it,
// which scripts/train-names writes; name-model.md says from what. It knows no value of any message, and a text of any length costs a fixed time a word.
import { readFileSync } from 'node:fs'
import { featureCount, hashOf, isCandidate, labels, lists, readFeatures, readTokens, shapes, weightBits, type Token } from './name-features.ts'
import { commonWords } from './name-lists.ts'
import { isNobody } from './nobody.ts'
import { safeWords } from './safe-words.ts'
import type { Span } from './span.ts'

export interface NameModel {
  codeOf (hash: number): number
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
    codeOf (hash) {
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

export function labelTokens (tokens: readonly Token[], { rows }: Pick<NameModel, 'rows'>): Uint8Array {
  const found = new Uint8Array(tokens.length)
  for (let index = 0; index < tokens.length; index++) {
    const before = index === 0 ? 0 : found[index - 1] as number
    if (!isCandidate(tokens, index, before)) continue
    readFeatures(tokens, index, { out: numbers, before, beforeThat: index < 2 ? 0 : found[index - 2] as number })
    found[index] = bestLabel(rows)
  }
  return found
}

/** A name goes over a blank, an initial's stop or a hyphen; an address over whatever stands between its lines. */
function isJoined (text: string, left: Token, { right, label }: { readonly right: Token, readonly label: number }): boolean {
  const gap = text.slice(left.end, Math.min(right.start, left.end + 16))
  return label === 3 ? /^[\s,.;>?#|/-]{0,15}$/.test(gap) : /^(?:\.? {1,2}|[.'-])$/.test(gap)
}

/** A safe word is a word, whatever list it stands on by chance; most words are in the dictionary and are not looked up twice. */
function codeOfWord ({ codeOf }: NameModel, hash: number, lower: string): number {
  const code = codeOf(hash)
  return (code & lists.word) === 0 && safeWords.has(lower) ? lists.word : code
}

/** The lists that a word in small letters stands on, as bits. */
export function listsOf (word: string): number {
  return codeOfWord(ownModel(), hashOf(word), word)
}

const shortestTown = 5
/** Of towns that are also called as people are. */
const shortestShared = 9
const beginnings = /^(?:fort|lake|mount|san|santa|saint|st|new|north|south|east|west|port|point|el|los|las|la|grand|coeur|terre|eau|corpus|rancho|bad|baton|cedar|palm|salt)$/i

/** A town is a town, also where the words around it say nothing: "our Kalamazoo office". What is a word or a person too is left to the model. */
function addTowns (text: string, tokens: readonly Token[], found: Uint8Array): void {
  const isTown = ({ code, length }: Token) => {
    const shortest = (code & lists.last) === 0 ? shortestTown : shortestShared
    return (code & lists.place) !== 0 && (code & (lists.word | lists.first)) === 0 && length >= shortest
  }
  const hasNoCapitals = tokens.every(({ shape }) => shape !== shapes.capital && shape !== shapes.upper)
  for (const [index, token] of tokens.entries()) {
    if (found[index] !== 0 || !isTown(token) || (token.shape === shapes.lower && !hasNoCapitals) || token.shape >= shapes.initial) continue
    found[index] = 2
  }
  if (hasNoCapitals) addSmallTowns(text, tokens, found)
  else addBeginnings(text, tokens, found)
}

/** "our Fort Wayne office" of which Wayne was found: a capital in the middle of a sentence belongs to what follows. */
function addBeginnings (text: string, tokens: readonly Token[], found: Uint8Array): void {
  for (let index = 1; index < tokens.length - 1; index++) {
    const [before, here, next] = [tokens[index - 1], tokens[index], tokens[index + 1]] as [Token, Token, Token]
    if (found[index] !== 0 || (found[index + 1] !== 1 && found[index + 1] !== 2) || (here.shape !== shapes.capital && here.shape !== shapes.upper)) continue
    const isWithin = /^[ ,:(/-]{1,3}$/.test(text.slice(before.end, here.start)) && next.start - here.end === 1
    if (isWithin && beginnings.test(text.slice(here.start, here.end))) found[index] = 2
  }
}

const beforeTown = /^(?:in|from|near|to)$/

/** "im in terre haute": two words or more of towns' names, where nobody uses the shift key. */
function addSmallTowns (text: string, tokens: readonly Token[], found: Uint8Array): void {
  for (const [index, { start, end }] of tokens.entries()) {
    if (!beforeTown.test(text.slice(start, end))) continue
    let last = index
    const isTown = (token: Token | undefined) => token !== undefined && (token.code & lists.place) !== 0 && !commonWords.has(text.slice(token.start, token.end))
    while (last - index < 3 && isTown(tokens[last + 1])) last += 1
    if (last - index >= 2) found.fill(2, index + 1, last + 1)
  }
}

/** `taken` is what patterns found: in order and apart. */
export function findByModel (text: string, taken: readonly Span[]): readonly Span[] {
  const model = ownModel()
  const tokens = readTokens(text, { codeOf: (hash, lower) => codeOfWord(model, hash, lower), taken })
  const found = labelTokens(tokens, model)
  addTowns(text, tokens, found)
  const hasSmallWords = tokens.some(({ shape, length }) => shape === shapes.lower && length > 1)
  const spans: Span[] = []
  for (let index = 0; index < tokens.length; index++) {
    const label = found[index] as number
    if (label === 0) continue
    const from = index
    const first = tokens[from] as Token
    let last = first
    while (found[index + 1] === label && isJoined(text, last, { right: tokens[index + 1] as Token, label })) {
      index += 1
      last = tokens[index] as Token
    }
    if (isNobody(text, { label, first, last, before: tokens[from - 1], next: tokens[index + 1] }, hasSmallWords)) continue
    spans.push({ start: first.start, end: last.end, kind: label === 1 ? 'name' : 'address' })
  }
  return spans
}
