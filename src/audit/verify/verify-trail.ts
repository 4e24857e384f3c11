// Verifies a trail, offline: every record in every place, each epoch against the one before it and against the signed checkpoints, and the places against each
// other. It writes nothing, and says "intact" only of what it proved.
import { rememberByObject } from '../../shared/remember.ts'
import type { FoundCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { createCheckpointSigner, type Checkpoint } from '../checkpoints/note.ts'
import type { AuditKey, AuditKeys } from '../keys.ts'
import type { Beginning } from '../retention/beginning.ts'
import type { Hold } from '../retention/holds.ts'
import { isUnfinishedLine, type ReadHooks, type TrailEntry } from '../reader.ts'
import { createCollector, type Collector } from './collector.ts'
import { comparePlaces } from './compare-places.ts'
import { createDeepCheck } from './deep-check.ts'
import { EpochView, shreddedDetail } from './epoch-view.ts'
import { formatTime, holdingsOf, type Place } from './place.ts'
import { proveEnds, reportLostWriters, reportMissingWriters } from './prove-ends.ts'
import { judgeFindings, sortFindings, type VerifyReport } from './report.ts'

/** One place: all its records, writer by writer, oldest first, as the readers of the trail hand them out. */
export interface VerifySource {
  /** For people: `the gateway's spool`. */
  readonly name: string
  /** It follows the others from time to time, as an archive does: that its end is behind theirs is no finding while they have it. */
  readonly isFollower?: boolean | undefined
  /** Everything that the others have belongs here too, as in Redis: a writer that is missing whole is a finding. */
  readonly hasAll?: boolean | undefined
  read (hooks: ReadHooks): AsyncIterable<TrailEntry>
  /** What says where the trails of writers begin, where older records were removed on purpose. */
  beginnings? (): Promise<readonly Beginning[]>
}

export interface VerifyOptions {
  readonly sources: readonly VerifySource[]
  readonly checkpoints: readonly FoundCheckpoint[]
  /** The legal holds that stand in the archive; without them nobody looks whether one is missing. */
  readonly holds?: readonly Hold[] | undefined
  /** Only some of the places were given: writers that are not in them are no finding. */
  readonly isPart?: boolean | undefined
  /** Whose trail it is. */
  readonly gateway: string
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

/** Throws what the readers throw when a place cannot be read at all. */
export async function verifyTrail (options: VerifyOptions): Promise<VerifyReport> {
  const collector = createCollector()
  const { genuine, wanted } = readNotes(options, collector)
  const places: Place[] = []
  for (const [at, source] of options.sources.entries()) {
    const onProgress = (done: number, total: number) => { options.onProgress?.((at + (total === 0 ? 1 : done / total)) / options.sources.length) }
    const view = await readPlace(source, { wanted, collector, onProgress, keys: options.isDeep === true ? options.keys : undefined })
    places.push({ name: source.name, isFollower: source.isFollower === true, hasAll: source.hasAll === true, view, beginnings: await source.beginnings?.() ?? [] })
  }
  for (const { name, view } of places) for (const views of view.values()) reportPlace(views, { source: name, collector })
  const writers = new Set(places.flatMap(({ view }) => [...view.keys()]))
  const proven = [...writers].flatMap(writer => {
    const holdings = holdingsOf(writer, places)
    comparePlaces(holdings, collector)
    return proveEnds(writer, holdings, { ...options, places, genuine, collector })
  })
  collector.settleShredded()
  if (options.holds !== undefined) collector.compareHolds(options.holds)
  reportMissingWriters(places, collector)
  if (options.isPart !== true) reportLostWriters({ genuine, places, collector })
  const { findings, found, records, remarks } = collector.all()
  return {
    verdict: judgeFindings(findings, records),
    findings: sortFindings(findings),
    found,
    records,
    epochs: new Set(places.flatMap(({ view }) => [...view.values()].flat().map(({ writer, epoch }) => `${writer} ${epoch}`))).size,
    writers: writers.size,
    proven,
    remarks,
  }
}

const keyOf = ({ writer, epoch, seq }: { readonly writer: string, readonly epoch: number, readonly seq: number }) => `${writer} ${epoch} ${seq}`

type Wanted = ReadonlyMap<string, readonly Checkpoint[]>

/** The genuine checkpoints, and which record each is about. */
function readNotes ({ checkpoints, keys, gateway }: VerifyOptions, collector: Collector): { readonly genuine: readonly Checkpoint[], readonly wanted: Wanted } {
  const publicKeyOf = rememberByObject((key: AuditKey) => createCheckpointSigner(key.checkpointSeed, gateway).publicKey)
  const genuine: Checkpoint[] = []
  const wanted = new Map<string, Checkpoint[]>()
  for (const { file, checkpoint, isGenuine } of checkpoints) {
    const key = keys.of(checkpoint?.epoch ?? 0)
    if (checkpoint === undefined || key.id !== checkpoint.keyId || !isGenuine(publicKeyOf(key))) {
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
  readonly collector: Collector
  readonly onProgress: (done: number, total: number) => void
  /** For a deep look. */
  readonly keys: AuditKeys | undefined
}

async function readPlace (source: VerifySource, { wanted, collector, onProgress, keys }: PlaceReading): Promise<Place['view']> {
  const view = new Map<string, EpochView[]>()
  const deep = keys === undefined ? undefined : createDeepCheck(keys)
  let held: TrailEntry | undefined
  const take = (entry: TrailEntry) => {
    const { writer, epoch, record } = entry
    const epochs = view.get(writer) ?? []
    view.set(writer, epochs)
    // Nearly always the one before's: they come in order.
    let current = epochs.findLast(each => each.epoch === epoch)
    if (current === undefined) epochs.push(current = new EpochView(writer, epoch))
    if (entry.event !== undefined && entry.problems.length === 0) collector.note(entry.event)
    for (const trouble of [...current.add(entry), ...deep?.take(entry) ?? []]) {
      const finding = { source: source.name, writer, epoch, ...trouble }
      if (trouble.detail === shreddedDetail) collector.holdShredded(finding)
      else collector.find(finding)
    }
    if (record === undefined) return
    collector.count()
    for (const checkpoint of wanted.get(keyOf({ writer, epoch, seq: record.seq })) ?? []) {
      const detail = `the checkpoint of ${formatTime(checkpoint.time)} says that another record stood here: what is here was written anew`
      if (checkpoint.head !== record.hash) collector.find({ class: 'fork', source: source.name, writer, epoch, seq: record.seq, detail })
    }
  }
  for await (const entry of source.read({ onProgress })) {
    if (held !== undefined) take(held)
    held = entry
  }
  // A gateway that runs may be in the middle of its last line; a cut there is found by the checkpoint.
  if (held !== undefined && !isUnfinishedLine(held)) take(held)
  else if (held !== undefined) collector.remark(`${source.name}: the last line is not finished. A gateway that runs writes it now; one that was killed left it so.`)
  for (const { writer, epoch, seq, kind } of deep?.unended() ?? []) collector.remark(`${source.name}: writer ${writer}, epoch ${epoch}, record ${seq}: the ${kind} has no ending yet, so it counts as disclosed.`)
  return view
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
