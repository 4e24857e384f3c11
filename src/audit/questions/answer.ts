// The answer to a question: what was found in all sources, in the order of time, with the beginning of every ending; and beside it what a reader of
// the answer must know: what is damaged, what was shredded, and how far the trail went when it was asked.
import type { TrailEntry } from '../reader.ts'
import type { Tokeniser } from '../tokens.ts'
import type { TrailProblem } from '../verify-record.ts'
import { mergeSources } from './merge-sources.ts'
import { createPairing } from './pairing.ts'
import { isAnswer, wantedTokens, type Seen, type TrailQuery } from './query.ts'
import { createSieve } from './sieve.ts'
import type { TrailSource } from './trail-source.ts'

export interface Found extends Seen {
  readonly writer: string
  readonly epoch: number
  readonly seq: number
  /** What is wrong with the record itself; empty as a rule. */
  readonly problems: readonly TrailProblem[]
}

export interface Damage {
  readonly source: string
  readonly writer: string
  readonly epoch: number
  readonly seq: number
  readonly problems: readonly TrailProblem[]
}

/** The last record of an epoch that was there. */
export interface ChainHead { readonly writer: string, readonly epoch: number, readonly seq: number, readonly hash: string }

export interface Summary {
  readonly found: number
  /** Entries that were looked at; a record that two sources have counts twice. */
  readonly read: number
  /** Records that are not as they were written, wherever they belong: each could be an answer. The first ones are named. */
  readonly damaged: number
  readonly damage: readonly Damage[]
  /** Records whose sealed part was removed on purpose. */
  readonly shredded: number
  readonly heads: readonly ChainHead[]
}

export interface Answer {
  readonly found: AsyncGenerator<Found>
  /** Whole once `found` has ended. */
  summary (): Summary
}

const mostNamed = 100

export function askSources (query: TrailQuery, options: {
  readonly sources: readonly TrailSource[]
  readonly tokenisers: readonly Tokeniser[]
  /** A share from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined
}): Answer {
  const tokens = wantedTokens(query, options.tokenisers)
  const heads = new Map<string, ChainHead>()
  const state: Counts = { found: 0, read: 0, damaged: 0, damage: [], shredded: new Set() }
  const share = createShare(options.sources.length, options.onProgress)
  const watched = options.sources.map((source, at) =>
    watch(source, source.find({ query, tokens }, { wants: createSieve(query, tokens), onProgress: share?.(at) }), { heads, state }))
  async function * find (): AsyncGenerator<Found> {
    const pair = createPairing()
    for await (const entry of mergeSources(watched)) {
      const { writer, epoch, seq, event, problems } = entry
      if (event === undefined) continue
      const seen = pair(event, entry)
      if (!isAnswer(seen, query, tokens)) continue
      state.found += 1
      yield { ...seen, writer, epoch, seq, problems }
    }
  }
  return {
    found: find(),
    summary: () => ({
      ...state,
      shredded: state.shredded.size,
      heads: [...heads.values()].sort((a, b) => a.writer === b.writer ? a.epoch - b.epoch : a.writer < b.writer ? -1 : 1),
    }),
  }
}

interface Counts { found: number, read: number, damaged: number, damage: Damage[], readonly shredded: Set<string> }

interface Watched { readonly heads: Map<string, ChainHead>, readonly state: Counts }

/** Counts what comes by, and lets on what can be an answer. */
async function * watch (source: TrailSource, entries: AsyncIterable<TrailEntry>, { heads, state }: Watched): AsyncGenerator<TrailEntry> {
  let last: ChainHead | undefined
  const keep = () => {
    if (last === undefined) return
    const name = `${last.writer}:${last.epoch}`
    if ((heads.get(name)?.seq ?? 0) < last.seq) heads.set(name, last)
  }
  for await (const entry of entries) {
    const { writer, epoch, seq, problems, record } = entry
    state.read += 1
    if (last?.epoch !== epoch || last.writer !== writer) {
      keep()
      last = undefined
    }
    if (record !== undefined && !problems.includes('mac')) last = { writer, epoch, seq, hash: record.hash }
    if (problems.length === 1 && problems[0] === 'shredded') state.shredded.add(`${writer} ${epoch} ${seq}`) // once, however many places have it
    else if (problems.length > 0) {
      state.damaged += 1
      if (state.damage.length < mostNamed) state.damage.push({ source: source.name, writer, epoch, seq, problems })
    }
    if (entry.event !== undefined) yield entry
  }
  keep()
}

/** Sources count in units of their own; together they have one share. */
function createShare (count: number, onProgress: ((share: number) => void) | undefined): ((at: number) => (done: number, total: number) => void) | undefined {
  if (onProgress === undefined) return undefined
  const shares = new Array<number>(count).fill(0)
  return at => (done, total) => {
    shares[at] = total === 0 ? 1 : done / total
    onProgress(shares.reduce((sum, share) => sum + share, 0) / count)
  }
}
