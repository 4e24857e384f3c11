// What a Content-Type says about how a body is read: its format, its characters, its boundary. What is not known here is not read.
import { isAscii, isUtf8 } from 'node:buffer'
import { Hold } from './hold.ts'

export type Format = 'json' | 'jsonLines' | 'form' | 'multipart' | 'xml' | 'csv' | 'text'

export interface MediaType {
  readonly format: Format
  readonly charset: 'utf-8' | 'latin1' | undefined
  readonly boundary: string
  /** Throws a Hold for bytes that are not of the character set. */
  decode (bytes: Uint8Array): string
  encode (text: string): Buffer
}

function findFormat (type: string): Format | undefined {
  if (type === 'application/json' || type === 'text/json' || /^[a-z]+\/[a-z0-9.-]+\+json$/.test(type)) return 'json'
  if (/^application\/(?:x-)?(?:ndjson|jsonlines|jsonl)$/.test(type)) return 'jsonLines'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type === 'multipart/form-data') return 'multipart'
  if (type === 'application/xml' || type === 'text/xml' || /^[a-z]+\/[a-z0-9.-]+\+xml$/.test(type)) return type === 'image/svg+xml' ? undefined : 'xml'
  if (type === 'text/csv') return 'csv'
  return type === 'text/plain' || type === 'text/html' || type === 'text/markdown' ? 'text' : undefined
}

const charsets: Readonly<Record<string, 'utf-8' | 'latin1'>> = { 'utf-8': 'utf-8', utf8: 'utf-8', 'us-ascii': 'utf-8', 'iso-8859-1': 'latin1', latin1: 'latin1' }

function decodeText (bytes: Uint8Array, charset: 'utf-8' | 'latin1' | undefined): string {
  if (charset === undefined) throw new Hold('charset')
  if (charset === 'latin1') {
    // Bytes that are UTF-8 too have two readings, and a reader of JSON knows no other (RFC 8259 section 8.1).
    if (isUtf8(bytes) && !isAscii(bytes)) throw new Hold('charset')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Hold('notUtf8')
  }
}

/** Undefined for a type that there is no reader for. */
export function readMediaType (text: string): MediaType | undefined {
  const [whole = '', ...parameters] = text.split(';').map(part => part.trim())
  const format = findFormat(whole.toLowerCase())
  if (format === undefined) return undefined
  const valueOf = (name: string) => parameters.map(part => new RegExp(`^${name}\\s*=\\s*(?:"([^"]*)"|([^\\s"]*))$`, 'i').exec(part)).map(found => found?.[1] ?? found?.[2]).find(value => value !== undefined)
  const charset = charsets[(valueOf('charset') ?? 'utf-8').toLowerCase()]
  const boundary = valueOf('boundary') ?? ''
  // RFC 2046 section 5.1.1
  if (format === 'multipart' && !/^[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]$/.test(boundary)) throw new Hold('notMultipart')
  return { format, charset, boundary, decode: bytes => decodeText(bytes, charset), encode: out => Buffer.from(out, charset === 'latin1' ? 'latin1' : 'utf8') }
}
