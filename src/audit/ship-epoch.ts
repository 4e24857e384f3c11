// Carries one epoch to its stream, batch after batch, from wherever the stream ends. It never overwrites: what does not fit is a conflict.
import type { RedisClient } from '../shared/redis.ts'
import { appendToStream } from './append-to-stream.ts'
import type { AuditRecord } from './record-form.ts'
import { nameInRegistry, nameRegistry, nameStream, parseEntry } from './redis-stream.ts'
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
  readonly client: Pick<RedisClient, 'call'>
  readonly place: SegmentPlace
  readonly keyId: string
  readonly records: EpochRecords
}

export class EpochShipper {
  readonly #options: EpochShipperOptions
  readonly #stream: string
  #acked: { readonly seq: number, readonly hash: string }

  constructor (options: EpochShipperOptions) {
    this.#options = options
    this.#stream = nameStream(options.place)
    this.#acked = { seq: 0, hash: startOf(options.place) }
  }

  /** The number up to which Redis has this epoch. */
  get ackedSeq (): number { return this.#acked.seq }

  /** Enters the stream into the registry and finds where it ends: after every connection, since a failover can have lost its tail. */
  async resume (): Promise<void> {
    const { client, place, keyId } = this.#options
    await client.call('HSET', nameRegistry(place.gateway), nameInRegistry(place), keyId)
    const [top] = await client.call('XREVRANGE', this.#stream, '+', '-', 'COUNT', 1) as Array<[string, string[]]>
    const found = top === undefined ? { seq: 0, hash: '' } : readTop(this.#stream, top)
    await this.#continueFrom(found)
  }

  /** Carries the next batch. Returns whether there was one. Throws a RedisError or a StreamConflict. */
  async shipNext (): Promise<boolean> {
    const { client, records } = this.#options
    const batch = await records.read(this.#acked.seq)
    const last = batch.at(-1)
    if (last === undefined) return false
    const answer = await appendToStream(client, this.#stream, { records: batch, before: this.#acked.hash })
    if (answer.is === 'conflict') throw new StreamConflict(this.#stream, answer.at)
    if (answer.is === 'behind') await this.#continueFrom(answer)
    else this.#acked = { seq: last.seq, hash: last.hash }
    return true
  }

  /** The stream ends at `found`: that must be our own record, then what follows it is carried (again). */
  async #continueFrom (found: { readonly seq: number, readonly hash: string }): Promise<void> {
    if (found.seq === 0) {
      this.#acked = { seq: 0, hash: startOf(this.#options.place) }
      return
    }
    const [own] = await this.#options.records.read(found.seq - 1)
    if (own?.hash !== found.hash) throw new StreamConflict(this.#stream, `${found.seq}-0`)
    this.#acked = found
  }
}

function readTop (stream: string, [id, fields]: readonly [string, string[]]): { readonly seq: number, readonly hash: string } {
  const record = parseEntry(id, fields)?.record
  if (record === undefined) throw new StreamConflict(stream, id)
  return { seq: record.seq, hash: record.hash }
}
