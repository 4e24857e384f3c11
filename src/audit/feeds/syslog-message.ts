// Syslog messages as in RFC 5424, in the frames of RFC 5425: no value can begin a new element, a new message or a new frame.
import type { Severity } from '../export/severity.ts'

/** RFC 5424 table 1: log audit. */
const facility = 13
const severities: Readonly<Record<Severity, number>> = { info: 6, low: 5, medium: 4, high: 2 }

export interface SyslogEntry {
  readonly severity: Severity
  /** In milliseconds. */
  readonly time: number
  readonly host: string
  /** Kind of the event: MSGID. */
  readonly kind: string
  readonly version: string
  /** Number of the record in its epoch. */
  readonly seq: number
  readonly text: string
}

/** PARAM-VALUE of RFC 5424 section 6.3.3. */
export function escapeParam (value: string): string {
  return oneLine(value).replace(/["\\\]]/g, '\\$&')
}

/** Without control characters: a receiver that writes lines must not be made to write two. */
function oneLine (text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
}

/** A header field: visible ASCII without blanks, `-` when nothing is left. */
export function headerField (value: string, longest: number): string {
  const text = value.replace(/[^\x21-\x7E]/g, '').slice(0, longest)
  return text === '' ? '-' : text
}

/** One message without its frame. `meta` and `origin` are the registered elements of RFC 5424 section 7. */
export function formatSyslog ({ severity, time, host, kind, version, seq, text }: SyslogEntry): string {
  const head = `<${facility * 8 + severities[severity]}>1 ${new Date(time).toISOString()} ${headerField(host, 255)} sallyport - ${headerField(kind, 32)}`
  return `${head} [origin software="Sallyport" swVersion="${escapeParam(version)}"][meta sequenceId="${seq % 2_147_483_647 || 1}"] ${oneLine(text)}`
}

/** RFC 5425 section 4.3: the number of octets, a blank, the message. */
export function frame (message: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(message)} ${message}`)
}
