// A live view of a spool directory: what is there, then what is added, as the disk confirms it. Checks as the reader does. It needs no running gateway and
// holds nothing open between looks.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../shared/clock.ts'
import type { SecretValue } from '../shared/schema.ts'
import { readLines, type Line } from './lines.ts'
import { createReaderState, damaged, enterSegment, readEntry, readFirst, type ReaderState, type TrailEntry } from './reader.ts'
import { listSegments } from './segment.ts'
import type { TrailProblem } from './verify-record.ts'

export interface FollowOptions {
  readonly directory: string
  readonly key: SecretValue
  /** The key as it is now: asked when an epoch has another one than is known. A key may be rotated while somebody watches. */
  readonly readKey?: (() => Promise<SecretValue>) | undefined
  readonly clock: Clock
  /** Ends the view. */
  readonly signal: AbortSignal
  /** `start`: everything. `now` (the default): only what is added from now on. A place: what comes after it. */
  readonly from?: 'start' | 'now' | { readonly epoch: number, readonly seq: number }
  readonly pollMs?: number
}

type Segment = ReturnType<typeof listSegments>[number]

/** Entries of a trail as they are added, until the signal. */
export async function * followTrail (options: FollowOptions): AsyncGenerator<TrailEntry> {
  const { directory, clock, signal, from = 'now', pollMs = 200 } = options
  const view = new View(options)
  let isSilent = from === 'now'
  if (isSilent) view.skipTo((await listExisting(directory)).at(-1))
  const after = typeof from === 'object' ? from : { epoch: 0, seq: 0 }
  const isBefore = ({ epoch, seq, problems }: TrailEntry) => problems.length === 0 && (epoch < after.epoch || (epoch === after.epoch && seq <= after.seq))
  if (typeof from === 'object') view.skipTo(await findSegment(directory, from))
  while (!signal.aborted) {
    for (const segment of await listExisting(directory)) {
      for await (const entry of view.read(segment)) if (!isSilent && !isBefore(entry)) yield entry
    }
    isSilent = false
    await pause(clock, pollMs, signal)
  }
}

class View {
  readonly #options: FollowOptions
  readonly #state: ReaderState = createReaderState()
  #key: SecretValue
  #segment: Segment | undefined
  #position = 0
  /** Records up to here were shown already: a batch that failed half way is written again in the next segment. */
  #shown = 0

  constructor (options: FollowOptions) {
    this.#options = options
    this.#key = options.key
  }

  /** Begins at this segment. */
  skipTo (segment: Segment | undefined): void {
    if (segment !== undefined) this.#segment = { ...segment, index: segment.index - 1 }
  }

  async * read (segment: Segment): AsyncGenerator<TrailEntry> {
    const current = this.#segment
    if (current !== undefined && (segment.epoch < current.epoch || (segment.epoch === current.epoch && segment.index < current.index))) return
    if (segment.name !== current?.name || segment.index !== current.index) this.#enter(segment)
    for await (const line of readLines(join(this.#options.directory, segment.name), this.#position)) {
      if (!line.whole) return
      this.#position = line.end
      const entry = line.start === 0 ? await this.#readHeader(line, segment) : readEntry(line, this.#state)
      if (entry === undefined || (line.start > 0 && entry.seq <= this.#shown && entry.problems.length === 0)) continue
      if (line.start > 0) this.#shown = entry.seq
      yield entry
    }
  }

  #enter (segment: Segment): void {
    if (segment.epoch !== this.#segment?.epoch) this.#shown = 0
    this.#segment = segment
    this.#position = 0
  }

  async #enterWithKey (line: Line, segment: Segment): Promise<TrailProblem | undefined> {
    const problem = enterSegment(line, this.#state, { ...segment, secret: this.#key })
    if (problem !== 'key' || this.#options.readKey === undefined) return problem
    this.#key = await this.#options.readKey()
    return enterSegment(line, this.#state, { ...segment, secret: this.#key })
  }

  async #readHeader (line: Line, segment: Segment): Promise<TrailEntry | undefined> {
    const isMidway = this.#state.epoch === 0 && segment.index > 0
    const shown = this.#state.epoch === segment.epoch ? this.#state.position.seq : 0
    const problem = await this.#enterWithKey(line, segment)
    const isRepeat = problem === 'chain' && this.#state.position.seq < shown
    return problem === undefined || isRepeat || (isMidway && problem === 'gap') ? undefined : damaged(this.#state, [problem])
  }
}

/** The segment that has the record after this place, or the first one after it when it is not here any more. */
async function findSegment (directory: string, { epoch, seq }: { readonly epoch: number, readonly seq: number }): Promise<Segment | undefined> {
  const segments = await listExisting(directory)
  for (const segment of segments.toReversed().filter(segment => segment.epoch === epoch)) {
    if ((await readFirst(join(directory, segment.name)) ?? Infinity) <= seq + 1) return segment
  }
  return segments.find(segment => segment.epoch >= epoch) ?? segments.at(-1)
}

async function listExisting (directory: string): Promise<Segment[]> {
  try { return listSegments(await readdir(directory)) } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // the gateway has not started yet
    throw error
  }
}

export async function pause (clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(ms, resolve)
  signal.addEventListener('abort', () => { resolve() }, { once: true })
  await promise
  timer.cancel()
}
