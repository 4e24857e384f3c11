// Makes the index of an archive anew from its segments: an index is never believed, so it need not be carried from one place to another.
import { listArchive, readWholeSegment, type ArchiveAccess } from '../archive/archive-reader.ts'
import type { ArchiveIndex } from '../archive/archive-index.ts'

export interface RebuiltIndex {
  readonly segments: number
  readonly records: number
  /** Names of segments that cannot be believed; they stay out of it, and so every question reads them. */
  readonly unreadable: readonly string[]
}

/** Throws a StoreError. */
export async function rebuildIndex (access: ArchiveAccess, index: ArchiveIndex): Promise<RebuiltIndex> {
  const unreadable: string[] = []
  let [segments, records] = [0, 0]
  const known = index.known()
  for (const name of await listArchive(access)) {
    const { manifest, entries } = await readWholeSegment(access, name)
    if (manifest === undefined) { unreadable.push(name); continue }
    for (const { writer, event, record } of entries) if (event !== undefined && record !== undefined) index.follow(writer, event, record)
    const { from, to, writer } = manifest
    if (!known.has(name)) index.add({ name, from, to, writer, records: entries.flatMap(({ record }) => record === undefined ? [] : [record]) })
    segments += 1
    records += entries.length
  }
  return { segments, records, unreadable }
}
