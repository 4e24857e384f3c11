// Verifies a trail, offline: every record in every place, each epoch against the one before it and against the signed checkpoints, and the places against each
// other. It writes nothing, and says "intact" only of what it proved.
import type { FoundCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { createCheckpointSigner, type Checkpoint } from '../checkpoints/note.ts'
import type { AuditEvent } from '../event.ts'
import type { AuditKeys } from '../keys.ts'
import type { ReadHooks, TrailEntry } from '../reader.ts'
import { compareViews } from './compare-places.ts'
import { createDeepCheck } from './deep-check.ts'
import { EpochView } from './epoch-view.ts'
import { judgeFindings, keptFindings, sortFindings, type ProvenEnd, type VerifyFinding, type VerifyReport } from './report.ts'

/** One place: all its records, writer by writer, oldest first, as the readers of the trail hand them out. */
export interface VerifySource {
  /** For people: `the gateway's spool`. */
  readonly name: string
  /** It follows the others from time to time, as an archive does: that its end is behind theirs is no finding while they have it. */
  readonly isFollower?: boolean | undefined
  /** Everything that the others have belongs here too, as in Redis: a writer that is missing whole is a finding. */
  readonly hasAll?: boolean | undefined
  read (hooks: ReadHooks): AsyncIterable<TrailEntry>
}

export interface VerifyOptions {
  readonly sources: readonly VerifySource[]
  readonly checkpoints: readonly FoundCheckpoint[]
  /** Only some of the places were given: writers that are not in them are no finding. */
  readonly isPart?: boolean | undefined
  /** Checkpoints and tokens are judged by the key of their epoch. */
  readonly keys: AuditKeys
  /** Now, milliseconds since the epoch. */
  readonly now: number
  /** An end that no checkpoint younger than this proves is not believed. */
  readonly staleAfterMs: number
  /** Also whether clear fields and tokens say what is sealed, and whether each exchange has one ending. */
  readonly isDeep?: boolean | undefined
  readonly onProgress?: ((share: number) => void) | undefined
}

/** What one place holds: the epochs of each writer, oldest first. */
export type PlaceView = Map<string, EpochView[]>

interface Place { readonly name: string, readonly isFollower: boolean, readonly hasAll: boolean, readonly view: PlaceView }

/** Throws what the readers throw when a place cannot be read at all. */
export async function verifyTrail (options: VerifyOptions): Promise<VerifyReport> {
  const collector = createCollector()
  const { genuine, wanted } = readNotes(options, collector)
  const places: Place[] = []
  for (const [at, source] of options.sources.entries()) {
    const onProgress = (done: number, total: number) => { options.onProgress?.((at + (total === 0 ? 1 : done / total)) / options.sources.length) }
    const view = await readPlace(source, { wanted, collector, onProgress, keys: options.isDeep === true ? options.keys : undefined })
    places.push({ name: source.name, isFollower: source.isFollower === true, hasAll: source.hasAll === true, view })
  }
  for (const { name, view } of places) for (const views of view.values()) reportPlace(views, { source: name, collector })
  for (const [at, first] of places.entries()) {
    for (const second of places.slice(at + 1)) {
      for (const [writer, views] of second.view) compareViews({ ...first, views: first.view.get(writer) ?? [] }, { ...second, views }, collector)
    }
  }
  const proven = [...new Set(places.flatMap(({ view }) => [...view.keys()]))].flatMap(writer => proveEnds(writer, { places, genuine, collector, ...options }))
  reportMissingWriters(places, collector)
  if (options.isPart !== true) reportLostWriters({ genuine, places, collector })
  reportShredded(places, collector)
  return collector.report({ places, proven })
}

/** Where findings go. */
export interface Collector {
  find (finding: VerifyFinding): void
  remark (sentence: string): void
  /** An operation that took the content of a record away, on record. */
  noteShredding (of: { readonly writer: string, readonly epoch: number, readonly seq: number }): void
}

type FullCollector = Collector & {
  count (): void
  hasShredding (of: string): boolean
  report (found: { readonly places: ReadonlyArray<{ readonly view: PlaceView }>, readonly proven: readonly ProvenEnd[] }): VerifyReport
}

const keyOf = ({ writer, epoch, seq }: { readonly writer: string, readonly epoch: number, readonly seq: number }) => `${writer} ${epoch} ${seq}`

function createCollector (): FullCollector {
  const all: VerifyFinding[] = []
  const remarks: string[] = []
  const shredded = new Set<string>()
  let [found, records] = [0, 0]
  return {
    find (finding) { found += 1; if (all.length < keptFindings || !all.some(each => each.class === finding.class)) all.push(finding) },
    remark (sentence) { remarks.push(sentence) },
    noteShredding (of) { shredded.add(keyOf(of)) },
    hasShredding: of => shredded.has(of),
    count () { records += 1 },
    report ({ places, proven }) {
      const epochs = new Set(places.flatMap(({ view }) => [...view.values()].flat().map(({ writer, epoch }) => `${writer} ${epoch}`)))
      const writers = new Set(places.flatMap(({ view }) => [...view.keys()]))
      return { verdict: judgeFindings(all, records), findings: sortFindings(all), found, records, epochs: epochs.size, writers: writers.size, proven, remarks }
    },
  }
}

type Wanted = ReadonlyMap<string, readonly Checkpoint[]>

/** The genuine checkpoints, and which record each is about. */
function readNotes ({ checkpoints, keys }: VerifyOptions, collector: Collector): { readonly genuine: readonly Checkpoint[], readonly wanted: Wanted } {
  const genuine: Checkpoint[] = []
  const wanted = new Map<string, Checkpoint[]>()
  for (const { file, checkpoint, isGenuine } of checkpoints) {
    const key = checkpoint === undefined ? undefined : keys.of(checkpoint.epoch)
    if (checkpoint === undefined || key === undefined || key.id !== checkpoint.keyId || !isGenuine(createCheckpointSigner(key.checkpointSeed, checkpoint.gateway).publicKey)) {
      const { writer = '', epoch = 0, seq = 0 } = checkpoint ?? {}
      const detail = checkpoint === undefined ? 'the file is not a checkpoint' : 'the checkpoint is not signed with the key of its epoch'
      collector.find({ class: 'bad signature', source: file, writer, epoch, seq, detail })
      continue
    }
    genuine.push(checkpoint)
    wanted.set(keyOf(checkpoint), [...wanted.get(keyOf(checkpoint)) ?? [], checkpoint])
  }
  return { genuine, wanted }
}

interface PlaceReading {
  readonly wanted: Wanted
  readonly collector: FullCollector
  readonly onProgress: (done: number, total: number) => void
  /** For a deep look. */
  readonly keys: AuditKeys | undefined
}

async function readPlace (source: VerifySource, { wanted, collector, onProgress, keys }: PlaceReading): Promise<PlaceView> {
  const view: PlaceView = new Map()
  const deep = keys === undefined ? undefined : createDeepCheck(keys)
  let held: TrailEntry | undefined
  const take = (entry: TrailEntry) => {
    const { writer, epoch, record } = entry
    const epochs = view.get(writer) ?? []
    view.set(writer, epochs)
    let current = epochs.find(each => each.epoch === epoch)
    if (current === undefined) epochs.push(current = new EpochView(writer, epoch))
    for (const trouble of [...current.add(entry), ...deep?.take(entry) ?? []]) collector.find({ source: source.name, writer, epoch, ...trouble })
    if (entry.event !== undefined) noteOperation(entry.event, collector)
    if (record === undefined) return
    collector.count()
    for (const checkpoint of wanted.get(keyOf({ writer, epoch, seq: record.seq })) ?? []) {
      if (checkpoint.head !== record.hash) collector.find({ class: 'fork', source: source.name, writer, epoch, seq: record.seq, detail: `the checkpoint of ${at(checkpoint.time)} says that another record stood here: what is here was written anew` })
    }
  }
  for await (const entry of source.read({ onProgress })) {
    if (held !== undefined) take(held)
    held = entry
  }
  // A gateway that runs may be in the middle of its last line; a cut there is found by the checkpoint.
  if (held !== undefined && !(held.record === undefined && held.problems.join() === 'torn')) take(held)
  else if (held !== undefined) collector.remark(`${source.name}: the last line is not finished. A gateway that runs writes it now; one that was killed left it so.`)
  for (const { writer, epoch, seq, kind } of deep?.unended() ?? []) collector.remark(`${source.name}: writer ${writer}, epoch ${epoch}, record ${seq}: the ${kind} has no ending yet, so it counts as disclosed.`)
  return view
}

export const at = (time: number) => new Date(time).toISOString()

function noteOperation ({ kind, facts = {} }: AuditEvent, collector: Collector): void {
  if (kind !== 'operation.run' || facts['operation'] !== 'audit.shred' || facts['step'] !== 'done') return
  const { writer, epoch, seq } = facts
  if (typeof writer === 'string' && typeof epoch === 'number' && typeof seq === 'number') collector.noteShredding({ writer, epoch, seq })
}

function reportPlace (views: readonly EpochView[], { source, collector }: { readonly source: string, readonly collector: Collector }): void {
  for (const view of views) {
    const { writer, epoch } = view
    for (const { from, to } of view.gaps()) {
      const detail = from === to ? 'it is missing' : `it and those up to ${to} are missing`
      collector.find({ class: 'gap', source, writer, epoch, seq: from, detail })
    }
  }
}

function reportShredded (places: ReadonlyArray<{ readonly name: string, readonly view: PlaceView }>, collector: FullCollector): void {
  for (const { name, view } of places) {
    for (const { writer, epoch, shredded } of [...view.values()].flat()) {
      for (const seq of shredded) {
        if (collector.hasShredding(keyOf({ writer, epoch, seq }))) collector.remark(`${name}: writer ${writer}, epoch ${epoch}, record ${seq} was shredded, and that is on record.`)
        else collector.find({ class: 'edit', source: name, writer, epoch, seq, detail: 'its content was taken away, and no operation on record did that' })
      }
    }
  }
}

interface EndsInput extends Pick<VerifyOptions, 'now' | 'staleAfterMs'> {
  readonly places: readonly Place[]
  readonly genuine: readonly Checkpoint[]
  readonly collector: Collector
}

/** Both ends of a writer's trail: that it begins at the beginning, and that its end is the one that was signed. */
function proveEnds (writer: string, { places, genuine, collector, now, staleAfterMs }: EndsInput): readonly ProvenEnd[] {
  const own = genuine.filter(checkpoint => checkpoint.writer === writer)
  const holding = places.flatMap(({ name, isFollower, view }) => view.has(writer) ? [{ name, isFollower, views: view.get(writer) as EpochView[] }] : [])
  const epochs = new Set(holding.flatMap(({ views }) => views.map(({ epoch }) => epoch)))
  const [oldest] = [...epochs].sort((a, b) => a - b)
  const isHeldElsewhere = ({ epoch, seq }: Checkpoint) => holding.some(({ isFollower, views }) => !isFollower && views.some(view => view.epoch === epoch && view.last >= seq))
  for (const { name, isFollower, views } of holding) {
    const first = views.find(view => view.epoch === oldest)
    if (first?.continues !== undefined && first.continues !== 0) collector.find({ class: 'gap', source: name, writer, epoch: first.continues, seq: 0, detail: `this epoch and those before it are not here: the trail begins with epoch ${first.epoch}, which continues from it` })
    for (const checkpoint of own) if (!isFollower || !isHeldElsewhere(checkpoint)) compareEnd(checkpoint, { name, views, epochs, collector })
  }
  const newest = Math.max(...epochs)
  const last = own.filter(checkpoint => checkpoint.epoch <= newest).sort((a, b) => a.epoch - b.epoch || a.seq - b.seq || a.time - b.time).at(-1)
  const end = holding.map(({ views }) => views.find(view => view.epoch === newest)).filter(view => view !== undefined).sort((a, b) => b.last - a.last)[0]
  const source = holding[0]?.name ?? ''
  if (end !== undefined) requireFreshEnd({ last, end, source }, { collector, now, staleAfterMs })
  return last === undefined ? [] : [{ writer, epoch: last.epoch, seq: last.seq, time: last.time, isLast: last.isLast }]
}

interface HeldEnds { readonly name: string, readonly views: readonly EpochView[], readonly epochs: ReadonlySet<number>, readonly collector: Collector }

function compareEnd (checkpoint: Checkpoint, { name, views, epochs, collector }: HeldEnds): void {
  const { writer, epoch, seq, time } = checkpoint
  const view = views.find(each => each.epoch === epoch)
  if (view === undefined) {
    if (epoch > Math.max(...views.map(each => each.epoch))) {
      collector.find({ class: 'replayed backup', source: name, writer, epoch, seq, detail: `the checkpoint of ${at(time)} knows this epoch, and nothing of it is here: what is here is an older state` })
    } else if (!epochs.has(epoch)) {
      collector.find({ class: 'gap', source: name, writer, epoch, seq, detail: 'a checkpoint knows this epoch, and nothing of it is here' })
    }
  } else if (view.last < seq) {
    collector.find({ class: 'truncation', source: name, writer, epoch, seq: view.last + 1, detail: `the checkpoint of ${at(time)} knows ${seq} records of this epoch, and ${view.last === 0 ? 'none is' : `only ${view.last} are`} here` })
  } else if (checkpoint.isLast && view.last > seq) {
    collector.find({ class: 'fork', source: name, writer, epoch, seq: seq + 1, detail: `the writer closed this epoch with record ${seq}: what stands after it was added by somebody else` })
  }
}

interface NewestEnd { readonly last: Checkpoint | undefined, readonly end: EpochView, readonly source: string }

function requireFreshEnd ({ last, end, source }: NewestEnd, { collector, now, staleAfterMs }: Pick<EndsInput, 'collector' | 'now' | 'staleAfterMs'>): void {
  const { writer, epoch, last: seq } = end
  const isProven = last?.epoch === epoch && (last.isLast || now - last.time <= staleAfterMs)
  if (isProven) return
  const detail = last === undefined
    ? 'no checkpoint of this writer was given: nothing proves that the end was not cut'
    : `the last checkpoint of this writer is of ${at(last.time)} (epoch ${last.epoch}, record ${last.seq}): nothing proves what comes after it, or that nothing more did`
  collector.find({ class: 'stale', source, writer, epoch, seq, detail })
}

/** A writer of whom there are checkpoints and not one record. */
function reportLostWriters ({ genuine, places, collector }: Pick<EndsInput, 'genuine' | 'places' | 'collector'>): void {
  const present = new Set(places.flatMap(({ view }) => [...view.keys()]))
  for (const writer of new Set(genuine.map(checkpoint => checkpoint.writer))) {
    if (present.has(writer)) continue
    const last = genuine.filter(checkpoint => checkpoint.writer === writer).at(-1) as Checkpoint
    collector.find({ class: 'replayed backup', source: places.map(({ name }) => name).join(', '), writer, epoch: last.epoch, seq: last.seq, detail: 'a checkpoint knows this writer, and nothing of it is here' })
  }
}

/** A writer that a place should have as well, and has nothing of. */
function reportMissingWriters (places: readonly Place[], collector: Collector): void {
  for (const { name } of places.filter(({ hasAll }) => hasAll)) {
    const here = places.find(place => place.name === name)?.view
    for (const other of places) {
      for (const [writer, views] of other.view) {
        const newest = views.at(-1)
        if (here?.has(writer) === true || newest === undefined) continue
        collector.find({ class: 'truncation', source: name, writer, epoch: newest.epoch, seq: 1, detail: `nothing of this writer is here, and ${other.name} has its records` })
      }
    }
  }
}
