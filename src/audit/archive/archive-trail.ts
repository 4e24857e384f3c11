// Carries a spool's records into the archive, oldest first, from wherever the archive ends. A segment counts once it was read back from the store and is what was
// written. It never archives a record that is not as it was written, and never jumps over one.
import { chainNext } from '../chain.ts'
import type { Beginning } from '../retention/beginning.ts'
import { openSeal, placeOf } from '../seal.ts'
import { placeText, startOf } from '../segment.ts'
import { formatClear, type AuditRecord } from '../record-form.ts'
import { readSpool, withoutUnfinished, type TrailEntry } from '../reader.ts'
import type { SecretValue } from '../../shared/schema.ts'
import type { ArchiveIndex } from './archive-index.ts'
import { clearOf, listArchive, readArchiveBeginnings, readWholeSegment, type ArchiveAccess } from './archive-reader.ts'
import { decodeSegment, encodeSegment, nameArchiveSegment, padNumber, parseArchiveName, type ArchivedRecord, type ManifestFacts } from './segment-codec.ts'
import { StoreError } from './store.ts'
import { tokeniserOf } from '../tokens.ts'

export interface ArchiveOptions extends ArchiveAccess {
  /** The spool's directory. */
  readonly directory: string
  readonly auditKey: SecretValue
  readonly segmentRecords: number
  readonly index: ArchiveIndex
  readonly onSegment?: ((segment: { readonly name: string, readonly records: number, readonly bytes: number }) => void) | undefined
}

/** How far an epoch is in the archive, after all was read back. */
export interface ArchivedEpoch {
  readonly writer: string
  readonly epoch: number
  /** The last record in the archive. */
  readonly archived: number
  /** The last record in the spool. */
  readonly last: number
  readonly isClosed: boolean
}

/** The message is a sentence that says what to do. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** Epochs in their order. Throws an ArchiveError, or a StoreError. */
export async function archiveSpool (options: ArchiveOptions): Promise<readonly ArchivedEpoch[]> {
  const done: ArchivedEpoch[] = []
  const beginnings = await readArchiveBeginnings(options)
  let current: EpochArchiver | undefined
  for await (const entry of withoutUnfinished(readSpool({ directory: options.directory, key: options.auditKey }))) {
    if (current?.epoch !== entry.epoch) {
      if (current !== undefined) done.push(await current.finish(true))
      current = await EpochArchiver.open(entry, { ...options, beginnings })
    }
    await current.add(entry)
  }
  if (current !== undefined) done.push(await current.finish(false))
  return done
}

type EpochOptions = ArchiveOptions & { readonly beginnings: readonly Beginning[] }

class EpochArchiver {
  readonly epoch: number
  readonly #writer: string
  readonly #options: ArchiveOptions
  #archived: number
  #lastName: string | undefined
  #last: AuditRecord | undefined
  #batch: Array<{ readonly record: AuditRecord, readonly archived: ArchivedRecord }> = []
  #before = ''

  private constructor ({ writer, epoch }: TrailEntry, archived: number, options: ArchiveOptions) {
    this.epoch = epoch
    this.#writer = writer
    this.#archived = archived
    this.#options = options
  }

  static async open (entry: TrailEntry, { beginnings, ...options }: EpochOptions): Promise<EpochArchiver> {
    const { writer, epoch } = entry
    const lastName = (await listArchive(options, `${writer}/${padNumber(epoch)}/`)).at(-1)
    const removed = beginnings.findLast(beginning => beginning.writer === writer)
    // What the archive had and gave up after its time does not come back from a spool that still has it.
    const given = removed === undefined || epoch > removed.epoch ? 0 : epoch < removed.epoch ? Number.MAX_SAFE_INTEGER : removed.seq
    const archiver = new EpochArchiver(entry, Math.max(given, parseArchiveName(lastName ?? '')?.last ?? 0), options)
    archiver.#lastName = lastName
    if (given > 0 && lastName === undefined) archiver.#before = removed?.hash ?? ''
    return archiver
  }

  async add ({ record, problems, event }: TrailEntry): Promise<void> {
    const { gateway, auditKeys, segmentRecords, index } = this.#options
    const isShredded = problems.join() === 'shredded'
    if (record === undefined || (problems.length > 0 && !isShredded)) throw new ArchiveError(this.#explain((this.#last?.seq ?? 0) + 1, problems.join(', ')))
    if (event !== undefined) index.follow(this.#writer, event, record)
    if (this.#last === undefined && record.seq > this.#archived + 1) throw new ArchiveError(this.#explain(this.#archived + 1, 'it is neither in the spool nor in the archive'))
    this.#last = record
    if (record.seq <= this.#archived) { this.#before = record.hash; return }
    const place = { gateway, writer: this.#writer, epoch: this.epoch }
    const salted = isShredded ? undefined : openSeal(record.seal, auditKeys.forEpoch(this.#writer, this.epoch).seal, placeOf(placeText(place), record.seq))
    const derived = event === undefined ? undefined : clearOf(event, tokeniserOf(auditKeys, this.epoch))
    const { seq, time, kind, outcome, tokens, leaf, hash } = record
    const follows = derived !== undefined && formatClear({ seq, leaf, hash, ...derived }) === formatClear({ seq, leaf, hash, time, kind, outcome, tokens })
    this.#batch.push({ record, archived: { salted, leaf: salted === undefined ? leaf : undefined, clear: follows ? undefined : { time, kind, outcome, tokens } } })
    if (this.#batch.length >= segmentRecords) await this.#write()
  }

  async finish (isOver: boolean): Promise<ArchivedEpoch> {
    const isClosed = isOver || this.#last?.kind === 'gateway.stopped'
    if (isClosed && this.#batch.length > 0) await this.#write()
    return { writer: this.#writer, epoch: this.epoch, archived: Math.min(this.#archived, this.#last?.seq ?? 0), last: this.#last?.seq ?? 0, isClosed }
  }

  /** The hash that the first record of a segment is chained to; the archive knows it when the spool does not any more. */
  async #findBefore (first: AuditRecord): Promise<string> {
    if (first.seq === 1) return startOf({ gateway: this.#options.gateway, writer: this.#writer, epoch: this.epoch })
    if (this.#before === '' && this.#lastName !== undefined) this.#before = (await readWholeSegment(this.#options, this.#lastName)).manifest?.after ?? ''
    if (chainNext(this.#before, first.seq, first.leaf) === first.hash) return this.#before
    throw new ArchiveError(this.#explain(first.seq, 'it does not follow from what the archive ends with'))
  }

  async #write (): Promise<void> {
    const { store, keys, auditKeys, gateway, index, onSegment } = this.#options
    const records = this.#batch.map(({ record }) => record)
    const [first, last] = [records[0], records.at(-1)] as [AuditRecord, AuditRecord]
    const times = records.map(({ time }) => time)
    const place = { gateway, writer: this.#writer, epoch: this.epoch }
    const facts: ManifestFacts = {
      ...place,
      first: first.seq,
      last: last.seq,
      before: await this.#findBefore(first),
      after: last.hash,
      from: times.reduce((one, other) => Math.min(one, other)),
      to: times.reduce((one, other) => Math.max(one, other)),
      key: auditKeys.of(this.epoch).id,
    }
    const name = nameArchiveSegment(facts)
    const bytes = encodeSegment(facts, this.#batch.map(({ archived }) => archived), keys)
    await store.put(name, bytes)
    const kept = await store.get(name)
    if (kept?.equals(bytes) !== true || 'problem' in decodeSegment(kept, name, keys)) {
      throw new StoreError('What the archive gives back is not what was written: look at its disk before anything is removed from the spool.')
    }
    index.add({ name, from: facts.from, to: facts.to, records, writer: this.#writer })
    onSegment?.({ name, records: records.length, bytes: bytes.length })
    this.#archived = last.seq
    this.#before = last.hash
    this.#lastName = name
    this.#batch = []
  }

  #explain (seq: number, problem: string): string {
    return `Record ${seq} of writer ${this.#writer}, epoch ${this.epoch} cannot be archived (${problem}), and nothing after it was. Run: sallyport audit verify`
  }
}
