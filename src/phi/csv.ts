// Reads CSV (RFC 4180) with a header row and rewrites its fields in place: each row is an item of a list, each column a name. A header that the policy does not name is replaced,
// because a file without a header begins with somebody's data.
import { applyEdits, type Edit } from './edits.ts'
import { Hold } from './hold.ts'
import { itemName } from './path-pattern.ts'
import type { Spot, Visitor } from './visitor.ts'

const separators = [',', ';', '\t', '|'] as const

interface Field {
  readonly start: number
  readonly end: number
  readonly value: string
  readonly isLast: boolean
}

/** The separator that the first line uses most, outside quotes. */
function findSeparator (text: string): string {
  const counts = new Map<string, number>(separators.map(separator => [separator, 0]))
  let isQuoted = false
  for (const letter of text.slice(0, 65_536)) {
    if (letter === '"') isQuoted = !isQuoted
    else if (!isQuoted && (letter === '\n' || letter === '\r')) break
    else if (!isQuoted && counts.has(letter)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  }
  return [...counts].reduce((best, entry) => entry[1] > best[1] ? entry : best)[0]
}

function readQuoted (text: string, start: number): { readonly value: string, readonly end: number } {
  let from = start + 1
  let value = ''
  for (;;) {
    const quote = text.indexOf('"', from)
    // Some programs write a backslash before a quote that is not the end of the field, and then the columns behind it are others.
    if (quote === -1 || (quote > from && text[quote - 1] === '\\')) throw new Hold('notCsv')
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}

function * readFields (text: string, separator: string): Generator<Field> {
  const plain = new RegExp(`[^"\r\n${separator === '|' ? '\\|' : separator}]*`, 'y')
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  for (;;) {
    const start = at
    let value: string
    if (text[at] === '"') ({ value, end: at } = readQuoted(text, at))
    else {
      plain.lastIndex = at
      value = plain.exec(text)?.[0] ?? ''
      at += value.length
    }
    const next = text[at]
    if (next !== undefined && next !== separator && next !== '\n' && next !== '\r') throw new Hold('notCsv')
    yield { start, end: at, value, isLast: next !== separator }
    if (next === undefined) return
    at += next === '\r' && text[at + 1] === '\n' ? 2 : 1
    if (at === text.length && next !== separator) return
  }
}

function write (value: string, separator: string): string {
  return value.includes(separator) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** Throws a Hold for what is not CSV. */
export function rewriteCsv (text: string, visitor: Visitor, root: Spot): string {
  const separator = findSeparator(text)
  const edits: Edit[] = []
  const row = root.child(itemName)
  const columns: Spot[] = []
  let isHeader = true
  let column = 0
  for (const { start, end, value, isLast } of readFields(text, separator)) {
    if (isHeader) {
      const place = row.child(value)
      columns.push(place)
      if (!place.isNamed && value !== '') edits.push({ start, end, text: `column-${columns.length}` })
    } else {
      const answer = visitor.leaf(columns[column] ?? row.child(`column-${column + 1}`), value, 'string')
      // A column stays where it is, so what is taken out leaves an empty field.
      if (answer !== undefined) edits.push({ start, end, text: write(answer ?? '', separator) })
    }
    // A row that is shorter than the header is a part of one: a line break stood in a field without quotes. An empty line is none.
    if (isLast && !isHeader && column + 1 < columns.length && (column > 0 || value !== '')) throw new Hold('notCsv')
    column = isLast ? 0 : column + 1
    if (isLast) isHeader = false
  }
  return applyEdits(text, edits)
}
