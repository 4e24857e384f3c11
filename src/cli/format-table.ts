// Answers as a table for a terminal: one line each where it is wide enough, else two. Of a long text the rest is cut, of an id nothing. It decides nothing.
import { pad, type TimeZone } from '../shared/time-zone.ts'
import type { Row } from '../operations/ask-trail.ts'
import { formatTarget } from './format-event.ts'
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

interface Column {
  readonly title: string
  /** 0: what is left of the line. */
  readonly width: number
  /** It goes into a second line where one is too short. */
  readonly isSecond?: boolean
  text (row: Row, zone: TimeZone): string
}

const textOf = (value: unknown) => value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value)

function describeTarget ({ recordType, record, patient, method, path, route, facts, description, recipient }: Row): string {
  const name = recordType === undefined ? '' : record === undefined ? `patient ${textOf(patient)}` : `${textOf(recordType)} ${textOf(record)}`
  const of = patient === undefined || record === undefined || patient === record ? '' : ` (patient ${textOf(patient)})`
  if (recipient !== undefined) return `${textOf(description)} to ${textOf(recipient)}`
  const about = name === '' ? '' : `${name}${of}  `
  const done = facts === undefined ? '' : Object.entries(facts as object).map(([key, value]) => `${key}=${String(value)}`).join(' ')
  return `${about}${[textOf(method), formatTarget({ path, route })].filter(part => part !== '').join(' ')}${done === '' ? '' : `  ${done}`}`.trim()
}

const columns: readonly Column[] = [
  { title: 'time', width: 19, text: ({ time }, zone) => formatMoment(Date.parse(String(time)), zone) },
  { title: 'kind', width: 19, text: ({ kind }) => textOf(kind) },
  { title: 'outcome', width: 9, text: ({ outcome, status }) => textOf(outcome === 'completed' && status !== undefined ? status : outcome) },
  { title: 'person', width: 24, text: ({ person, name }) => textOf(person ?? name) },
  { title: 'address', width: 15, text: ({ address }) => textOf(address) },
  { title: 'what', width: 0, isSecond: true, text: describeTarget },
  { title: 'why', width: 26, isSecond: true, text: ({ reason, problems }) => `${problems === undefined ? '' : `!! ${textOf(problems)} `}${textOf(reason)}` },
  { title: 'id', width: 16, isSecond: true, text: ({ id }) => textOf(id) },
]

const gap = '  '
const leastWhat = 24
const leastPerson = 10

const indent = '    '

interface Table { readonly zone: TimeZone, readonly width: number }

/** `undefined` is the head. */
export function formatTableLines (row: Row | undefined, table: Table): readonly string[] {
  if (lengthOf(columns) + leastWhat <= table.width) return [formatCells(row, columns, table)]
  const [whole, second] = [columns.filter(({ isSecond }) => isSecond !== true), columns.filter(({ isSecond }) => isSecond === true)]
  const tooMuch = Math.max(0, lengthOf(whole) - table.width)
  const first = whole.map(column => column.title === 'person' ? { ...column, width: Math.max(leastPerson, column.width - tooMuch) } : column)
  return [formatCells(row, first, table), `${indent}${formatCells(row, second, { ...table, width: table.width - indent.length })}`]
}

/** Without the column that takes what is left. */
function lengthOf (some: readonly Column[]): number {
  return some.reduce((sum, column) => sum + column.width, 0) + gap.length * (some.length - 1)
}

function formatCells (row: Row | undefined, some: readonly Column[], { zone, width }: Table): string {
  return some.map(column => {
    const size = column.width === 0 ? Math.max(leastWhat, width - lengthOf(some)) : column.width
    const text = plain(row === undefined ? column.title : column.text(row, zone))
    return text.length > size && column.title !== 'id' ? `${text.slice(0, size - 1)}…` : text.padEnd(size)
  }).join(gap).trimEnd()
}
