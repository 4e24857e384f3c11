// Both ends of a writer's trail: that it begins at the beginning, and that its end is the one that was signed.
import type { Checkpoint } from '../checkpoints/note.ts'
import type { Collector } from './collector.ts'
import type { Beginning } from '../retention/beginning.ts'
import { formatTime, isRemoved, type Holding, type Place } from './place.ts'
import type { ProvenEnd } from './report.ts'

export interface EndsInput {
  readonly places: readonly Place[]
  readonly genuine: readonly Checkpoint[]
  readonly collector: Collector
  /** Now, and how old a checkpoint may be that an end rests on; milliseconds. */
  readonly now: number
  readonly staleAfterMs: number
  readonly isPart?: boolean | undefined
}

/** `holdings`: the writer in every place that has something of it, at least one. The last good checkpoint, where there is one. */
export function proveEnds (writer: string, holdings: readonly Holding[], input: EndsInput): readonly ProvenEnd[] {
  const { genuine, collector } = input
  const own = genuine.filter(checkpoint => checkpoint.writer === writer)
  const epochs = new Set(holdings.flatMap(held => [...held.epochs.keys()]))
  const oldest = [...epochs].reduce((one, other) => Math.min(one, other))
  const isHeldElsewhere = ({ epoch, seq }: Checkpoint) => holdings.some(held => !held.isFollower && (held.epochs.get(epoch)?.last ?? 0) >= seq)
  for (const held of holdings) {
    const continues = held.epochs.get(oldest)?.continues ?? 0
    const detail = `this epoch and those before it are not here: the trail begins with epoch ${oldest}, which continues from it`
    if (continues !== 0 && held.beginning?.epoch !== continues) collector.find({ class: 'gap', source: held.name, writer, epoch: continues, seq: 0, detail })
    for (const checkpoint of own) {
      if (!isRemoved(held, checkpoint) && (!held.isFollower || !isHeldElsewhere(checkpoint))) compareEnd(checkpoint, held, { epochs, collector })
    }
    if (held.beginning !== undefined) accountFor(held.beginning, held, { ...input, holdings })
  }
  const newest = Math.max(...holdings.map(held => held.newest))
  const last = own.filter(({ epoch }) => epoch <= newest).sort((a, b) => a.epoch - b.epoch || a.seq - b.seq || a.time - b.time).at(-1)
  requireFreshEnd({ writer, epoch: newest, holdings, last }, input)
  return last === undefined ? [] : [{ writer, epoch: last.epoch, seq: last.seq, time: last.time, isLast: last.isLast }]
}

/** What was removed in one place is in another, or its time was over there as well. An archive removes what nobody else has: that is its end. */
function accountFor (last: Beginning, held: Holding, { holdings, isPart, collector }: EndsInput & { readonly holdings: readonly Holding[] }): void {
  const { writer, epoch, seq, hash } = last
  const here = `${held.name}: records of writer ${writer} up to epoch ${epoch}, record ${seq} were removed on purpose`
  if (held.isFollower) { collector.remark(`${here}, when their time was over.`); return }
  const has = holdings.some(other => other !== held && (other.epochs.get(epoch)?.hashOf(seq) === hash || (other.isFollower && isRemoved(other, last))))
  if (has) collector.remark(`${here}; another place has the last of them.`)
  else if (isPart === true) collector.remark(`${here}; whether they are elsewhere cannot be told from a part.`)
  else collector.find({ class: 'gap', source: held.name, writer, epoch, seq, detail: 'it and those before it were removed on purpose, and no place that was read has them: give the archive' })
}

interface Comparing { readonly epochs: ReadonlySet<number>, readonly collector: Collector }

function compareEnd ({ writer, epoch, seq, time, isLast }: Checkpoint, held: Holding, { epochs, collector }: Comparing): void {
  const view = held.epochs.get(epoch)
  const finding = { source: held.name, writer, epoch }
  if (view === undefined && epoch > held.newest) {
    collector.find({ ...finding, class: 'replayed backup', seq, detail: `the checkpoint of ${formatTime(time)} knows this epoch, and nothing of it is here: what is here is an older state` })
  } else if (view === undefined && !epochs.has(epoch)) {
    collector.find({ ...finding, class: 'gap', seq, detail: 'a checkpoint knows this epoch, and nothing of it is here' })
  } else if (view !== undefined && view.last < seq) {
    const left = view.last === 0 ? 'none is' : `only ${view.last} are`
    collector.find({ ...finding, class: 'truncation', seq: view.last + 1, detail: `the checkpoint of ${formatTime(time)} knows ${seq} records of this epoch, and ${left} here` })
  } else if (view !== undefined && isLast && view.last > seq) {
    collector.find({ ...finding, class: 'fork', seq: seq + 1, detail: `the writer closed this epoch with record ${seq}: what stands after it was added by somebody else` })
  }
}

interface NewestEnd { readonly writer: string, readonly epoch: number, readonly holdings: readonly Holding[], readonly last: Checkpoint | undefined }

function requireFreshEnd ({ writer, epoch, holdings, last }: NewestEnd, { collector, now, staleAfterMs }: EndsInput): void {
  if (last?.epoch === epoch && (last.isLast || now - last.time <= staleAfterMs)) return
  const seq = Math.max(...holdings.map(held => held.epochs.get(epoch)?.last ?? 0))
  const detail = last === undefined
    ? 'no checkpoint of this writer was given: nothing proves that the end was not cut'
    : `the last checkpoint of this writer is of ${formatTime(last.time)} (epoch ${last.epoch}, record ${last.seq}): nothing proves what comes after it, or that nothing more did`
  collector.find({ class: 'stale', source: holdings[0]?.name ?? '', writer, epoch, seq, detail })
}

/** A writer of whom there are checkpoints and not one record. */
export function reportLostWriters ({ genuine, places, collector }: Pick<EndsInput, 'genuine' | 'places' | 'collector'>): void {
  const lastOf = new Map(genuine.map(checkpoint => [checkpoint.writer, checkpoint]))
  for (const [writer, { epoch, seq }] of lastOf) {
    const isGone = places.some(({ beginnings }) => beginnings.some(beginning => beginning.writer === writer && isRemoved({ beginning }, { epoch, seq })))
    if (isGone || places.some(({ view }) => view.has(writer))) continue
    collector.find({ class: 'replayed backup', source: places.map(({ name }) => name).join(', '), writer, epoch, seq, detail: 'a checkpoint knows this writer, and nothing of it is here' })
  }
}

/** A writer that a place should have as well, and has nothing of. */
export function reportMissingWriters (places: readonly Place[], collector: Collector): void {
  for (const place of places.filter(({ hasAll }) => hasAll)) {
    for (const other of places) {
      for (const [writer, views] of other.view) {
        const newest = views.at(-1)
        if (place.view.has(writer) || newest === undefined) continue
        if (place.beginnings.some(beginning => beginning.writer === writer && isRemoved({ beginning }, { epoch: newest.epoch, seq: newest.last }))) continue
        collector.find({ class: 'truncation', source: place.name, writer, epoch: newest.epoch, seq: 1, detail: `nothing of this writer is here, and ${other.name} has its records` })
      }
    }
  }
}
