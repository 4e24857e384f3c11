// How the trail lies in Redis: one stream for each writer and epoch, one entry for each record, its number in the entry's id; and a registry of the
// streams, so that readers find every writer.
import type { RedisClient } from '../shared/redis.ts'
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

/** The fields of an entry: all of them, in this order, since Redis keeps names once for entries that have the same. */
export const streamFields = ['v', 't', 'k', 'o', ...tokenNames, 'leaf', 'hash', 'mac', 'seal'] as const

/** The values of a record's fields, empty ones for those that it does not have: what is base64url in a line of the spool is its bytes here. */
export function toValues ({ time, kind, outcome, tokens, leaf, hash, mac, seal }: AuditRecord): Array<string | Buffer> {
  return ['1', String(time), kind, outcome, ...tokenNames.map(name => toBytes(tokens[name] ?? '')), toBytes(leaf), toBytes(hash), toBytes(mac), toBytes(seal)]
}

/** The bytes of a digest as a record has it. */
export function toBytes (text: string): Buffer {
  return Buffer.from(text, 'base64url')
}

export interface StreamEntry {
  /** `<number>-<number>`. */
  readonly id: string
  /** Names and values in turn. */
  readonly fields: readonly Buffer[]
}

/** As much of a client as streams need. */
export type StreamClient = Pick<RedisClient, 'call' | 'callBuffer'>

/** At most `count` entries from one id to another, `(` before an id leaves it out. Throws a RedisError. */
export async function readEntries (client: Pick<StreamClient, 'callBuffer'>, stream: string, { from, to = '+', count }: { readonly from: string, readonly to?: string, readonly count: number }): Promise<readonly StreamEntry[]> {
  return toEntries(await client.callBuffer('XRANGE', stream, from, to, 'COUNT', count))
}

/** The last entry of a stream. */
export async function readTop (client: Pick<StreamClient, 'callBuffer'>, stream: string): Promise<StreamEntry | undefined> {
  return toEntries(await client.callBuffer('XREVRANGE', stream, '+', '-', 'COUNT', 1))[0]
}

function toEntries (answer: unknown): readonly StreamEntry[] {
  return (answer as Array<[Buffer, Buffer[]]>).map(([id, fields]) => ({ id: id.toString('latin1'), fields }))
}

/** The record of an entry, taken apart as a line of the spool is, or undefined when it is not one of ours. */
export function parseEntry ({ id, fields }: StreamEntry): ReturnType<typeof parseLine> {
  const seq = /^([1-9][0-9]{0,14})-0$/.exec(id)?.[1]
  const isAsWritten = fields.length === streamFields.length * 2 && fieldNames.every((name, at) => fields[at * 2]?.equals(name))
  if (seq === undefined || !isAsWritten) return undefined
  const text = (name: StreamField, encoding: 'latin1' | 'base64url' = 'base64url') => (fields[streamFields.indexOf(name) * 2 + 1] as Buffer).toString(encoding)
  if (text('v', 'latin1') !== '1') return undefined
  const tokens = Object.fromEntries(tokenNames.map(name => [name, text(name)]).filter(([, token]) => token !== ''))
  return parseLine(formatRecord({
    seq: Number(seq), time: Number(text('t', 'latin1')), kind: text('k', 'latin1'), outcome: text('o', 'latin1'), tokens, leaf: text('leaf'), hash: text('hash'), mac: text('mac'), seal: text('seal'),
  }))
}

type StreamField = typeof streamFields[number]

const fieldNames = streamFields.map(name => Buffer.from(name))
