// Takes the content of one record out of the archive: its segment is written anew without it, read back, and the earlier one removed.
import { hash } from 'node:crypto'
import type { ArchiveIndex } from '../archive/archive-index.ts'
import { clearOf, listArchive, type ArchiveAccess } from '../archive/archive-reader.ts'
import { decodeSegment, encodeSegment, nameArchiveSegment, padNumber, spansRecord, type ArchivedRecord, type Manifest } from '../archive/segment-codec.ts'
import { StoreError } from '../archive/store.ts'
import { readEventText } from '../event-text.ts'
import { tokeniserOf } from '../tokens.ts'
import type { Content, ShreddedPlace } from './shredding.ts'

/** What the archive had of it; undefined when it is not there. Throws a StoreError, also when the store does not let go of the earlier segment. */
export async function shredInArchive (access: ArchiveAccess & { readonly index: Pick<ArchiveIndex, 'forget'> }, place: ShreddedPlace, { isRehearsal = false } = {}): Promise<Content | undefined> {
  const { store, gateway, keys, index } = access
  const prefix = `${place.writer}/${padNumber(place.epoch)}/`
  const name = await findSegment(access, prefix, place.seq)
  if (name === undefined) return undefined
  const bytes = await store.get(name)
  const decoded = bytes === undefined ? undefined : decodeSegment(bytes, name, keys)
  if (decoded === undefined || 'problem' in decoded) throw new StoreError(`The segment ${name} cannot be believed, and was left as it is. Run: sallyport audit verify`)
  const { manifest } = decoded
  const records = decoded.records()
  const target = records[place.seq - manifest.first] as ArchivedRecord
  const content = target.salted === undefined ? 'gone' : 'full'
  if (isRehearsal) return content
  if (content === 'full') {
    const facts = { ...manifest, revision: (manifest.revision ?? 0) + 1 }
    const next = nameArchiveSegment(facts)
    const written = encodeSegment(withoutSealed(facts), records.map(record => record === target ? emptyRecord(target, manifest, access) : record), keys)
    await store.put(next, written)
    if ((await store.get(next))?.equals(written) !== true) throw new StoreError('What the archive gives back is not what was written: the earlier segment was left.')
    index.forget(name, next)
  }
  const latest = await findSegment(access, prefix, place.seq)
  // Also those that an operation that broke off left.
  for (const each of await store.list(`${gateway}/${prefix}`)) if (spansRecord(each, place.seq) && each !== latest) await store.remove(each)
  return content
}

async function findSegment (access: ArchiveAccess, prefix: string, seq: number): Promise<string | undefined> {
  return (await listArchive(access, prefix)).find(name => spansRecord(name, seq))
}

/** What a new segment is made with: everything else it says of itself anew. */
function withoutSealed ({ gateway, writer, epoch, first, last, before, after, from, to, key, revision }: Manifest & { readonly revision: number }) {
  return { gateway, writer, epoch, first, last, before, after, from, to, key, revision }
}

function emptyRecord ({ salted, clear }: ArchivedRecord, { epoch }: Manifest, { auditKeys }: ArchiveAccess): ArchivedRecord {
  const text = salted as Buffer
  const event = readEventText(text)
  return { salted: undefined, leaf: hash('sha256', text, 'base64url'), clear: clear ?? clearOf(event, tokeniserOf(auditKeys, epoch)) }
}
