// What a start finds in the spool directory: who writes here, where the last epoch ended, which exchanges it left open. It cuts the unfinished
// line of a crash and nothing else; a record that is whole is never removed, and damage is reported and kept.
import { readFile, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import type { AuditKeys } from './keys.ts'
import { readFirstLine, readLines } from './lines.ts'
import { createOpenExchanges } from './open-exchanges.ts'
import { createReaderState, isUnfinished, readEntry, type ReaderState } from './reader.ts'
import { listSegments, openHeader, parseHeader, placeText, startOf } from './segment.ts'
import { AuditSetupError } from './setup-error.ts'
import { measureSegments } from './spool.ts'
import type { TrailProblem } from './verify-record.ts'

export interface Recovered {
  readonly writer: string
  /** The end of the last epoch; undefined when this is the first. */
  readonly previous: { readonly epoch: number, readonly seq: number, readonly hash: string } | undefined
  /** `request <id>` or `connection <id>`. */
  readonly open: readonly string[]
  readonly usedBytes: number
  /** Every epoch that lies here, oldest first. */
  readonly epochs: readonly number[]
  /** Bytes of an unfinished line that were cut. */
  readonly tornBytes: number
  /** What is wrong with the last segment, beyond an unfinished line. */
  readonly damage: TrailProblem | undefined
}

export interface RecoverOptions {
  readonly disk: Disk
  readonly directory: string
  readonly gateway: string
  readonly keys: AuditKeys
  /** Expected writer; by default the one that the directory remembers. */
  readonly writer: string | undefined
}

/** Throws an AuditSetupError when the directory belongs to another gateway, writer or key. */
export async function recoverSpool (options: RecoverOptions): Promise<Recovered> {
  const { disk, directory } = options
  await finishRestores(disk, directory)
  const writer = await readWriter(options)
  const usedBytes = await measureSegments(disk, directory)
  const segments = listSegments(await disk.list(directory))
  const epochs = [...new Set(segments.map(segment => segment.epoch))]
  for (const segment of segments.toReversed()) {
    const path = join(directory, segment.name)
    const found = await scanSegment({ ...options, writer }, { ...segment, path })
    // An epoch that ended before its first record says nothing of the one before it: the next one continues from there.
    if (found?.previous?.seq === 0 && found.damage === undefined) continue
    if (found !== undefined) return { writer, usedBytes, epochs, ...found }
    await disk.rename(path, `${path}.torn`) // its header was never finished: nothing in it was ever acknowledged
  }
  return { writer, previous: undefined, open: [], usedBytes, epochs, tornBytes: 0, damage: undefined }
}

type Found = Pick<Recovered, 'previous' | 'open' | 'tornBytes' | 'damage'>

/** Reads one segment to its end. Undefined when it has not even a header. */
async function scanSegment (options: RecoverOptions & { writer: string }, segment: { epoch: number, path: string }): Promise<Found | undefined> {
  const place = { gateway: options.gateway, writer: options.writer, epoch: segment.epoch }
  const keys = options.keys.forEpoch(place.writer, place.epoch)
  const state: ReaderState = { ...createReaderState(), ...place, keys, place: placeText(place), position: { seq: 0, head: startOf(place) } }
  let exchanges: ReturnType<typeof createOpenExchanges> | undefined
  let damage: TrailProblem | undefined
  let tornBytes = 0
  for await (const line of readLines(segment.path)) {
    if (exchanges === undefined) {
      if (isUnfinished(line)) return undefined
      const entered = enter(line.text, state, { ...options, path: segment.path })
      damage = entered === undefined ? 'header' : undefined
      exchanges = createOpenExchanges(entered ?? [])
      continue
    }
    const before = state.position
    const entry = readEntry({ ...line, whole: true }, state)
    const problem = entry.problems.find(one => one !== 'link')
    if (problem !== undefined && isUnfinished(line)) {
      state.position = before
      tornBytes = line.end - line.start
      await options.disk.cut(segment.path, line.start)
      break
    }
    if (!line.whole && problem === undefined) await finishLine(options.disk, segment.path)
    damage ??= problem
    if (entry.event !== undefined) exchanges.apply(entry.event)
  }
  if (exchanges === undefined) return undefined
  return { previous: { epoch: segment.epoch, seq: state.position.seq, hash: state.position.head }, open: exchanges.list(), tornBytes, damage }
}

/** Takes in the header. Undefined when it is not genuine. */
function enter (text: string, state: ReaderState, options: RecoverOptions & { writer: string, path: string }): readonly string[] | undefined {
  const parsed = parseHeader(text)
  if (parsed === undefined) return undefined
  const { header } = parsed
  if (header.gateway !== options.gateway || header.writer !== options.writer) {
    throw new AuditSetupError('audit.spoolForeign', `${options.path} was written by the gateway ${header.gateway}, writer ${header.writer}; this is ${options.gateway}, writer ${options.writer}. ` +
      'Give this gateway a gateway.dataDirectory of its own.')
  }
  const expected = options.keys.of(header.epoch).id
  if (header.keyId !== expected) {
    throw new AuditSetupError('audit.spoolForeign', `${options.path} is sealed with the audit key ${header.keyId}; the configured audit.key has ${expected} for its epoch. ` +
      'Configure the earlier key, or move the spool directory to a safe place (it is part of the trail) and start with an empty one.')
  }
  const open = state.keys === undefined ? undefined : openHeader(parsed, state.keys)
  if (open !== undefined) state.position = { seq: header.first - 1, head: header.before }
  return open
}

/** The crash fell between a record and its line break: the record is whole and stays. */
async function finishLine (disk: Disk, path: string): Promise<void> {
  const file = await disk.openToAppend(path)
  try {
    await file.append(Buffer.from('\n'))
  } finally { await file.close() }
}

/** A segment was being put back when the process died: if nothing stands under its name, the copy is what there is. */
async function finishRestores (disk: Disk, directory: string): Promise<void> {
  for (const name of await disk.list(directory)) {
    if (!name.endsWith('.audit.restoring')) continue
    const path = join(directory, name)
    const target = path.slice(0, -'.restoring'.length)
    if (await disk.identify(target) === undefined) await disk.rename(path, target)
  }
  await disk.syncDirectory(directory)
}

const writerShape = /^[A-Za-z0-9_-]{1,64}$/

/** The name of this writer: random, made at the first start, kept beside the segments. */
async function readWriter ({ disk, directory, writer: expected }: RecoverOptions): Promise<string> {
  const path = join(directory, 'writer')
  const known = await readFile(path, 'utf8').then(text => text.trim(), () => undefined)
  if (known !== undefined && writerShape.test(known)) {
    if (expected === undefined || expected === known) return known
    throw new AuditSetupError('audit.spoolForeign', `The audit spool ${directory} belongs to the writer ${known}, not ${expected}. Give this gateway a gateway.dataDirectory of its own.`)
  }
  const [segment] = listSegments(await disk.list(directory))
  const writer = expected ?? (segment === undefined ? randomBytes(12).toString('base64url') : await readHeaderWriter(join(directory, segment.name)))
  await writeFile(`${path}.new`, `${writer}\n`, { mode: 0o600, flush: true })
  await disk.rename(`${path}.new`, path)
  await disk.syncDirectory(directory)
  return writer
}

/** The `writer` file was lost while segments lie there: they say who wrote them. */
async function readHeaderWriter (path: string): Promise<string> {
  const line = await readFirstLine(path)
  const writer = line?.whole === true ? parseHeader(line.text)?.header.writer : undefined
  if (writer !== undefined) return writer
  throw new AuditSetupError('audit.spoolUnusable', `The audit spool ${path} has no readable header and the file writer beside it is gone. Move the directory to a safe place and start with an empty one.`)
}
