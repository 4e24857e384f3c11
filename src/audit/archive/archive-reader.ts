// Reads an archive: every segment by its manifest, its records as they were written. What is not genuine comes out as damage, never as silence.
import { hash } from 'node:crypto'
import { chainNext } from '../chain.ts'
import type { AuditEvent } from '../event.ts'
import { readEventText } from '../event-text.ts'
import type { AuditKeys } from '../keys.ts'
import { createEpochState, damaged, readRecord, type ReadHooks, type ReaderState, type TrailEntry } from '../reader.ts'
import { compareBeginnings, findBeginning, readBeginnings, type Beginning } from '../retention/beginning.ts'
import { formatClear, macOf, type AuditRecord } from '../record-form.ts'
import { closeSeal, outcomeOf, placeOf } from '../seal.ts'
import { placeText } from '../segment.ts'
import { tokeniserOf, type Tokeniser } from '../tokens.ts'
import type { ArchiveKeys } from './archive-keys.ts'
import { decodeSegment, nameArchiveSegment, padNumber, parseArchiveName, type ArchivedRecord, type Manifest } from './segment-codec.ts'
import type { ArchiveStore } from './store.ts'

export interface ArchiveAccess {
  readonly store: ArchiveStore
  readonly gateway: string
  readonly keys: ArchiveKeys
  readonly auditKeys: AuditKeys
}

/** The names of this gateway's segments, or of those that begin with `below`: writer by writer, oldest first, each in its latest revision. */
export async function listArchive ({ store, gateway }: Pick<ArchiveAccess, 'store' | 'gateway'>, below = ''): Promise<readonly string[]> {
  const latest = new Map<string, { readonly name: string, readonly revision: number }>()
  for (const name of await store.list(`${gateway}/${below}`)) {
    const parsed = parseArchiveName(name)
    if (parsed === undefined) continue
    const range = nameArchiveSegment({ ...parsed, revision: undefined })
    if (parsed.revision >= (latest.get(range)?.revision ?? 0)) latest.set(range, { name, revision: parsed.revision })
  }
  return [...latest.values()].map(({ name }) => name)
}

/** The name of what says where a writer's trail begins in the archive. */
export function nameBeginning (gateway: string, { writer, epoch, seq }: Beginning): string {
  return `${gateway}/${writer}/${padNumber(epoch)}-${padNumber(seq)}.beginning`
}

/** Where the trails begin of which the oldest part was removed on purpose; what is not genuine is passed over. */
export async function readArchiveBeginnings ({ store, gateway, auditKeys: keys }: Pick<ArchiveAccess, 'store' | 'gateway' | 'auditKeys'>): Promise<readonly Beginning[]> {
  const found: Beginning[] = []
  for (const name of await store.list(`${gateway}/`)) {
    if (!name.endsWith('.beginning')) continue
    found.push(...readBeginnings((await store.get(name))?.toString() ?? '', { kind: 'archive', gateway, keys }))
  }
  return found.sort(compareBeginnings)
}

/** All records, checked as in every other place: seals, chain, and that segments and epochs follow each other. Throws a StoreError when the store cannot be read. */
export async function * readArchive (access: ArchiveAccess, hooks: ReadHooks): AsyncGenerator<TrailEntry> {
  const names = await listArchive(access)
  const beginnings = await readArchiveBeginnings(access)
  let state: ReaderState | undefined
  for (const [at, name] of names.entries()) {
    const place = parseArchiveName(name) as NonNullable<ReturnType<typeof parseArchiveName>>
    if (state?.writer !== place.writer || state.epoch !== place.epoch) {
      const previous: ReaderState | undefined = state?.writer === place.writer ? state : undefined
      const beginning = previous === undefined ? findBeginning(beginnings, place) : undefined
      state = createEpochState(place, { keys: access.auditKeys, previous, hooks, beginning })
    }
    yield * readSegment(await access.store.get(name), { ...access, name, state })
    hooks.onProgress?.(at + 1, names.length)
  }
}

/** One segment by itself: whether it is genuine, and its records in their chain from the hash that its manifest begins with. */
export async function readWholeSegment (access: ArchiveAccess, name: string): Promise<{ readonly manifest: Manifest | undefined, readonly entries: readonly TrailEntry[] }> {
  const place = parseArchiveName(name) as NonNullable<ReturnType<typeof parseArchiveName>>
  const bytes = await access.store.get(name)
  const decoded = bytes === undefined ? undefined : decodeSegment(bytes, name, access.keys)
  if (decoded === undefined || 'problem' in decoded) return { manifest: undefined, entries: [] }
  const { manifest } = decoded
  const beginning = manifest.first === 1 ? undefined : { ...place, seq: manifest.first - 1, hash: manifest.before }
  const state = createEpochState(place, { keys: access.auditKeys, previous: undefined, hooks: {}, beginning })
  const entries: TrailEntry[] = []
  for await (const entry of readSegment(bytes, { ...access, name, state })) entries.push(entry)
  return { manifest, entries }
}

type SegmentReading = ArchiveAccess & { readonly name: string, readonly state: ReaderState }

async function * readSegment (bytes: Buffer | undefined, { name, keys, auditKeys, state }: SegmentReading): AsyncGenerator<TrailEntry> {
  const decoded = bytes === undefined ? undefined : decodeSegment(bytes, name, keys)
  if (decoded === undefined || 'problem' in decoded) { yield damaged(state, ['header']); return }
  const { manifest } = decoded
  if (manifest.key !== auditKeys.of(manifest.epoch).id) { yield damaged(state, ['key']); return }
  let before = manifest.before
  for (const [at, archived] of decoded.records().entries()) {
    const rebuilt = rebuildRecord(archived, { seq: manifest.first + at, before, manifest, auditKeys })
    before = rebuilt.record.hash
    yield readRecord(rebuilt, state)
  }
}

interface Rebuilding { readonly seq: number, readonly before: string, readonly manifest: Manifest, readonly auditKeys: AuditKeys }

/** The record as it lay in the spool, sealed again. */
function rebuildRecord ({ salted, leaf, clear }: ArchivedRecord, { seq, before, manifest, auditKeys }: Rebuilding): { readonly record: AuditRecord, readonly clear: string } {
  const keys = auditKeys.forEpoch(manifest.writer, manifest.epoch)
  const leafOf = salted === undefined ? leaf ?? '' : hash('sha256', salted, 'base64url')
  const fields = clear ?? clearOf(readEventText(salted as Buffer), tokeniserOf(auditKeys, manifest.epoch))
  const record = { seq, ...fields, leaf: leafOf, hash: chainNext(before, seq, leafOf) }
  const text = formatClear(record)
  const seal = salted === undefined ? '' : closeSeal(salted, keys.seal, placeOf(placeText(manifest), seq))
  return { record: { ...record, mac: macOf(text, keys.mac), seal }, clear: text }
}

/** The clear fields that follow from an event. */
export function clearOf (event: AuditEvent, tokeniser: Tokeniser): NonNullable<ArchivedRecord['clear']> {
  return { time: event.time, kind: event.kind, outcome: outcomeOf(event), tokens: tokeniser.tokensOf(event) }
}
