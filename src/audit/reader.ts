// Reads a trail back from a spool directory and checks it as it goes: chain, leaf, keyed digest, seal, and that each epoch continues from the one before.
// It never writes and needs no running gateway.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretValue } from '../shared/schema.ts'
import type { AuditEvent } from './event.ts'
import { deriveAuditKeys, type AuditKeys, type EpochKeys } from './keys.ts'
import { readFirstLine, readLines, type Line } from './lines.ts'
import { parseLine, type AuditRecord } from './record-form.ts'
import { findBeginning, readBeginnings, type Beginning } from './retention/beginning.ts'
import { listSegments, openHeader, parseHeader, placeText, startOf, type SegmentHeader, type SegmentPlace } from './segment.ts'
import { verifyRecord, type ChainPosition, type TrailProblem } from './verify-record.ts'

export interface TrailEntry {
  readonly writer: string
  readonly epoch: number
  readonly seq: number
  /** Undefined when it cannot be opened. */
  readonly event: AuditEvent | undefined
  /** Empty when the record is as it was written. */
  readonly problems: readonly TrailProblem[]
  /** As it lies in the store, when it has our form. */
  readonly record?: AuditRecord
}

/** What a reader is told beside where to read. */
export interface ReadHooks {
  /** Records that it says no to are checked in the chain, but not opened: their `event` is undefined without a problem. */
  readonly wants?: ((record: AuditRecord) => boolean) | undefined
  /** How far it is, in whatever unit the store counts. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** The line that a running gateway is in the middle of, or that a killed one left. */
export function isUnfinishedLine ({ event, problems }: TrailEntry): boolean {
  return event === undefined && problems.length === 1 && problems[0] === 'torn'
}

/** All entries but such a line at the very end. */
export async function * withoutUnfinished (entries: AsyncIterable<TrailEntry>): AsyncGenerator<TrailEntry> {
  let last: TrailEntry | undefined
  for await (const entry of entries) {
    if (last !== undefined) yield last
    last = entry
  }
  if (last !== undefined && !isUnfinishedLine(last)) yield last
}

/** Where a reader of a spool is; carried from segment to segment. */
export interface ReaderState {
  writer: string
  epoch: number
  position: ChainPosition
  keys: EpochKeys | undefined
  place: string
  /** The end of the epoch before. */
  previous: { readonly epoch: number, readonly position: ChainPosition } | undefined
  readonly wants: ReadHooks['wants']
  /** Lines that say after which record the place begins; proven when they are used. */
  readonly beginnings: string
}

export function createReaderState ({ wants, beginnings = '' }: ReadHooks & { readonly beginnings?: string } = {}): ReaderState {
  return { writer: '', epoch: 0, position: { seq: 0, head: '' }, keys: undefined, place: '', previous: undefined, wants, beginnings }
}

/** The file of a spool that says after which record it begins. */
export const beginningsFile = 'beginning'

export async function readBeginningsFile (directory: string): Promise<string> {
  return await readFile(join(directory, beginningsFile), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
}

export interface EpochContext {
  readonly keys: AuditKeys
  /** The end of the epoch before it, where that was read. */
  readonly previous: ReaderState | undefined
  readonly hooks: ReadHooks
  /** What was removed before it on purpose, when it is the first that is here. */
  readonly beginning: Beginning | undefined
}

/** A reader at the beginning of an epoch, or of what is left of it. */
export function createEpochState (place: SegmentPlace, { keys, previous, hooks, beginning }: EpochContext): ReaderState {
  const removed = beginning === undefined ? undefined : { epoch: beginning.epoch, position: { seq: beginning.seq, head: beginning.hash } }
  return {
    ...createReaderState(hooks),
    writer: place.writer,
    epoch: place.epoch,
    keys: keys.forEpoch(place.writer, place.epoch),
    place: placeText(place),
    position: removed?.epoch === place.epoch ? removed.position : { seq: 0, head: startOf(place) },
    previous: previous === undefined ? removed : { epoch: previous.epoch, position: previous.position },
  }
}

/** All records of a spool directory, oldest first. Throws only when the directory or the key cannot be read. */
export async function * readSpool (options: ReadHooks & { readonly directory: string, readonly key: SecretValue }): AsyncGenerator<TrailEntry> {
  const segments = listSegments(await readdir(options.directory))
  const state = createReaderState({ ...options, beginnings: await readBeginningsFile(options.directory) })
  const meter = await createMeter(options, segments)
  let torn: TornRecord | undefined
  for (const [at, segment] of segments.entries()) {
    const path = join(options.directory, segment.name)
    const next = segments[at + 1]
    const until = next?.epoch === segment.epoch ? await readFirst(join(options.directory, next.name)) ?? Infinity : Infinity
    let isHeader = true
    let repeated: ReaderState | undefined
    for await (const line of readLines(path)) {
      meter(line)
      if (isHeader) {
        isHeader = false
        const problem = enterSegment(line, state, { ...segment, secret: options.key })
        if (problem !== undefined) yield damaged(state, [problem])
      } else if (repeated !== undefined || state.position.seq + 1 >= until) {
        // A batch that failed half way: it is written again in the next segment and counts there. What stands here must still be ours.
        repeated ??= { ...state }
        if (isUnfinished(line)) { torn = { epoch: segment.epoch, seq: repeated.position.seq + 1, text: line.text }; continue }
        const { problems } = readEntry(line, repeated)
        if (problems.length > 0) yield damaged(repeated, problems)
      } else {
        const entry = readEntry(line, state)
        const isOther = torn?.epoch === entry.epoch && torn.seq === entry.seq && !line.text.startsWith(torn.text)
        yield isOther ? { ...entry, problems: [...entry.problems, 'torn'] } : entry
      }
    }
    if (isHeader) yield damaged({ ...state, epoch: segment.epoch }, ['header'])
  }
}

type Meter = (line: Line) => void

/** Counts bytes against those of all segments, when somebody wants to know. */
async function createMeter (options: ReadHooks & { readonly directory: string }, segments: ReturnType<typeof listSegments>): Promise<Meter> {
  const { directory, onProgress } = options
  if (onProgress === undefined) return () => undefined
  let [done, total] = [0, 0]
  for (const { name } of segments) total += (await stat(join(directory, name))).size
  return ({ start, end }) => { onProgress(Math.min(total, done += end - start), total) }
}

/** The beginning of a record whose writing failed. */
interface TornRecord { readonly epoch: number, readonly seq: number, readonly text: string }

/** Whether a failed write or a crash can have left this: no line break, and not the end that every whole line of ours has. */
export function isUnfinished (line: Line): boolean {
  return !line.whole && !line.text.includes('"}')
}

/** The number of the first record of a segment, when it has a header. */
export async function readFirst (path: string): Promise<number | undefined> {
  const line = await readFirstLine(path)
  return line?.whole === true ? parseHeader(line.text)?.header.first : undefined
}

/** Takes in a header line. Returns what is wrong with it. */
export function enterSegment (line: Line, state: ReaderState, segment: { readonly epoch: number, readonly index: number, readonly secret: SecretValue }): TrailProblem | undefined {
  const parsed = line.whole ? parseHeader(line.text) : undefined
  const isFirst = state.epoch === 0
  if (segment.epoch !== state.epoch) leaveEpoch(state, segment.epoch)
  if (parsed === undefined) return 'header'
  const { header } = parsed
  const keys = deriveAuditKeys(segment.secret, header.gateway)
  if (header.keyId !== keys.of(header.epoch).id) return 'key'
  const isHere = header.epoch === segment.epoch && header.index === segment.index
  const epochKeys = keys.forEpoch(header.writer, header.epoch)
  if (!isHere || openHeader(parsed, epochKeys) === undefined) return 'header'
  const beginning = isFirst ? findBeginning(readBeginnings(state.beginnings, { kind: 'spool', gateway: header.gateway, keys }), header) : undefined
  if (beginning !== undefined) state.previous = { epoch: beginning.epoch, position: { seq: beginning.seq, head: beginning.hash } }
  return continueChain(state, header, { keys: epochKeys })
}

function leaveEpoch (state: ReaderState, epoch: number): void {
  if (state.epoch !== 0 && mayPrecede(state)) state.previous = { epoch: state.epoch, position: state.position }
  state.epoch = epoch
  state.keys = undefined
}

function continueChain (state: ReaderState, header: SegmentHeader, { keys }: { readonly keys: EpochKeys }): TrailProblem | undefined {
  const before = { seq: header.first - 1, head: header.before }
  const isFirst = state.keys === undefined
  const removed = state.previous?.epoch === header.epoch ? state.previous.position : undefined
  const expected = isFirst ? removed ?? { seq: 0, head: startOf(header) } : state.position
  state.writer = header.writer
  state.place = placeText(header)
  state.keys = keys
  state.position = before
  if (before.seq === expected.seq && before.head === expected.head) return undefined
  return before.seq > expected.seq ? 'gap' : 'chain'
}

/** Takes in a record line. */
export function readEntry (line: Line, state: ReaderState): TrailEntry {
  if (!line.whole) return damaged(state, ['torn'])
  const parsed = parseLine(line.text)
  return parsed === undefined ? damaged(state, ['form']) : readRecord(parsed, state)
}

/** Takes in a record that was taken apart. */
export function readRecord (parsed: NonNullable<ReturnType<typeof parseLine>>, state: ReaderState): TrailEntry {
  if (state.keys === undefined) return { ...damaged(state, ['header']), seq: parsed.record.seq }
  const isWanted = parsed.record.seq === 1 || state.wants === undefined || state.wants(parsed.record)
  const verified = verifyRecord(parsed, { keys: state.keys, place: state.place, before: state.position, isWanted })
  state.position = verified.position
  const link = parsed.record.seq === 1 && verified.event !== undefined ? explainLink(verified.event, state.previous) : undefined
  const problems = link === undefined ? verified.problems : [...verified.problems, link]
  return { writer: state.writer, epoch: state.epoch, seq: parsed.record.seq, event: verified.event, problems, record: parsed.record }
}

/** An epoch without a record is no link of the chain; unless it is the first that is here: then the next one tells whether it had some. */
export function mayPrecede ({ position, previous }: Pick<ReaderState, 'position' | 'previous'>): boolean {
  return position.seq > 0 || previous === undefined
}

/** An epoch names the head of the one before it, so that a removed epoch or a cut end of one is noticed. */
function explainLink (started: AuditEvent, previous: ReaderState['previous']): TrailProblem | undefined {
  if (started.kind !== 'gateway.started') return 'link'
  if (previous === undefined) return undefined // older epochs may lie elsewhere
  const { previousEpoch, previousSeq, previousHash } = started.facts ?? {}
  const { epoch, position } = previous
  if (previousEpoch === epoch && previousSeq === position.seq && previousHash === position.head) return undefined
  if (position.seq === 0 && (typeof previousEpoch !== 'number' || previousEpoch < epoch)) return undefined
  const isLater = typeof previousEpoch === 'number' && typeof previousSeq === 'number' && (previousEpoch > epoch || (previousEpoch === epoch && previousSeq > position.seq))
  return isLater ? 'gap' : 'link'
}

export function damaged (state: ReaderState, problems: readonly TrailProblem[]): TrailEntry {
  return { writer: state.writer, epoch: state.epoch, seq: state.position.seq + 1, event: undefined, problems }
}
