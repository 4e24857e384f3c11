// Keeps a second copy of an archive: what is new is copied and read back, what the archive gave up on purpose goes here too. What is merely missing in the archive stays.
import { readArchiveBeginnings, type ArchiveAccess } from '../archive/archive-reader.ts'
import { nameArchiveSegment, parseArchiveName } from '../archive/segment-codec.ts'
import { StoreError, type ArchiveStore } from '../archive/store.ts'
import { compareBeginnings, type Beginning } from '../retention/beginning.ts'

export interface CopiedArchive {
  /** All names in the archive. */
  readonly objects: readonly string[]
  readonly copied: number
  readonly bytes: number
  readonly removed: number
}

/** Throws a StoreError. */
export async function copyArchive (from: ArchiveAccess, to: ArchiveStore): Promise<CopiedArchive> {
  const prefix = `${from.gateway}/`
  const objects = await from.store.list(prefix)
  const known = new Set(await to.list(prefix))
  let [copied, bytes, removed] = [0, 0, 0]
  for (const name of objects) {
    if (known.has(name)) continue
    const content = await from.store.get(name)
    if (content === undefined) continue // removed a moment ago
    await copyObject(name, content, to)
    copied += 1
    bytes += content.length
  }
  const here = new Set(objects)
  const beginnings = await readArchiveBeginnings(from)
  for (const name of known) {
    if (here.has(name) || !isGivenUp(name, { here, beginnings })) continue
    await to.remove(name)
    removed += 1
  }
  return { objects, copied, bytes, removed }
}

/** Throws a StoreError when the place gives back something else. */
export async function copyObject (name: string, content: Buffer, to: ArchiveStore): Promise<void> {
  await to.put(name, content)
  if ((await to.get(name))?.equals(content) !== true) throw new StoreError('What the backup gives back is not what was written: look at its disk.')
}

/** Whether the archive has a later revision of a segment, or wrote down that its time was over. */
function isGivenUp (name: string, { here, beginnings }: { readonly here: ReadonlySet<string>, readonly beginnings: readonly Beginning[] }): boolean {
  const place = parseArchiveName(name)
  if (place === undefined) return name.endsWith('.beginning')
  const isExpired = beginnings.some(each => each.writer === place.writer && compareBeginnings({ epoch: place.epoch, seq: place.last }, each) <= 0)
  return isExpired || [...here].some(other => isLaterRevision(other, place))
}

function isLaterRevision (name: string, place: NonNullable<ReturnType<typeof parseArchiveName>>): boolean {
  const other = parseArchiveName(name)
  if (other === undefined || other.revision <= place.revision) return false
  return nameArchiveSegment({ ...other, revision: undefined }) === nameArchiveSegment({ ...place, revision: undefined })
}
