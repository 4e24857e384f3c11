// CSV as in RFC 4180, which a spreadsheet may open: no cell is taken for a formula. Every row has the same fields in the same order.
import { rowFields, toRow, type Row } from '../questions/row.ts'
import type { ExportFormat } from './format.ts'

/** What a spreadsheet takes for the beginning of a formula; some look past blanks, and full-width signs count too. */
const formula = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u
const plainNumber = /^-?\d+(?:\.\d+)?$/

/** Where a spreadsheet that takes another separator for granted, or no notice of the quotes, begins a new cell. */
const innerFormula = /([;\t\r\n])(?=[\s\p{Cc}\p{Cf}"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20'])/gu

/**
 * One cell, always in quotes. A text that would be a formula gets an apostrophe before it, also within the text where a cell could begin, and so does one that
 * begins with an apostrophe: so taking one apostrophe away in each of these places gives every text back.
 */
export function csvCell (value: string): string {
  const isSafe = plainNumber.test(value) || !(formula.test(value) || value.startsWith('\''))
  return `"${isSafe ? '' : '\''}${value.replace(innerFormula, '$1\'').replaceAll('"', '""')}"`
}

function textOf (value: Row[keyof Row]): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.join('; ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function csvLine (cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

export function createCsv (): ExportFormat {
  return {
    file: 'records.csv',
    // With a byte order mark, or Excel reads UTF-8 as something else.
    begin: () => `\uFEFF${csvLine(rowFields)}`,
    add (found) {
      const row = toRow(found)
      return csvLine(rowFields.map(name => textOf(row[name])))
    },
    end: () => '',
  }
}
