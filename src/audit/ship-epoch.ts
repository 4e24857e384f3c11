// Carries one epoch to its stream, batch after batch, from wherever the stream ends. It never overwrites: what does not fit is a conflict.
import { appendToStream } from './append-to-stream.ts'
import type { AuditRecord } from './record-form.ts'
import { nameInRegistry, nameRegistry, nameStream, parseEntry, readTop, type StreamClient, type StreamEntry } from './redis-stream.ts'
import { startOf, type SegmentPlace } from './segment.ts'

/** The stream holds something else where our records belong. */
export class StreamConflict extends Error {
  override readonly name = 'StreamConflict'
  readonly stream: string
  /** Id of the entry that does not fit. */
  readonly at: string
  constructor (stream: string, at: string) {
    super('audit.streamConflict')
    this.stream = stream
    this.at = at
  }
}

export interface EpochRecords {
  read (after: number): Promise<readonly AuditRecord[]>
}

export interface EpochShipperOptions {
  readonly client: StreamClient
  readonly place: SegmentPlace
  readonly keyId: string
  readonly records: EpochRecords
  /** The stream ends before what Redis had acknowledged: the records between are carried again. */
  readonly onSetBack?: (lost: { readonly first: number, readonly last: number }) => void
  /** The registry no longer had this stream: others may be missing with it. */
  readonly onListLost?: () => void
}

export class EpochShipper {
  readonly #options: EpochShipperOptions
  readonly #stream: string
  #acked: { readonly seq: number, readonly hash: string }
  #isRegistered = false

  constructor (options: EpochShipperOptions) {
    this.#options = options
    this.#stream = nameStream(options.place)
    this.#acked = { seq: 0, hash: startOf(options.place) }
  }

  /** The number up to which Redis has this epoch. */
  get ackedSeq (): number { return this.#acked.seq }

  /** Enters the stream into the registry and finds where it ends: after every connection and whenever it is shorter than expected, since a failover can have lost its tail. */
  async resume (): Promise<void> {
    const { client } = this.#options
    await this.#register()
    const top = await readTop(client, this.#stream)
    await this.#continueFrom(top === undefined ? { seq: 0, hash: '' } : recordOf(this.#stream, top))
  }

  /** Carries the next batch. Returns whether there was one. Throws a RedisError or a StreamConflict. */
  async shipNext (): Promise<boolean> {
    const { client, records } = this.#options
    const batch = await records.read(this.#acked.seq)
    const last = batch.at(-1)
    if (last === undefined) return false
    const answer = await appendToStream(client, this.#stream, { records: batch, before: this.#acked.hash })
    if (answer.is === 'conflict') throw new StreamConflict(this.#stream, answer.at)
    if (answer.is === 'behind') await this.resume()
    else {
      const isFirst = this.#acked.seq === 0
      this.#acked = { seq: last.seq, hash: last.hash }
      // Data that was thrown away between entering and this append took the entry along, and no later append would notice; thrown away after it, all of it.
      if (isFirst && await this.#register()) await this.resume()
    }
    return true
  }

  /** Returns whether it was not in the registry (any more). */
  async #register (): Promise<boolean> {
    const { client, place, keyId, onListLost } = this.#options
    const added = await client.call('HSET', nameRegistry(place.gateway), nameInRegistry(place), keyId)
    if (added === 1 && this.#isRegistered) onListLost?.()
    this.#isRegistered = true
    return added === 1
  }

  /** The stream ends at `found`: that must be our own record, then what follows it is carried (again). */
  async #continueFrom (found: { readonly seq: number, readonly hash: string }): Promise<void> {
    const before = this.#acked.seq
    if (found.seq === 0) this.#acked = { seq: 0, hash: startOf(this.#options.place) }
    else {
      const [own] = await this.#options.records.read(found.seq - 1)
      if (own?.hash !== found.hash) throw new StreamConflict(this.#stream, `${found.seq}-0`)
      this.#acked = found
    }
    if (found.seq < before) this.#options.onSetBack?.({ first: found.seq + 1, last: before })
  }
}

function recordOf (stream: string, top: StreamEntry): { readonly seq: number, readonly hash: string } {
  const record = parseEntry(top)?.record
  if (record === undefined) throw new StreamConflict(stream, top.id)
  return { seq: record.seq, hash: record.hash }
}

/** The number of a stream's last entry: 0 when there is none, undefined when it is not one of ours. */
export async function readHead (client: StreamClient, place: SegmentPlace): Promise<number | undefined> {
  const top = await readTop(client, nameStream(place))
  return top === undefined ? 0 : parseEntry(top)?.record.seq
}
