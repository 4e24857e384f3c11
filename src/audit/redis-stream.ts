// How the trail lies in Redis: one stream for each writer and epoch, one entry for each record, its number in the entry's id; and a registry of the
// streams, so that readers find every writer.
import { formatRecord, parseLine, type AuditRecord } from './record-form.ts'
import type { SegmentPlace } from './segment.ts'
import { tokenNames } from './tokens.ts'

export function nameStream ({ gateway, writer, epoch }: SegmentPlace): string {
  return `audit:{${gateway}:${writer}:${epoch}}`
}

export function nameRegistry (gateway: string): string {
  return `audit:{${gateway}}:streams`
}

/** A stream's field in the registry; the value is the id of the key that it is sealed with. */
export function nameInRegistry ({ writer, epoch }: SegmentPlace): string {
  return `${writer}:${epoch}`
}

export function parseRegistryName (gateway: string, field: string): SegmentPlace | undefined {
  const match = /^([A-Za-z0-9_-]{1,64}):([1-9][0-9]{0,11})$/.exec(field)
  return match === null ? undefined : { gateway, writer: match[1] as string, epoch: Number(match[2]) }
}

/** Where in the registry it says with which record a writer's streams begin; no writer and epoch are named so. */
export function nameBeginnings (writer: string): string {
  return `${writer} begins`
}

/** The writer of such a field. */
export function parseBeginningsName (field: string): string | undefined {
  return /^([A-Za-z0-9_-]{1,64}) begins$/.exec(field)?.[1]
}

/** The fields of an entry, in this order; empty ones are left out. */
export const streamFields = ['v', 't', 'k', 'o', ...tokenNames, 'leaf', 'hash', 'mac', 'seal'] as const

/** The values of a record's fields, empty texts for those that it does not have. */
export function toValues (record: AuditRecord): string[] {
  return [
    '1', String(record.time), record.kind, record.outcome, ...tokenNames.map(name => record.tokens[name] ?? ''),
    record.leaf, record.hash, record.mac, record.seal,
  ]
}

/** The record of an entry, taken apart as a line of the spool is, or undefined when it is not one of ours. */
export function parseEntry (id: string, fields: readonly string[]): ReturnType<typeof parseLine> {
  const seq = /^([1-9][0-9]{0,14})-0$/.exec(id)?.[1]
  const values = new Map<string, string>()
  for (let at = 0; at + 1 < fields.length; at += 2) values.set(fields[at] as string, fields[at + 1] as string)
  const known = streamFields.filter(name => values.has(name))
  const isAsWritten = known.length * 2 === fields.length && known.every((name, at) => fields[at * 2] === name)
  if (seq === undefined || !isAsWritten || values.get('v') !== '1') return undefined
  const part = (name: string) => values.get(name) ?? ''
  const tokens = Object.fromEntries(tokenNames.filter(name => values.has(name)).map(name => [name, part(name)]))
  return parseLine(formatRecord({
    seq: Number(seq), time: Number(part('t')), kind: part('k'), outcome: part('o'), tokens, leaf: part('leaf'), hash: part('hash'), mac: part('mac'), seal: part('seal'),
  }))
}
