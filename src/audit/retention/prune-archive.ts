// Removes the oldest segments of the archive once their time is over and no hold touches them. It goes writer by writer from the beginning and never leaves a hole.
import { listArchive, nameBeginning, readWholeSegment, type ArchiveAccess } from '../archive/archive-reader.ts'
import type { ArchiveIndex } from '../archive/archive-index.ts'
import { parseArchiveName } from '../archive/segment-codec.ts'
import { addBeginning, type Beginning } from './beginning.ts'
import { findHold, type Hold } from './holds.ts'

export interface PruneArchiveOptions extends ArchiveAccess {
  readonly index: Pick<ArchiveIndex, 'forget'>
  readonly holds: readonly Hold[]
  /** Segments with a record of this time or later stay; milliseconds since the epoch. */
  readonly before: number
  readonly isRehearsal?: boolean | undefined
}

export interface PrunedArchive {
  readonly segments: number
  readonly records: number
  /** Of each writer that lost something. */
  readonly last: readonly Beginning[]
  /** Names of holds that kept something. */
  readonly heldBy: readonly string[]
  /** Names of segments that could not be believed; nothing of their writer after them was removed. */
  readonly unreadable: readonly string[]
}

/** Throws a StoreError, also when the store keeps a segment locked. */
export async function pruneArchive (options: PruneArchiveOptions): Promise<PrunedArchive> {
  const names = await listArchive(options)
  const result = { segments: 0, records: 0, last: [] as Beginning[], heldBy: [] as string[], unreadable: [] as string[] }
  for (const writer of new Set(names.map(name => parseArchiveName(name)?.writer as string))) {
    for (const name of names.filter(each => parseArchiveName(each)?.writer === writer)) {
      const { manifest } = await readWholeSegment(options, name)
      if (manifest === undefined) { result.unreadable.push(name); break }
      if (manifest.to >= options.before) break
      const hold = findHold(options.holds, manifest)
      if (hold !== undefined) { result.heldBy.push(hold.name); break }
      const last = { writer, epoch: manifest.epoch, seq: manifest.last, hash: manifest.after }
      if (options.isRehearsal !== true) await removeSegment(name, last, options)
      result.segments += 1
      result.records += manifest.last - manifest.first + 1
      if (result.last.at(-1)?.writer === writer) result.last.pop()
      result.last.push(last)
    }
  }
  return { ...result, heldBy: [...new Set(result.heldBy)] }
}

async function removeSegment (name: string, last: Beginning, { store, gateway, auditKeys: keys, index }: PruneArchiveOptions): Promise<void> {
  const earlier = (await store.list(`${gateway}/${last.writer}/`)).filter(each => each.endsWith('.beginning'))
  const mark = nameBeginning(gateway, last)
  // A run that was cut short may have left it.
  if (!earlier.includes(mark)) await store.put(mark, Buffer.from(addBeginning('', last, { kind: 'archive', gateway, keys })))
  // Older revisions as well: what was shredded must not come back.
  const range = name.slice(0, name.lastIndexOf('/') + 26)
  for (const each of await store.list(range)) await store.remove(each)
  index.forget(name)
  for (const each of earlier) if (each < mark) await store.remove(each)
}
