// Several sources as one: in the order of time, each record once. It judges nothing, and drops nothing but what was there before.
import type { TrailEntry } from '../reader.ts'

interface Head {
  readonly entries: AsyncIterator<TrailEntry>
  entry: TrailEntry
  /** The latest time so far: one stream never goes back, whatever its clock did. */
  time: number
}

export async function * mergeSources (sources: ReadonlyArray<AsyncIterable<TrailEntry>>): AsyncGenerator<TrailEntry> {
  const seen = new SeenRecords()
  const heads: Head[] = []
  const open: AsyncIterator<TrailEntry>[] = []
  try {
    for (const entries of sources) {
      const iterator = entries[Symbol.asyncIterator]()
      open.push(iterator)
      const head: Head = { entries: iterator, entry: undefined as never, time: -Infinity }
      if (await advance(head)) heads.push(head)
    }
    while (heads.length > 0) {
      const head = heads.reduce((first, other) => isBefore(other, first) ? other : first)
      // One that cannot be opened is not taken for the record: another source may have it whole.
      if (head.entry.event === undefined || seen.add(head.entry)) yield head.entry
      if (!await advance(head)) heads.splice(heads.indexOf(head), 1)
    }
  } finally {
    for (const iterator of open) await iterator.return?.()
  }
}

async function advance (head: Head): Promise<boolean> {
  const next = await head.entries.next()
  if (next.done === true) return false
  head.entry = next.value
  head.time = Math.max(head.time, next.value.event?.time ?? next.value.record?.time ?? -Infinity)
  return true
}

function isBefore (one: Head, other: Head): boolean {
  if (one.time !== other.time) return one.time < other.time
  const [a, b] = [one.entry, other.entry]
  if (a.writer !== b.writer) return a.writer < b.writer
  return a.epoch !== b.epoch ? a.epoch < b.epoch : a.seq < b.seq
}

/** A bit for each record, so that ten million of them take about a megabyte. */
class SeenRecords {
  readonly #bits = new Map<string, Uint8Array>()
  #last: { readonly writer: string, readonly epoch: number, bits: Uint8Array } | undefined

  /** Whether it was not there yet. */
  add ({ writer, epoch, seq }: TrailEntry): boolean {
    if (this.#last?.epoch !== epoch || this.#last.writer !== writer) this.#last = { writer, epoch, bits: this.#bits.get(`${writer}:${epoch}`) ?? new Uint8Array(1024) }
    const at = Math.floor(seq / 8)
    if (at >= this.#last.bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#last.bits.length * 2))
      larger.set(this.#last.bits)
      this.#last.bits = larger
    }
    this.#bits.set(`${writer}:${epoch}`, this.#last.bits)
    const { bits } = this.#last
    const mask = 1 << (seq & 7)
    if (((bits[at] ?? 0) & mask) !== 0) return false
    bits[at] = (bits[at] ?? 0) | mask
    return true
  }
}
