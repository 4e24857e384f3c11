// Answers whether the archive holds a record, by opening the segment and comparing: nothing is removed elsewhere on the word of an index or of a name.
import { listArchive, readWholeSegment, type ArchiveAccess } from '../archive/archive-reader.ts'
import { padNumber, spansRecord } from '../archive/segment-codec.ts'
import type { AuditRecord } from '../record-form.ts'

export interface ArchiveWitness {
  /** Throws a StoreError when the archive cannot be read. */
  holds (place: { readonly writer: string, readonly epoch: number }, record: Pick<AuditRecord, 'seq' | 'hash'>): Promise<boolean>
}

interface OpenRange { readonly prefix: string, readonly first: number, readonly last: number, readonly hashes: readonly string[] }

/** Fast for records that come in order: one segment is kept open. */
export function createArchiveWitness (access: ArchiveAccess): ArchiveWitness {
  let names: { readonly prefix: string, readonly list: readonly string[] } | undefined
  let current: OpenRange | undefined

  async function openRange (prefix: string, seq: number): Promise<OpenRange | undefined> {
    if (names?.prefix !== prefix) names = { prefix, list: await listArchive(access, prefix) }
    const name = names.list.find(each => spansRecord(each, seq))
    if (name === undefined) return undefined
    const { manifest, entries } = await readWholeSegment(access, name)
    const isWhole = manifest !== undefined && entries.length === manifest.last - manifest.first + 1 && entries.every(({ problems }) => problems.length === 0 || problems.join() === 'shredded')
    return isWhole && entries.at(-1)?.record?.hash === manifest.after ? { prefix, first: manifest.first, last: manifest.last, hashes: entries.map(({ record }) => record?.hash ?? '') } : undefined
  }

  return {
    async holds ({ writer, epoch }, { seq, hash }) {
      const prefix = `${writer}/${padNumber(epoch)}/`
      if (current?.prefix !== prefix || seq < current.first || seq > current.last) current = await openRange(prefix, seq)
      return current !== undefined && current.hashes[seq - current.first] === hash
    },
  }
}
