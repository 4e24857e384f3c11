// What was seen of one epoch in one place: which records are there, where they break off, and what is wrong with each.
import type { TrailEntry } from '../reader.ts'
import type { TrailProblem } from '../verify-record.ts'
import type { DamageClass } from './report.ts'

const hashBytes = 32

export interface Trouble { readonly class: DamageClass, readonly seq: number, readonly detail: string }

/** Of a trouble that an operation on record may account for. */
export const shreddedDetail = 'its content was taken away, and no operation on record did it'

const sentences: Readonly<Record<Exclude<TrailProblem, 'gap' | 'order'>, { readonly class: DamageClass, readonly detail: string }>> = {
  form: { class: 'edit', detail: 'it has not the form of a record' },
  mac: { class: 'edit', detail: 'its clear fields are not what was written' },
  seal: { class: 'edit', detail: 'its sealed part is not what was written' },
  shredded: { class: 'edit', detail: shreddedDetail },
  leaf: { class: 'edit', detail: 'what it holds is not what was chained' },
  chain: { class: 'edit', detail: 'it does not follow from the record before it' },
  header: { class: 'edit', detail: 'the header before it is missing or not genuine' },
  torn: { class: 'edit', detail: 'it breaks off' },
  key: { class: 'key outside epoch', detail: 'it is sealed with another key than the one that is given' },
  link: { class: 'fork', detail: 'the epoch does not continue from the end of the one before it' },
}

export class EpochView {
  readonly writer: string
  readonly epoch: number
  /** The first number and the greatest seen; 0 when there is no record. */
  first = 0
  last = 0
  /** Clear kind of the record with the greatest number. */
  lastKind = ''
  /** The epoch that this one says it continues from; 0 when it is the first, undefined when its first record could not be read. */
  continues: number | undefined
  /** Numbers that were jumped over and did not come later. */
  readonly #missing = new Set<number>()
  readonly #bad = new Set<number>()
  /** Hashes of the records that came in order from the first one on, and those of all others: what is kept grows with the lines that were read, not with their numbers. */
  #hashes = Buffer.alloc(64 * hashBytes)
  #inOrder = 0
  /** What stood before the first one and is not here. */
  #offset = 0
  readonly #others = new Map<number, string>()
  #before = 0

  constructor (writer: string, epoch: number) {
    this.writer = writer
    this.epoch = epoch
  }

  /** Takes in the next entry as it stands in the store. Returns what is wrong with it. */
  add ({ seq, record, event, problems }: TrailEntry): readonly Trouble[] {
    const troubles = problems.flatMap(problem => this.#explain(problem, seq))
    if (troubles.length > 0) this.#bad.add(seq)
    if (record !== undefined) {
      this.#missing.delete(seq)
      if (this.first === 0) { this.first = seq; this.#offset = seq - 1 }
      this.#keep(seq, record.hash)
      if (seq > this.last) Object.assign(this, { last: seq, lastKind: record.kind })
      if (seq === 1 && event?.kind === 'gateway.started') this.continues = typeof event.facts?.['previousEpoch'] === 'number' ? event.facts['previousEpoch'] : 0
      this.#before = seq
    }
    return troubles
  }

  /** Hash of a record that is there, base64url. */
  hashOf (seq: number): string | undefined {
    const at = seq - this.#offset
    return at >= 1 && at <= this.#inOrder ? this.#hashes.toString('base64url', (at - 1) * hashBytes, at * hashBytes) : this.#others.get(seq)
  }

  isBad (seq: number): boolean { return this.#bad.has(seq) }

  /** Runs of numbers that are missing between others. */
  gaps (): ReadonlyArray<{ readonly from: number, readonly to: number }> {
    const runs: Array<{ from: number, to: number }> = []
    for (const seq of [...this.#missing].sort((a, b) => a - b)) {
      const run = runs.at(-1)
      if (run?.to === seq - 1) run.to = seq
      else runs.push({ from: seq, to: seq })
    }
    return runs
  }

  #explain (problem: TrailProblem, seq: number): readonly Trouble[] {
    switch (problem) {
      // The first record of an epoch says how far the one before went.
      case 'gap': return seq === 1 ? [{ class: 'truncation', seq, detail: 'the epoch before it went on further than what is here' }] : this.#jump(seq)
      case 'order': return [seq <= this.last && !this.#missing.has(seq)
        ? { class: 'edit', seq, detail: 'its number came before' }
        : { class: 'reorder', seq, detail: 'it stands after records that come after it' }]
      default: return [{ ...sentences[problem], seq }]
    }
  }

  /** What is jumped over may still come: then the order was changed, and nothing is missing. Jumping over what was seen is the trace of that as well. */
  #jump (seq: number): readonly Trouble[] {
    for (let number = Math.max(this.last, this.#before) + 1; number < seq && this.#missing.size < mostMissing; number += 1) {
      // A line that cannot be read stands where it should be.
      if (!this.#bad.has(number)) this.#missing.add(number)
    }
    return []
  }

  #keep (seq: number, hash: string): void {
    if (seq !== this.#offset + this.#inOrder + 1) { this.#others.set(seq, hash); return }
    if ((this.#inOrder + 1) * hashBytes > this.#hashes.length) this.#hashes = Buffer.concat([this.#hashes], this.#hashes.length * 2)
    this.#hashes.write(hash, this.#inOrder * hashBytes, hashBytes, 'base64url')
    this.#inOrder += 1
  }
}

const mostMissing = 1_000_000
