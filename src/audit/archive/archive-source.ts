// The archive as a place that questions are put to: the index says which segments can hold an answer, and only those are read.
import type { AuditEvent } from '../event.ts'
import { abbreviate, readEventText, saltBytes } from '../event-text.ts'
import { exchangeOf, isEnding } from '../open-exchanges.ts'
import type { ReadHooks, TrailEntry } from '../reader.ts'
import type { TrailQuery } from '../questions/query.ts'
import type { Search, TrailSource } from '../questions/trail-source.ts'
import type { ArchiveIndex } from './archive-index.ts'
import { listArchive, type ArchiveAccess } from './archive-reader.ts'
import { decodeSegment, parseArchiveName, type ArchivedRecord } from './segment-codec.ts'

/** One source for each writer. */
export async function createArchiveSources (access: ArchiveAccess, index: Pick<ArchiveIndex, 'find' | 'known'>): Promise<readonly TrailSource[]> {
  const names = await listArchive(access)
  const writers = new Set(names.map(name => parseArchiveName(name)?.writer as string))
  return [...writers].map(writer => ({
    name: `the archive, writer ${writer}`,
    find: (search, hooks) => findInArchive(names.filter(name => parseArchiveName(name)?.writer === writer), { ...access, index, search, hooks }),
  }))
}

interface Finding extends ArchiveAccess {
  readonly index: Pick<ArchiveIndex, 'find' | 'known'>
  readonly search: Search
  readonly hooks: ReadHooks
}

async function * findInArchive (names: readonly string[], { store, keys, index, search, hooks }: Finding): AsyncGenerator<TrailEntry> {
  const { query, tokens } = search
  const known = index.known()
  const found = index.find({ tokens, from: query.from ?? 0, to: query.to ?? Number.MAX_SAFE_INTEGER })
  const wanted = names.filter(name => found.has(name) || !known.has(name))
  const sieve = createTextSieve(query)
  for (const [at, name] of wanted.entries()) {
    const { writer, epoch, first } = parseArchiveName(name) as NonNullable<ReturnType<typeof parseArchiveName>>
    const bytes = await store.get(name)
    const decoded = bytes === undefined ? undefined : decodeSegment(bytes, name, keys)
    hooks.onProgress?.(at + 1, wanted.length)
    if (decoded === undefined || 'problem' in decoded) { yield { writer, epoch, seq: first, event: undefined, problems: ['header'] }; continue }
    for (const [place, archived] of decoded.records().entries()) {
      const seq = first + place
      if (archived.salted === undefined) { yield { writer, epoch, seq, event: undefined, problems: ['shredded'] }; continue }
      const event = sieve(archived)
      if (event !== undefined) yield { writer, epoch, seq, event, problems: [], ...recordOf(archived, seq) }
    }
  }
}

/** A shortened event has lost words that its tokens still stand for. */
function recordOf ({ clear }: ArchivedRecord, seq: number): Pick<TrailEntry, 'record'> {
  return clear === undefined ? {} : { record: { seq, ...clear, leaf: '', hash: '', mac: '', seal: '' } }
}

/** Opens what can be an answer, judged by the text alone, and the endings of exchanges that were let through. More is allowed, less is not. */
function createTextSieve (query: TrailQuery): (archived: ArchivedRecord) => AuditEvent | undefined {
  const words = [query.patient, query.person, query.record?.id, query.address].filter(word => word !== undefined).map(word => Buffer.from(JSON.stringify(word)))
  // By id, because that is what a text shows: a request that became a connection has two endings.
  const open = new Map<string, number>()
  return ({ salted, clear }) => {
    const text = (salted as Buffer).subarray(saltBytes)
    const isCandidate = clear !== undefined || words.every(word => text.includes(word))
    if (!isCandidate && (open.size === 0 || !isOfOpen(text, open))) return undefined
    const event = readEventText(salted as Buffer)
    const exchange = exchangeOf(event)
    if (exchange === undefined || words.length === 0) return event
    const left = (open.get(event.id) ?? 0) + (isEnding(event.kind) ? -1 : 1)
    if (left > 0) open.set(event.id, left)
    else open.delete(event.id)
    return event
  }
}

/** As it is abbreviated, and as it is written out in an event that had to be shortened. */
const idMarks = [abbreviate('"id":'), '"id":'].map(key => Buffer.from(`${key}"`))

/** Ids of ours have no letter that JSON would escape; whatever looks like one is opened. */
function isOfOpen (text: Buffer, open: ReadonlyMap<string, number>): boolean {
  for (const idMark of idMarks) {
    for (let at = text.indexOf(idMark); at >= 0; at = text.indexOf(idMark, at + 1)) {
      const begin = at + idMark.length
      if (open.has(text.toString('utf8', begin, text.indexOf(0x22, begin)))) return true
    }
  }
  return false
}
