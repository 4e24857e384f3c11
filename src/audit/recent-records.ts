// The records of the running epoch for Redis: the last ones from memory, earlier ones from the spool.
import type { AuditRecord } from './record-form.ts'
import type { SealedRecord } from './seal.ts'
import type { SpoolRecords } from './spool-records.ts'

const maxRememberedBytes = 8 * 1024 * 1024
const maxBatchRecords = 512
const maxBatchBytes = 512 * 1024

export class RecentRecords {
  readonly #spool: SpoolRecords
  #remembered: SealedRecord[] = []
  #bytes = 0
  #last = 0

  constructor (spool: SpoolRecords) {
    this.#spool = spool
  }

  /** The number of the last record that may be carried. */
  get last (): number { return this.#last }

  add (records: readonly SealedRecord[]): void {
    for (const record of records) {
      this.#remembered.push(record)
      this.#bytes += record.line.length
      this.#last = record.seq
    }
    let forgotten = 0
    while (this.#bytes > maxRememberedBytes && forgotten < this.#remembered.length - records.length) {
      this.#bytes -= this.#remembered[forgotten++]?.line.length ?? 0 // it is on disk
    }
    this.#remembered.splice(0, forgotten)
  }

  /** Redis has everything up to `seq`. */
  forget (seq: number): void {
    let count = 0
    while ((this.#remembered[count]?.seq ?? Infinity) <= seq) this.#bytes -= this.#remembered[count++]?.line.length ?? 0
    this.#remembered.splice(0, count)
  }

  async read (after: number): Promise<readonly AuditRecord[]> {
    if (after >= this.#last) return []
    const first = this.#remembered[0]?.seq ?? Infinity
    if (first > after + 1) {
      const records = await this.#spool.read(after)
      return records.filter(record => record.seq <= this.#last)
    }
    const batch: SealedRecord[] = []
    let bytes = 0
    for (let at = after + 1 - first; at < this.#remembered.length && batch.length < maxBatchRecords && bytes < maxBatchBytes; at++) {
      const record = this.#remembered[at] as SealedRecord
      batch.push(record)
      bytes += record.line.length
    }
    return batch
  }
}
