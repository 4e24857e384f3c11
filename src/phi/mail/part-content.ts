// What the headers of a part say about its content, and the content itself: decoded to bytes and text, or coded again. Only what has one reading is read; a part whose coding is
// broken is coded anew, so that whoever receives it reads what was judged here.
import { isAscii } from 'node:buffer'
import { Hold } from '../hold.ts'
import { loadLibmime, loadLibqp } from './load-libraries.ts'
import type { MailPart } from './split-mail.ts'

export interface PartFacts {
  /** `text/plain`, in small letters. */
  readonly type: string
  readonly params: Readonly<Record<string, string>>
  readonly coding: 'identity' | 'base64' | 'quoted-printable'
  readonly isAttachment: boolean
  readonly fileName: string
}

const token = /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}$/
const codings: Readonly<Record<string, PartFacts['coding']>> = { '': 'identity', '7bit': 'identity', '8bit': 'identity', binary: 'identity', base64: 'base64', 'quoted-printable': 'quoted-printable' }

export function fieldOf (part: Pick<MailPart, 'fields'>, name: string): string {
  return part.fields.find(field => field.name === name)?.value ?? ''
}

/** Throws a Hold for a coding that is not known. */
export function readPartFacts (part: MailPart, fallback = 'text/plain'): PartFacts {
  const content = fieldOf(part, 'content-type')
  const { value, params } = loadLibmime().parseHeaderValue(content === '' ? fallback : content)
  const disposition = loadLibmime().parseHeaderValue(fieldOf(part, 'content-disposition'))
  const coding = codings[fieldOf(part, 'content-transfer-encoding').toLowerCase()]
  if (coding === undefined || (part.parts !== undefined && coding !== 'identity')) throw new Hold('notMail')
  const fileName = loadLibmime().decodeWords(disposition.params['filename'] ?? params['name'] ?? '')
  return { type: token.test(value) ? value.toLowerCase() : 'application/octet-stream', params, coding, isAttachment: disposition.value.toLowerCase() === 'attachment' || fileName !== '', fileName }
}

export interface PartBytes {
  readonly bytes: Buffer
  /** Every reader gets these bytes out of it. */
  readonly isClean: boolean
}

const cleanBase64 = /^(?:[A-Za-z0-9+/]{4}|\r\n)*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?:\r\n)*$/
const cleanPrintable = /^(?:[\t -<>-~]|=[0-9A-F]{2}|=?\r\n)*$/

export function decodePart ({ body }: MailPart, { coding }: PartFacts): PartBytes {
  if (coding === 'identity') return { bytes: body, isClean: !body.includes(0) }
  const text = body.toString('latin1')
  if (coding === 'base64') {
    // What stands behind the padding is read by some and skipped by others.
    const compact = text.replace(/[^A-Za-z0-9+/=]+/g, '')
    const end = compact.search(/=+[^=]/)
    if (end !== -1) throw new Hold('notMail')
    return { bytes: Buffer.from(compact, 'base64'), isClean: cleanBase64.test(text) }
  }
  return { bytes: loadLibqp().decode(text), isClean: cleanPrintable.test(text) && !/[\t ]\r\n/.test(text) }
}

/** WHATWG labels; what these characters are is the same for every reader. */
const plainCharsets = new Set(['utf-8', 'windows-1252', 'iso-8859-15'])

export interface PartText {
  /** Lines end with LF. */
  readonly text: string
  readonly isClean: boolean
}

export function decodeText (bytes: Buffer, charset: string | undefined): PartText {
  const label = (charset ?? 'us-ascii').trim().toLowerCase()
  // Text that says nothing, or ASCII, and is neither: UTF-8, or it is not read.
  const named = /^(?:us-ascii|ascii|)$/.test(label) ? 'utf-8' : label
  let decoder: TextDecoder
  try { decoder = new TextDecoder(named, { fatal: true, ignoreBOM: true }) } catch { throw new Hold('charset') }
  if (decoder.encoding.startsWith('utf-16') || decoder.encoding === 'iso-2022-jp') return { text: toLines(decode(decoder, bytes)), isClean: false }

  const isOdd = decoder.encoding === 'windows-1252' && /[\x80-\x9f]/.test(bytes.toString('latin1'))
  return { text: toLines(decode(decoder, bytes)), isClean: isAscii(bytes) || (plainCharsets.has(decoder.encoding) && !isOdd && (named === label || charset === undefined)) }
}

function decode (decoder: TextDecoder, bytes: Buffer): string {
  try { return decoder.decode(bytes) } catch { throw new Hold('notUtf8') }
}

const toLines = (text: string) => text.replaceAll('\r\n', '\n')

export interface CodedPart { readonly coding: '7bit' | 'quoted-printable' | 'base64', readonly body: Buffer }

const longestLine = 900

/** `text` has LF, what comes out CRLF. */
export function encodeText (text: string): CodedPart {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').toWellFormed()
  if (!/[^\t\n -~]/.test(lines) && lines.split('\n').every(line => line.length <= longestLine)) return { coding: '7bit', body: Buffer.from(lines.replaceAll('\n', '\r\n'), 'latin1') }
  const bytes = Buffer.from(lines.replaceAll('\n', '\r\n'), 'utf8')
  const odd = lines.match(/[^\t\n -~]/g)?.length ?? 0
  if (odd * 4 > lines.length) return encodeBytes(bytes)
  return { coding: 'quoted-printable', body: Buffer.from(loadLibqp().wrap(loadLibqp().encode(bytes)), 'latin1') }
}

export function encodeBytes (bytes: Buffer): CodedPart {
  const lines = bytes.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')
  return { coding: 'base64', body: Buffer.from(lines, 'latin1') }
}

/** Paragraphs of format=flowed (RFC 3676) as lines of their own, marks of quotation kept: a name that was broken over two lines is whole again. */
export function unflow (text: string, isSpaceDeleted: boolean): string {
  const out: { depth: number, line: string, goesOn: boolean }[] = []
  for (const raw of text.split('\n')) {
    const depth = /^>*/.exec(raw)?.[0].length ?? 0
    const line = raw.slice(depth).replace(/^ /, '')
    const last = out.at(-1)
    if (last?.goesOn === true && last.depth === depth && line !== '-- ') last.line = (isSpaceDeleted ? last.line.slice(0, -1) : last.line) + line
    else out.push({ depth, line, goesOn: false })
    const here = out.at(-1)
    if (here !== undefined) here.goesOn = line.endsWith(' ') && line !== '-- '
  }
  return out.map(({ depth, line }) => `${'>'.repeat(depth)}${depth > 0 ? ' ' : ''}${line}`).join('\n')
}
