// A segment: one file of the spool, a header line and then one record a line. The header says where the segment stands in the chain and which
// exchanges were still open when it began, so that a restart reads one segment and not the whole spool.
import { chainStart } from './chain.ts'
import type { EpochKeys } from './keys.ts'
import { isSameText, macOf } from './record-form.ts'
import { closeSeal, openSeal } from './seal.ts'

export interface SegmentPlace {
  readonly gateway: string
  readonly writer: string
  readonly epoch: number
}

export interface SegmentHeader extends SegmentPlace {
  /** Number of the segment in its epoch, from 0. */
  readonly index: number
  /** The first record of this segment. Records from this number on in an earlier segment were never acknowledged there and do not count. */
  readonly first: number
  /** Hash of the record before `first`, base64url. */
  readonly before: string
  /** `AuditKeys.id` of the key that it is sealed with. */
  readonly keyId: string
}

const segmentName = /^(\d{12})-(\d{6})\.audit$/

export function nameSegment (epoch: number, index: number): string {
  return `${String(epoch).padStart(12, '0')}-${String(index).padStart(6, '0')}.audit`
}

function parseSegmentName (name: string): { readonly name: string, readonly epoch: number, readonly index: number } | undefined {
  const match = segmentName.exec(name)
  return match === null ? undefined : { name, epoch: Number(match[1]), index: Number(match[2]) }
}

/** Segment files among `names`, oldest first. */
export function listSegments (names: readonly string[]) {
  return names.map(parseSegmentName).filter(segment => segment !== undefined).sort((a, b) => a.epoch - b.epoch || a.index - b.index)
}

/** Files among `names` that stood in a segment's place once, or were to: what `restoreSegment` kept, and what it did not finish. */
export function listCopies (names: readonly string[]): readonly string[] {
  return names.filter(name => /^\d{12}-\d{6}\.audit\.(?:restoring|stranger-[\w-]+)$/.test(name))
}

/** What every sealed part of this epoch is bound to, before the record's number. */
export function placeText ({ gateway, writer, epoch }: SegmentPlace): string {
  return `sallyport audit 1:${gateway}:${writer}:${epoch}`
}

export function startOf ({ gateway, writer, epoch }: SegmentPlace): string {
  return chainStart(gateway, writer, epoch)
}

/** The header line, without its line break. `open` are the exchanges without an ending, as `openExchanges` names them. */
export function formatHeader (header: SegmentHeader, open: readonly string[], keys: EpochKeys): string {
  const sealed = closeSeal(Buffer.from(JSON.stringify(open)), keys.seal, Buffer.from(`${placeText(header)}:segment ${header.index}`))
  const clear = `{"v":1,"segment":${header.index},"gateway":"${header.gateway}","writer":"${header.writer}","epoch":${header.epoch},` +
    `"first":${header.first},"before":"${header.before}","key":"${header.keyId}","open":"${sealed}"`
  return `${clear},"mac":"${macOf(clear, keys.mac)}"}`
}

const headerShape = new RegExp('^(?<clear>\\{"v":1,"segment":(?<index>0|[1-9][0-9]{0,5}),"gateway":"(?<gateway>[a-z][a-z0-9-]{0,62})","writer":"(?<writer>[A-Za-z0-9_-]{1,64})",' +
  '"epoch":(?<epoch>[1-9][0-9]{0,11}),"first":(?<first>[1-9][0-9]{0,14}),"before":"(?<before>[A-Za-z0-9_-]{43})","key":"(?<keyId>[A-Za-z0-9_-]{11})",' +
  '"open":"(?<open>[A-Za-z0-9_-]+)"),"mac":"(?<mac>[A-Za-z0-9_-]{22})"\\}$')

/** A header line taken apart; nothing in it is proven before `openHeader`. */
export function parseHeader (line: string): { readonly header: SegmentHeader, readonly clear: string, readonly open: string, readonly mac: string } | undefined {
  const groups = headerShape.exec(line)?.groups
  if (groups === undefined) return undefined
  const part = (name: string) => groups[name] as string
  const header = {
    index: Number(part('index')),
    gateway: part('gateway'),
    writer: part('writer'),
    epoch: Number(part('epoch')),
    first: Number(part('first')),
    before: part('before'),
    keyId: part('keyId'),
  }
  return { header, clear: part('clear'), open: part('open'), mac: part('mac') }
}

/** The exchanges that were open, or undefined when the header is not genuine. */
export function openHeader (parsed: NonNullable<ReturnType<typeof parseHeader>>, keys: EpochKeys): readonly string[] | undefined {
  if (!isSameText(macOf(parsed.clear, keys.mac), parsed.mac)) return undefined
  const plain = openSeal(parsed.open, keys.seal, Buffer.from(`${placeText(parsed.header)}:segment ${parsed.header.index}`))
  return plain === undefined ? undefined : JSON.parse(plain.toString()) as string[]
}
