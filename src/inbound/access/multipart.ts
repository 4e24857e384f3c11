// The fields of a multipart form, in the one spelling that browsers write (RFC 7578; WHATWG HTML, multipart/form-data encoding). Servers differ in everything else,
// so everything else is no form.
import { collectFields, mostFields, type Fields, type RawField } from './fields.ts'

const boundaryOf = /^multipart\/form-data; ?boundary=([A-Za-z0-9_-]{1,70})$/i
const named = /^Content-Disposition: form-data; name="([^"\\%\p{Cc}]*)"(; filename="[^"\\\p{Cc}]*")?$/u
const typed = /^Content-Type: [\x20-\x7e]*$/

/** `text` has one character for each byte. Undefined: it is not in that spelling. */
export function readMultipart (text: string, type: string): Fields | undefined {
  const boundary = boundaryOf.exec(type)?.[1]
  if (boundary === undefined) return undefined
  const delimiter = `--${boundary}`
  // Some servers take a boundary for one wherever it stands; so each of them has to be one for all. More parts than a form may have are cut off, and with them its end.
  const [before, ...parts] = text.split(delimiter, mostFields + 2)
  const end = parts.pop()
  if (before !== '' || parts.length === 0 || (end !== '--\r\n' && end !== '--')) return undefined
  const fields = parts.map(readPart)
  return fields.every(field => field !== undefined) ? collectFields(fields) : undefined
}

/** What stands between two delimiters. */
function readPart (part: string): RawField | undefined {
  if (!part.startsWith('\r\n') || !part.endsWith('\r\n')) return undefined
  const split = part.indexOf('\r\n\r\n')
  // An empty value: the blank line and the last line break meet.
  if (split === -1 || split + 4 > part.length - 2) return undefined
  const [disposition = '', contentType, ...more] = part.slice(2, split).split('\r\n')
  const [, name, file] = named.exec(toUtf8(disposition) ?? '') ?? []
  // A field named _charset_ says how the others are to be read.
  if (name === undefined || name === '_charset_' || more.length > 0) return undefined
  if (file === undefined) return contentType === undefined ? { name, value: toUtf8(part.slice(split + 4, -2)), isPlain: true } : undefined
  // Its content is nobody's business here, and a file is no value.
  return contentType === undefined || typed.test(contentType) ? { name, value: undefined, isPlain: false } : undefined
}

function toUtf8 (text: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    return undefined
  }
}
