// CEF, the Common Event Format of ArcSight: one line an event, a head with bars and an extension of key=value. No value can begin a new field or line.
import type { AuditEvent } from '../event.ts'
import { outcomeOf } from '../questions/query.ts'
import { toRow, type Row } from '../questions/row.ts'
import type { Found } from '../questions/answer.ts'
import type { ExportContext, ExportFormat } from './format.ts'
import { severityOf } from './severity.ts'

/** Line breaks of any kind have no form in the head. */
export function cefHeader (value: string): string {
  return value.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').replace(/[\\|]/g, '\\$&')
}

/** Line breaks are written `\n` and `\r`; other control characters become blanks. */
export function cefValue (value: string): string {
  return value.replace(/[\\=]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
}

const severities = { info: '3', low: '5', medium: '7', high: '9' } as const

type Field = readonly [key: string, value: string | number | undefined]

const joined = (value: Row[keyof Row]) => Array.isArray(value) ? value.join(' ') : value as string | number | undefined

/** `cs1` with what it means. There are six. */
const custom = (place: number, label: string, value: string | number | undefined): readonly Field[] => value === undefined ? [] : [[`cs${place}Label`, label], [`cs${place}`, value]]

function fieldsOf (row: Row, event: AuditEvent): readonly Field[] {
  const text = (name: keyof Row) => joined(row[name])
  return [
    ['rt', event.time],
    ['externalId', `${String(text('writer'))}/${String(text('epoch'))}/${String(text('seq'))}`],
    ['outcome', text('outcome')],
    ['act', text('access')],
    ['suid', text('person')],
    ['suser', text('name')],
    ['spriv', text('roles')],
    ['src', text('address')],
    ['dhost', text('host')],
    ['requestMethod', text('method')],
    ['request', text('path')],
    ['reason', text('reason')],
    ['in', text('bytesIn')],
    ['out', text('bytesOut')],
    ['cnt', text('count')],
    ...custom(1, 'status', text('status')),
    ...custom(2, 'route', text('route')),
    ...custom(3, 'patient', text('patient')),
    ...custom(4, 'record', row.record === undefined ? undefined : `${String(text('recordType'))}/${String(text('record'))}`),
    ...custom(5, 'rule', text('rule')),
    ...custom(6, 'requestId', text('id')),
    ...(event.facts?.['addressToken'] === undefined ? [] : [['flexString1Label', 'addressToken'], ['flexString1', String(event.facts['addressToken'])]] as const),
  ]
}

export function cefLine (found: Found, { version }: Pick<ExportContext, 'version'>): string {
  const { event } = found
  const head = ['CEF:0', 'Sallyport', 'Gateway', version, event.kind, `${event.kind.replace('.', ' ')}, ${outcomeOf(event)}`].map(cefHeader).join('|')
  const fields = fieldsOf(toRow(found), event).flatMap(([key, value]) => value === undefined || value === '' ? [] : [`${key}=${cefValue(String(value))}`])
  return `${head}|${severities[severityOf(event)]}|${fields.join(' ')}`
}

export function createCef (context: ExportContext): ExportFormat {
  return { file: 'records.cef', begin: () => '', add: found => `${cefLine(found, context)}\n`, end: () => '' }
}
