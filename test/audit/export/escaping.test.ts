// Whatever a value is, it cannot break out of its field: CSV, CEF and syslog, each read back by a strict parser.
import fc from 'fast-check'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { csvCell, csvLine } from '../../../src/audit/export/csv.ts'
import { cefHeader, cefLine, cefValue } from '../../../src/audit/export/cef.ts'
import { escapeParam, formatSyslog, frame, headerField } from '../../../src/audit/feeds/syslog-message.ts'
import { admit, nurse } from '../../support/patient-trail.ts'
import { foundOf } from '../../support/fixed-found.ts'
import { parseCef } from './parse-cef.ts'

const seed = Date.now() % 2 ** 31
t.comment(`fast-check seed ${seed}`)
const nasty = fc.oneof(
  fc.string({ unit: 'binary' }), fc.string(),
  fc.array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', '\'', ',', ';', '|', '\\', ']', ' ', 'a', '1', '\u2028', '\uFF1D', '<', '>'), { maxLength: 12 }).map(parts => parts.join('')),
)
const check = (property: fc.IProperty<[string]> | fc.IProperty<[string[]]>) => { fc.assert(property as fc.IProperty<[string]>, { seed, numRuns: 2000 }) }

t.test('a CSV cell comes back as it was, but for apostrophes, and is never a formula', async t => {
  check(fc.property(nasty, value => {
    const [[cell = '']] = parse(csvLine([value, 'next']), { relax_column_count: false, record_delimiter: '\r\n' }) as [string[]]
    const back = (cell.startsWith('\'') ? cell.slice(1) : cell).replace(/([;\t\r\n])'(?=[\s\p{Cc}\p{Cf}"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20'])/gu, '$1')
    if (back !== value) throw new Error('it did not come back')
    if (/^\s*[=+@\uFF1D]|^[\t\r\n]/.test(cell) || (/^\s*-/.test(cell) && !/^-?\d+(?:\.\d+)?$/.test(cell))) throw new Error('it is a formula')
  }))
  // A spreadsheet set to semicolons, or to tabs, begins a cell within the text.
  check(fc.property(nasty, value => {
    const inner = csvLine(['first', value]).slice(0, -2).split(/[;\t\r\n]/).slice(1)
    if (inner.some(part => /^[\s"]*[=+\-@\uFF1D]/.test(part))) throw new Error('it is a formula there')
  }))
  t.equal(csvCell('Mozilla; =cmd|calc'), '"Mozilla;\' =cmd|calc"')
  t.equal(csvCell('=HYPERLINK("https://evil.example")'), '"\'=HYPERLINK(""https://evil.example"")"')
  t.equal(csvCell('-5'), '"-5"', 'a number stays a number')
  t.equal(csvCell('-5+cmd'), '"\'-5+cmd"')
})

t.test('rows stay rows, whatever is in the cells', async () => {
  check(fc.property(fc.array(nasty, { minLength: 2, maxLength: 5 }), cells => {
    const rows = parse(csvLine(cells) + csvLine(cells), { record_delimiter: '\r\n' }) as string[][]
    if (rows.length !== 2 || rows.some(row => row.length !== cells.length)) throw new Error('it broke out')
  }))
})

t.test('a CEF value comes back, or its control characters are blanks; it begins no field and no line', async t => {
  check(fc.property(nasty, value => {
    const line = `CEF:0|a|b|${cefHeader(value)}|d|e|3|msg=${cefValue(value)} act=end`
    if (/[\n\r\u2028\u2029]/.test(line)) throw new Error('it is two lines')
    const { header, fields } = parseCef(line)
    const blank = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    if (header[3] !== blank(value)) throw new Error('the head is another')
    if (fields.get('act') !== 'end' || blank(fields.get('msg') ?? '') !== blank(value) || fields.size !== 2) throw new Error('the value is another')
  }))
  const event = admit('x', 0, { who: { ...nurse, name: 'A|B=C\nsrc=198.51.100.1 \\' }, what: { path: '/a act=forged' } })
  const { fields } = parseCef(cefLine(foundOf(event), { version: '1' }))
  t.equal(fields.get('src'), '203.0.113.7')
  t.equal(fields.get('act'), 'read')
  t.equal(fields.get('suser'), 'A|B=C\nsrc=198.51.100.1 \\')
})

t.test('a syslog message is one message in one frame', async () => {
  check(fc.property(nasty, value => {
    const message = formatSyslog({ severity: 'info', time: 0, host: value, kind: value, version: value, seq: 1, text: value })
    if (/[\p{Cc}]/u.test(message)) throw new Error('a control character')
    const match = /^<110>1 1970-01-01T00:00:00\.000Z ([!-~]{1,255}) sallyport - ([!-~]{1,32}) \[origin software="Sallyport" swVersion="((?:[^"\\\]]|\\["\\\]])*)"\]\[meta sequenceId="1"\] (.*)$/su.exec(message)
    if (match === null) throw new Error(`not RFC 5424: ${message}`)
    const blank = (text: string) => text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    if (match[3]?.replace(/\\(["\\\]])/g, '$1') !== blank(value) || match[4] !== blank(value)) throw new Error('it did not come back')
    const bytes = frame(message).toString('latin1')
    const [length = ''] = bytes.split(' ', 1)
    if (Number(length) !== bytes.length - length.length - 1) throw new Error('the count of octets is wrong')
    if (headerField(value, 5).includes(' ') || /(?<!\\)(?:\\\\)*["\]]/.test(escapeParam(value))) throw new Error('it broke out')
  }))
})
