// The options that all questions to the trail share, and what is wrong with them in words.
import { isIP } from 'node:net'
import { findClosestWord } from '../shared/closest-word.ts'
import { createTimeZone, type TimeZone } from '../shared/time-zone.ts'
import type { TrailQuery } from '../operations/ask-trail.ts'
import { UsageError, type CommandOption } from './command.ts'
import { plain } from './output.ts'
import { readMoment } from './read-moment.ts'
import { defaultConfigFile } from './serve.ts'

type Options = Readonly<Record<string, CommandOption>>

export const filterOptions: Options = {
  patient: { value: 'ID', help: 'Only what concerns this patient.' },
  person: { value: 'ID', help: 'Only what this person did; the id as in the trail.' },
  record: { value: 'TYPE/ID', help: 'Only what concerns this record: appointment/88.' },
  address: { value: 'IP', help: 'Only what came from this address.' },
  id: { value: 'ID', help: 'Only this request: the number on the page that a person was shown, or the id of a record.' },
  kind: { value: 'KIND', help: 'A kind of event (request.denied, session, message) or of access (read, update, delete, export).' },
  outcome: { value: 'OUTCOME', help: 'admitted, completed, refused, failed, abandoned; a status (404, 5xx); a reason (session.idle); or what a trial would have done (wouldRefuse, wouldAllow, wouldMask).' },
}

export const rangeOptions: Options = {
  from: { value: 'TIME', help: 'Begin: 2026-11-01, 2026-11-01T08:30, or so long ago: 90m, 12h, 30d.' },
  to: { value: 'TIME', help: 'End, in the same forms; a day is meant with its last minute. Default: now.' },
  'time-zone': { value: 'ZONE', help: 'Zone of the times that you write and read: Europe/Berlin, America/Chicago. Default: UTC.' },
}

export const askingOptions: Options = {
  reason: { value: 'TEXT', help: 'Why you ask: each question is on record with its reason.', isNeeded: true },
  config: { value: 'FILE', help: `The configuration. Default: ${defaultConfigFile} in this directory.` },
}

export interface Asked {
  readonly configFile: string
  readonly query: TrailQuery
  readonly reason: string
  readonly zone: TimeZone
}

type Given = ReadonlyMap<string, string>

/** Throws a UsageError. `now` is when the question is asked, in milliseconds. */
export function readAsked (options: Given, words: { readonly kinds: readonly string[], readonly outcomes: readonly string[], readonly now: number }): Asked {
  const zone = readZone(options)
  const { from, to = words.now } = readTimes(options, words.now)
  if (from !== undefined && from >= to) throw new UsageError(emptyRange)
  return {
    configFile: options.get('config') ?? defaultConfigFile,
    reason: requireReason(options),
    query: { ...readFilters(options, words), from, to },
    zone,
  }
}

const emptyRange = '--from is not before --to: nothing lies between them.'

/** --from and --to as they were given, milliseconds since the epoch. Throws a UsageError. */
export function readTimes (options: Given, now: number): { readonly from: number | undefined, readonly to: number | undefined } {
  const zone = readZone(options)
  const from = readTime(options, 'from', { zone, now })
  const to = readTime(options, 'to', { zone, now })
  if (from !== undefined && to !== undefined && from >= to) throw new UsageError(emptyRange)
  return { from, to }
}

export function requireReason (options: Given): string {
  const reason = options.get('reason')?.trim() ?? ''
  if (reason !== '') return reason.slice(0, 1024)
  throw new UsageError('Please say why you ask: --reason "…". The trail records who looks into it, and the reason is what a reviewer reads later.\nFor example: --reason "complaint 2026-114 of the patient"')
}

export function readFilters (options: Given, { kinds, outcomes }: { readonly kinds: readonly string[], readonly outcomes: readonly string[] }): Omit<TrailQuery, 'from' | 'to'> {
  const kind = options.get('kind')
  if (kind !== undefined && !kinds.includes(kind)) throw new UsageError(`--kind ${plain(kind)} is not in the trail.${suggest(kind, kinds)}\nThe kinds: ${kinds.join(', ')}.`)
  return {
    patient: options.get('patient'), person: options.get('person'), record: readRecord(options.get('record')), address: readAddress(options.get('address')), id: options.get('id'), kind, outcome: readOutcome(options.get('outcome'), outcomes),
  }
}

function suggest (word: string, known: readonly string[]): string {
  const close = findClosestWord(word, known)
  return close === undefined ? '' : ` Did you mean ${close}?`
}

function readAddress (text: string | undefined): string | undefined {
  if (text === undefined || isIP(text) !== 0) return text
  throw new UsageError(`--address ${plain(text)} is not an address: write one, 203.0.113.7 or 2001:db8::7, and no range.`)
}

function readRecord (text: string | undefined): TrailQuery['record'] {
  if (text === undefined) return undefined
  const at = text.indexOf('/')
  if (at < 1 || at === text.length - 1) throw new UsageError('--record is a type and an id with a slash between them: appointment/88.')
  return { type: text.slice(0, at), id: text.slice(at + 1) }
}

/** A word, a status, a class of statuses, or a reason, which has a dot. */
function readOutcome (text: string | undefined, words: readonly string[]): string | undefined {
  if (text === undefined || words.includes(text) || /^[1-5](?:\d\d|xx)$/.test(text) || /^[A-Za-z]+\.[A-Za-z.]+$/.test(text)) return text
  throw new UsageError(`--outcome ${plain(text)} is not known.${suggest(text, words)}\nIt is one of ${words.join(', ')}; a status, 404 or 5xx; or a reason as in docs/reference/reasons.md, session.idle.`)
}

export function readZone (options: Given): TimeZone {
  const name = options.get('time-zone') ?? 'UTC'
  const zone = createTimeZone(name)
  if (zone === undefined) throw new UsageError(`--time-zone ${plain(name)} is not known: write it as Europe/Berlin, America/Chicago or UTC.`)
  return zone
}

function readTime (options: Given, name: 'from' | 'to', context: { readonly zone: TimeZone, readonly now: number }): number | undefined {
  const text = options.get(name)
  if (text === undefined) return undefined
  const moment = readMoment(text, { ...context, isEnd: name === 'to' })
  if (moment === undefined) throw new UsageError(`--${name} ${plain(text)} is not a time: write 2026-11-01, 2026-11-01T08:30, or how long ago: 90m, 12h, 30d.`)
  return moment
}
