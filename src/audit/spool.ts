// The spool of one epoch on disk: appends batches, one durable write each, and rolls over to new segments. It answers only for what
// the disk has confirmed; after any failure it begins a new segment and never trusts the old one's tail.
import { join } from 'node:path'
import type { Clock } from '../shared/clock.ts'
import type { Disk, SpoolFile } from './disk.ts'
import type { EpochKeys } from './keys.ts'
import { restoreSegment } from './restore-segment.ts'
import type { SealedRecord } from './seal.ts'
import { formatHeader, listSegments, nameSegment, startOf, type SegmentPlace } from './segment.ts'

export type SpoolTrouble = 'segmentReplaced' | 'segmentLost' | 'tailChanged'

export interface SpoolOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly directory: string
  readonly place: SegmentPlace
  readonly keys: EpochKeys
  readonly keyId: string
  readonly segmentBytes: number
  /** Bytes of the segments that lie there already. */
  readonly usedBytes: number
  /** Exchanges that are on disk as begun and not as ended. */
  readonly openExchanges: () => readonly string[]
  readonly onTrouble: (trouble: SpoolTrouble) => void
}

export interface OpenSegment {
  readonly path: string
  file: SpoolFile
  inode: string
  size: number
}

/** The last line that is known to be durable. */
interface Tail { readonly path: string, readonly position: number, readonly line: Buffer }

/** How often, at most, the open segment's name is compared with its descriptor. */
const checkEveryMs = 250

export class Spool {
  readonly #options: SpoolOptions
  #segment: OpenSegment | undefined
  #index = 0
  #usedBytes: number
  #hash: string
  #tail: Tail | undefined
  #isTailSuspect = false
  /** Said once, however often putting it back has to be tried. */
  #isReported = false
  #checkedAt: number

  constructor (options: SpoolOptions) {
    this.#options = options
    this.#usedBytes = options.usedBytes
    this.#hash = startOf(options.place)
    this.#checkedAt = options.clock.now()
  }

  /** Bytes of all segments in the directory. */
  get usedBytes (): number { return this.#usedBytes }

  /** Resolves when all records are durable. After a rejection call it again with the same records: they go to a new segment. */
  async append (records: readonly SealedRecord[]): Promise<void> {
    const [first, last] = [records[0], records.at(-1)]
    if (first === undefined || last === undefined) return
    const data = joinLines(records)
    await this.check()
    if (this.#isFull(data.length)) await this.#leave()
    const segment = this.#segment ??= await this.#begin(first.seq)
    try {
      await segment.file.append(data)
    } catch (error) {
      this.#isTailSuspect = true
      await this.#leave()
      throw error
    }
    segment.size += data.length
    this.#usedBytes += data.length
    this.#hash = last.hash
    this.#tail = { path: segment.path, position: segment.size - last.line.length - 1, line: Buffer.from(`${last.line}\n`, 'latin1') }
  }

  /**
   * Somebody removed, replaced or cut the open segment: what was removed is still behind the descriptor and is put back before anything is added.
   * When that fails the descriptor stays open and the next append tries again. Never call it while an append is under way.
   */
  async check (): Promise<void> {
    const { clock, disk, directory, onTrouble } = this.#options
    const segment = this.#segment
    const sinceMs = clock.now() - this.#checkedAt
    if (segment === undefined || (sinceMs >= 0 && sinceMs < checkEveryMs)) return
    const named = await disk.identify(segment.path)
    if (named?.inode !== segment.inode || named.size < segment.size) {
      const isWhole = (await segment.file.identify()).size >= segment.size
      if (!this.#isReported) onTrouble(isWhole ? 'segmentReplaced' : 'segmentLost')
      this.#isReported = true
      if (isWhole) await restoreSegment(disk, directory, segment)
      else await this.#leave()
    }
    this.#isReported = false
    this.#checkedAt = clock.now()
  }

  /** Takes the size of the spool from the disk. Never while an append is under way. */
  async measure (): Promise<void> {
    const { disk, directory } = this.#options
    this.#usedBytes = await measureSegments(disk, directory)
  }

  async close (): Promise<void> {
    this.#checkedAt = -Infinity
    try { await this.check() } finally { await this.#leave() }
  }

  #isFull (adding: number): boolean {
    return this.#segment !== undefined && this.#segment.size + adding > this.#options.segmentBytes && this.#tail?.path === this.#segment.path
  }

  async #leave (): Promise<void> {
    const left = this.#segment
    this.#segment = undefined
    await left?.file.close().catch(() => undefined)
  }

  async #begin (first: number): Promise<OpenSegment> {
    const { disk, directory, place, keys, keyId, openExchanges, onTrouble } = this.#options
    if (this.#isTailSuspect && this.#tail !== undefined && !await holdsTail(disk, this.#tail)) onTrouble('tailChanged')
    this.#isTailSuspect = false
    const index = this.#index++
    const path = join(directory, nameSegment(place.epoch, index))
    const header = Buffer.from(`${formatHeader({ ...place, index, first, before: this.#hash, keyId }, openExchanges(), keys)}\n`, 'latin1')
    const file = await disk.create(path)
    try {
      await file.append(header)
      await disk.syncDirectory(directory)
      this.#usedBytes += header.length
      return { path, file, inode: (await file.identify()).inode, size: header.length }
    } catch (error) {
      await file.close().catch(() => undefined)
      await disk.remove(path).catch(() => undefined)
      throw error
    }
  }
}

const lineBreak = 0x0a

function joinLines (records: readonly SealedRecord[]): Buffer {
  let length = 0
  for (const { line } of records) length += line.length + 1
  const data = Buffer.allocUnsafe(length)
  let at = 0
  for (const { line } of records) {
    at += data.write(line, at, 'latin1')
    data[at++] = lineBreak
  }
  return data
}

/** Bytes of all segments in a directory. */
export async function measureSegments (disk: Disk, directory: string): Promise<number> {
  let bytes = 0
  for (const { name } of listSegments(await disk.list(directory))) bytes += (await disk.identify(join(directory, name)))?.size ?? 0
  return bytes
}

/** Whether the last durable line is still where it was written. */
async function holdsTail (disk: Disk, tail: Tail): Promise<boolean> {
  try {
    const file = await disk.openToRead(tail.path)
    try {
      return (await file.read(tail.position, tail.line.length)).equals(tail.line)
    } finally {
      await file.close()
    }
  } catch { return false }
}
