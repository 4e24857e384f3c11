// Checks one record against its keys and its place in the chain, and opens it. It reports what is wrong and goes on from the record's own word,
// so that one bad record does not hide the state of those after it.
import { hash } from 'node:crypto'
import { chainNext } from './chain.ts'
import type { AuditEvent } from './event.ts'
import { readEventText } from './event-text.ts'
import type { EpochKeys } from './keys.ts'
import { isSameText, macOf, type AuditRecord } from './record-form.ts'
import { openSeal, placeOf } from './seal.ts'

/**
 * form: not a record as we write it. mac: the clear fields were changed. seal: the sealed part was changed. shredded: it is not there.
 * leaf: it is not what was chained. chain: the hash does not follow from the one before. gap: records are missing. order: a number came again.
 * header: a segment's header is missing or not genuine. key: sealed with another key. torn: an unfinished line.
 * link: the epoch does not continue from the one before it.
 */
export type TrailProblem = 'form' | 'mac' | 'seal' | 'shredded' | 'leaf' | 'chain' | 'gap' | 'order' | 'header' | 'key' | 'torn' | 'link'

/** Where a reader is in one epoch. */
export interface ChainPosition { readonly seq: number, readonly head: string }

export interface Verified {
  readonly event: AuditEvent | undefined
  readonly problems: readonly TrailProblem[]
  readonly position: ChainPosition
}

export function verifyRecord (parsed: { readonly record: AuditRecord, readonly clear: string }, options: {
  readonly keys: EpochKeys,
  readonly place: string,
  readonly before: ChainPosition,
  /** Whether to open it; its place in the chain and its clear fields are checked either way. */
  readonly isWanted?: boolean,
}): Verified {
  const { record, clear } = parsed
  const { keys, place, before, isWanted = true } = options
  const problems: TrailProblem[] = []
  if (!isSameText(macOf(clear, keys.mac), record.mac)) problems.push('mac')
  if (record.seq > before.seq + 1) problems.push('gap')
  else if (record.seq <= before.seq) problems.push('order')
  else if (chainNext(before.head, record.seq, record.leaf) !== record.hash) problems.push('chain')
  const event = !isWanted ? undefined : open(record, problems, { key: keys.seal, place })
  return { event, problems, position: { seq: record.seq, head: record.hash } }
}

function open (record: AuditRecord, problems: TrailProblem[], options: { readonly key: Buffer, readonly place: string }): AuditEvent | undefined {
  if (record.seal === '') { problems.push('shredded'); return undefined }
  const plain = openSeal(record.seal, options.key, placeOf(options.place, record.seq))
  if (plain === undefined) { problems.push('seal'); return undefined }
  if (hash('sha256', plain, 'base64url') !== record.leaf) problems.push('leaf')
  return readEventText(plain)
}
