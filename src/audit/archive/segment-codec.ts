// A segment of the archive: a signed manifest, and records that are opened, put together, compressed and sealed again, because what is sealed record by record
// cannot be compressed. Salt and text of each record are kept, so that leaf, chain and keyed digest come out as they were written.
import { hash, randomBytes } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { canonicalJson } from '../canonical-json.ts'
import { saltBytes } from '../event-text.ts'
import { openBytes, sealBytes } from '../seal-bytes.ts'
import type { SegmentPlace } from '../segment.ts'
import type { Tokens } from '../tokens.ts'
import type { ArchiveKeys } from './archive-keys.ts'

export interface Manifest extends SegmentPlace {
  readonly v: 1
  /** The first and the last record in it. */
  readonly first: number
  readonly last: number
  /** Hash of the record before the first, and of the last one. */
  readonly before: string
  readonly after: string
  /** Times of the oldest and the newest record, milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** `AuditKey.id` of the epoch. */
  readonly key: string
  readonly archiveKey: string
  /** The segment's own key, wrapped. */
  readonly wrapped: string
  /** SHA-256 and length of the sealed part. */
  readonly sha256: string
  readonly bytes: number
  /** How often it was written anew with less in it; left out when never. */
  readonly revision?: number
}

/** A record as the archive keeps it. */
export interface ArchivedRecord {
  /** Salt ‖ canonical text; or, when its content was shredded, nothing. */
  readonly salted: Buffer | undefined
  /** Only of a shredded one. */
  readonly leaf: string | undefined
  /** Clear fields that do not follow from the text: a shortened event has lost the words that its tokens were made of. */
  readonly clear: { readonly time: number, readonly kind: string, readonly outcome: string, readonly tokens: Tokens } | undefined
}

export type ManifestFacts = Pick<Manifest, 'gateway' | 'writer' | 'epoch' | 'first' | 'last' | 'before' | 'after' | 'from' | 'to' | 'key' | 'revision'>
type SegmentName = Pick<Manifest, 'gateway' | 'writer' | 'epoch' | 'first' | 'last'> & { readonly revision?: number | undefined }

const compressionLevel = 12
/** A segment that says it is larger is not ours. */
const largestText = 1024 ** 3

export const padNumber = (number: number) => String(number).padStart(12, '0')

export function nameArchiveSegment ({ gateway, writer, epoch, first, last, revision }: SegmentName): string {
  return `${gateway}/${writer}/${padNumber(epoch)}/${padNumber(first)}-${padNumber(last)}${revision === undefined ? '' : `.r${revision}`}.segment`
}

/** What a name says; nothing in it is proven. */
export function parseArchiveName (name: string): (SegmentPlace & { readonly first: number, readonly last: number, readonly revision: number }) | undefined {
  const match = /^([a-z][a-z0-9-]{0,62})\/([A-Za-z0-9_-]{1,64})\/(\d{12})\/(\d{12})-(\d{12})(?:\.r([1-9]\d{0,5}))?\.segment$/.exec(name)
  if (match === null) return undefined
  return { gateway: match[1] as string, writer: match[2] as string, epoch: Number(match[3]), first: Number(match[4]), last: Number(match[5]), revision: Number(match[6] ?? 0) }
}

/** Whether a segment of this name has a record of this number. */
export function spansRecord (name: string, seq: number): boolean {
  const parsed = parseArchiveName(name)
  return parsed !== undefined && parsed.first <= seq && parsed.last >= seq
}

const placeOfSegment = (facts: SegmentName) => `sallyport archive 1:${nameArchiveSegment(facts)}`

/** The bytes of a segment. */
export function encodeSegment (facts: ManifestFacts, records: readonly ArchivedRecord[], keys: ArchiveKeys): Buffer {
  const place = placeOfSegment(facts)
  const segmentKey = randomBytes(32)
  const body = sealBytes(packRecords(records), segmentKey, place)
  const manifest: Manifest = {
    v: 1, ...facts, archiveKey: keys.id, wrapped: keys.wrap(segmentKey, place), sha256: hash('sha256', body, 'base64url'), bytes: body.length,
  }
  const line = Buffer.from(`${canonicalJson(manifest)}\n`)
  return Buffer.concat([line, Buffer.from(`${keys.sign(line)}\n`), body])
}

export type Decoded =
  | { readonly manifest: Manifest, records (): readonly ArchivedRecord[] }
  /** One sentence's end. */
  | { readonly problem: string }

/** Checks signature, digest and place before anything is believed. `records()` throws a RangeError when the sealed part does not hold what its seal proves: our own mistake. */
export function decodeSegment (bytes: Buffer, name: string, keys: ArchiveKeys): Decoded {
  const lineEnd = bytes.indexOf(0x0A) + 1
  const bodyStart = bytes.indexOf(0x0A, lineEnd) + 1
  if (lineEnd === 0 || bodyStart === 0 || bodyStart > 8192) return { problem: 'is not a segment of an archive' }
  const line = bytes.subarray(0, lineEnd)
  if (!keys.isGenuine(line, bytes.toString('latin1', lineEnd, bodyStart - 1))) return { problem: 'is not signed with the archive\'s key' }
  const manifest = JSON.parse(line.toString()) as Manifest
  if (nameArchiveSegment(manifest) !== name) return { problem: 'stands under another name than its own' }
  const body = bytes.subarray(bodyStart)
  if (body.length !== manifest.bytes || hash('sha256', body, 'base64url') !== manifest.sha256) return { problem: 'is not what its manifest says' }
  const place = placeOfSegment(manifest)
  const segmentKey = keys.unwrap(manifest.wrapped, place)
  const packed = segmentKey === undefined ? undefined : openBytes(body, segmentKey, place)
  if (packed === undefined) return { problem: 'cannot be opened with the archive\'s key' }
  return { manifest, records: () => unpackRecords(packed) }
}

/** Salts cannot be compressed and stand apart; texts stand one a line, beginning with what does not follow from them. */
function packRecords (records: readonly ArchivedRecord[]): Buffer {
  const salts: Buffer[] = []
  const lines: Buffer[] = []
  for (const { salted, leaf, clear } of records) {
    salts.push(salted === undefined ? Buffer.alloc(saltBytes) : salted.subarray(0, saltBytes))
    lines.push(Buffer.from(`${clear === undefined ? '' : JSON.stringify(clear)}\t${leaf ?? ''}\t`), salted === undefined ? Buffer.alloc(0) : salted.subarray(saltBytes), Buffer.from('\n'))
  }
  const count = Buffer.alloc(4)
  count.writeUInt32BE(records.length)
  const text = zstdCompressSync(Buffer.concat(lines), { params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } })
  return Buffer.concat([count, ...salts, text])
}

function unpackRecords (packed: Buffer): readonly ArchivedRecord[] {
  const count = packed.readUInt32BE(0)
  const text = zstdDecompressSync(packed.subarray(4 + count * saltBytes), { maxOutputLength: largestText })
  const records: ArchivedRecord[] = []
  let at = 0
  for (let number = 0; number < count; number += 1) {
    const end = text.indexOf(0x0A, at)
    const clearEnd = text.indexOf(0x09, at)
    const leafEnd = text.indexOf(0x09, clearEnd + 1)
    if (end < 0 || clearEnd < 0 || leafEnd < 0 || leafEnd > end) throw new RangeError('a segment of the archive ends early')
    const leaf = text.toString('latin1', clearEnd + 1, leafEnd)
    const salt = packed.subarray(4 + number * saltBytes, 4 + (number + 1) * saltBytes)
    records.push({
      salted: leaf === '' ? Buffer.concat([salt, text.subarray(leafEnd + 1, end)]) : undefined,
      leaf: leaf === '' ? undefined : leaf,
      clear: clearEnd === at ? undefined : JSON.parse(text.toString('utf8', at, clearEnd)) as NonNullable<ArchivedRecord['clear']>,
    })
    at = end + 1
  }
  return records
}
