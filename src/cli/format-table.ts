// Answers as a table for a terminal: as many columns as fit, the rest of a long text cut. It decides nothing.
import { pad, type TimeZone } from '../shared/time-zone.ts'
import type { Row } from '../operations/ask-trail.ts'
import { plain } from './output.ts'

/** `2026-11-24 09:00:01` in a zone. */
export function formatMoment (time: number, zone: TimeZone): string {
  const { hour, minute, second } = zone.civilOf(time)
  return `${zone.dayOf(time)} ${pad(hour)}:${pad(minute)}:${pad(second)}`
}

/** `09:00` in a zone. */
export function formatTimeOfDay (time: number, zone: TimeZone): string {
  const { hour, minute } = zone.civilOf(time)
  return `${pad(hour)}:${pad(minute)}`
}

interface Column { readonly title: string, readonly width: number, text (row: Row, zone: TimeZone): string }

const textOf = (value: unknown) => value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value)

function describeTarget ({ recordType, record, patient, method, path, route, facts, description, recipient }: Row): string {
  const name = recordType === undefined ? '' : record === undefined ? `patient ${textOf(patient)}` : `${textOf(recordType)} ${textOf(record)}`
  const of = patient === undefined || record === undefined || patient === record ? '' : ` (patient ${textOf(patient)})`
  if (recipient !== undefined) return `${textOf(description)} to ${textOf(recipient)}`
  const about = name === '' ? '' : `${name}${of}  `
  const done = facts === undefined ? '' : Object.entries(facts as object).map(([key, value]) => `${key}=${String(value)}`).join(' ')
  return `${about}${[textOf(method), textOf(path ?? route)].filter(part => part !== '').join(' ')}${done === '' ? '' : `  ${done}`}`.trim()
}

const columns: readonly Column[] = [
  { title: 'time', width: 19, text: ({ time }, zone) => formatMoment(Date.parse(String(time)), zone) },
  { title: 'kind', width: 19, text: ({ kind }) => textOf(kind) },
  { title: 'outcome', width: 9, text: ({ outcome, status }) => textOf(outcome === 'completed' && status !== undefined ? status : outcome) },
  { title: 'person', width: 24, text: ({ person, name }) => textOf(person ?? name) },
  { title: 'address', width: 15, text: ({ address }) => textOf(address) },
  { title: 'what', width: 0, text: describeTarget },
  { title: 'why', width: 26, text: ({ reason, problems }) => `${problems === undefined ? '' : `!! ${textOf(problems)} `}${textOf(reason)}` },
]

const gap = '  '
const leastWhat = 24

/** `undefined` is the head. */
export function formatTableLine (row: Row | undefined, { zone, width }: { readonly zone: TimeZone, readonly width: number }): string {
  const fixed = columns.reduce((sum, column) => sum + column.width, 0) + gap.length * (columns.length - 1)
  const cells = columns.map(column => {
    const size = column.width === 0 ? Math.max(leastWhat, width - fixed) : column.width
    const text = plain(row === undefined ? column.title : column.text(row, zone))
    return text.length > size ? `${text.slice(0, size - 1)}…` : text.padEnd(size)
  })
  return cells.join(gap).trimEnd()
}
