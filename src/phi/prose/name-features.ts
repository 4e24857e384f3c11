// The features of one word, as numbers of weights: which lists it stands on, its form, and the words around it. Training and reading share it.
import { common, fields, lists, margin, stride, type Tokens } from './name-tokens.ts'
import { shapes } from './name-word.ts'

export const labels = ['none', 'name', 'place', 'address'] as const
export const weightBits = 17
const mask = (1 << weightBits) - 1

/** Whether the model is asked about a word at all: capitals, numbers before them, words that are in no dictionary, and what follows a part of an address or name. */
export function isCandidate (tokens: Tokens, index: number, before: number): boolean {
  const shape = tokens.get(index, fields.shape)
  if (shape === shapes.mask) return false
  if (before !== 0) return true
  if (shape === shapes.digits) {
    for (let ahead = index + 1; ahead <= index + 3 && ahead < tokens.length; ahead++) {
      const next = tokens.get(ahead, fields.shape)
      if (next !== shapes.lower && next !== shapes.digits ? true : (tokens.get(ahead, fields.code) & lists.word) === 0) return true
    }
    return false
  }
  if (shape === shapes.lower) return (tokens.get(index, fields.code) & common) === 0 && tokens.get(index, fields.length) > 2
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
export function readFeatures ({ data }: Tokens, index: number, { out, before, beforeThat }: FeatureOptions): void {
  const here = (index + margin) * stride
  const [left, farLeft, right, farRight] = [here - stride, here - 2 * stride, here + stride, here + 2 * stride] as const
  const read = (at: number) => data[at] as number
  const [code, shape, gap, known] = [read(here + fields.code), read(here + fields.shape), read(here + fields.gap), read(here + fields.known)] as const
  const [tail, length] = [read(here + fields.tail), read(here + fields.length)] as const
  const [leftCode, leftShape, leftKnown, leftLength] = [read(left + fields.code), read(left + fields.shape), read(left + fields.known), read(left + fields.length)] as const
  const [rightCode, rightShape, rightGap] = [read(right + fields.code), read(right + fields.shape), read(right + fields.gap)] as const
  const [rightKnown, rightLength] = [read(right + fields.known), read(right + fields.length)] as const
  const [farLeftCode, farLeftKnown] = [read(farLeft + fields.code), read(farLeft + fields.known)] as const
  const [farRightCode, farRightKnown, farRightGap] = [read(farRight + fields.code), read(farRight + fields.known), read(farRight + fields.gap)] as const
  const form = code * 8 + shape
  const rightForm = rightCode * 8 + rightShape
  const leftForm = leftCode * 8 + leftShape
  out[0] = mix(0, form)
  out[1] = mix(1, form, gap)
  out[2] = mix(2, form, rightForm * 16 + rightGap)
  out[3] = mix(3, form, leftForm * 16 + gap)
  out[4] = mix(4, known, shape)
  out[5] = mix(5, tail, shape)
  out[6] = mix(6, tail, code)
  out[7] = mix(7, length, form)
  out[8] = mix(8, leftKnown, gap)
  out[9] = mix(9, leftKnown, farLeftKnown)
  out[10] = mix(10, rightKnown, rightGap)
  out[11] = mix(11, rightKnown, farRightKnown)
  out[12] = mix(12, before, form)
  out[13] = mix(13, before * 4 + beforeThat, shape)
  out[14] = mix(14, before * 16 + gap, form)
  out[15] = mix(15, leftKnown, form)
  out[16] = mix(16, rightKnown, form)
  out[17] = mix(17, (farLeftCode * 32 + leftCode) * 32 + code, gap)
  out[18] = mix(18, (code * 32 + rightCode) * 32 + farRightCode, rightGap)
  out[19] = mix(19, (leftShape * 8 + shape) * 8 + rightShape, gap * 16 + rightGap)
  out[20] = mix(20, leftShape === shapes.digits ? leftLength : 0, form)
  out[21] = mix(21, rightShape === shapes.digits ? rightLength : 0, form)
  out[22] = mix(22, length * 8 + shape, gap * 16 + rightGap)
  out[23] = mix(23, before * 8 + shape, length * 256 + rightShape)
  out[24] = mix(24, farLeftKnown, read(left + fields.gap))
  out[25] = mix(25, farRightKnown, farRightGap)
  out[26] = mix(26, before, known)
  out[27] = mix(27, before * 16 + gap, leftKnown)
}
