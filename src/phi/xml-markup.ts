// Cuts XML 1.0 into its parts with their offsets, strictly: what is not well-formed, or could stand for other text (a document type, an entity of one's own), is held.
import { Hold } from './hold.ts'

export interface Attribute {
  readonly name: string
  readonly value: string
  /** Of the value, quotes not included. */
  readonly start: number
  readonly end: number
}

export type Part =
  | { readonly type: 'open', readonly name: string, readonly attributes: readonly Attribute[], readonly isEmpty: boolean, readonly start: number, readonly end: number }
  | { readonly type: 'close', readonly name: string, readonly start: number, readonly end: number }
  | { readonly type: 'text', readonly value: string, readonly start: number, readonly end: number }
  | { readonly type: 'comment' | 'instruction', readonly start: number, readonly end: number }

const nameForm = '[A-Za-z_\\u00c0-\\ufffd][\\w.\\u00b7\\u00c0-\\ufffd-]*(?::[A-Za-z_\\u00c0-\\ufffd][\\w.\\u00b7\\u00c0-\\ufffd-]*)?'
const openName = new RegExp(`<(${nameForm})`, 'y')
const attribute = new RegExp(`[ \\t\\r\\n]+(${nameForm})[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([^"<]*)"|'([^'<]*)')`, 'y')
const openEnd = /[ \t\r\n]*(\/?)>/y
const closeTag = new RegExp(`</(${nameForm})[ \\t\\r\\n]*>`, 'y')
// The one declaration that may stand before everything; its encoding is the caller's to check (declaredEncoding).
const declaration = /<\?xml[ \t\r\n]+version=["']1\.[0-9]["'](?:[ \t\r\n]+encoding=["']([A-Za-z0-9._-]+)["'])?(?:[ \t\r\n]+standalone=["'](?:yes|no)["'])?[ \t\r\n]*\?>/y
// eslint-disable-next-line no-control-regex -- XML 1.0 section 2.2: these have no place in a document
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decodeXmlText (text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{2,4}));|&/g, (_whole, decimal?: string, hexadecimal?: string, name?: string) => {
    const point = decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? Number.parseInt(hexadecimal, 16) : undefined
    const decoded = point === undefined ? entities[name ?? ''] : point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : undefined
    if (decoded === undefined || forbidden.test(decoded)) throw new Hold('notXml')
    return decoded
  })
}

export function encodeXmlText (text: string): string {
  return text.replace(/[&<>"']/g, letter => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[letter] ?? letter)
}

function match (form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at
  return form.exec(text)
}

/** The character set that the declaration names. */
export function declaredEncoding (text: string): string | undefined {
  return match(declaration, text, text.charCodeAt(0) === 0xfeff ? 1 : 0)?.[1]
}

function readOpen (text: string, start: number): Part {
  const name = match(openName, text, start)
  if (name === null) throw new Hold('notXml')
  let at = openName.lastIndex
  const attributes: Attribute[] = []
  const names = new Set<string>()
  for (let found = match(attribute, text, at); found !== null; found = match(attribute, text, at)) {
    at = attribute.lastIndex
    const raw = found[2] ?? found[3] ?? ''
    if (names.has(found[1] as string)) throw new Hold('notXml')
    names.add(found[1] as string)
    attributes.push({ name: found[1] as string, value: decodeXmlText(raw), start: at - 1 - raw.length, end: at - 1 })
  }
  const end = match(openEnd, text, at)
  if (end === null) throw new Hold('notXml')
  return { type: 'open', name: name[1] as string, attributes, isEmpty: end[1] === '/', start, end: openEnd.lastIndex }
}

function readUntil (text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  if (at === -1) throw new Hold('notXml')
  return at
}

function readMarkup (text: string, start: number): Part {
  if (text.startsWith('</', start)) {
    const found = match(closeTag, text, start)
    if (found === null) throw new Hold('notXml')
    return { type: 'close', name: found[1] as string, start, end: closeTag.lastIndex }
  }
  if (text.startsWith('<!--', start)) {
    const end = readUntil(text, '--', start + 4)
    if (text[end + 2] !== '>') throw new Hold('notXml')
    return { type: 'comment', start, end: end + 3 }
  }
  if (text.startsWith('<![CDATA[', start)) {
    const end = readUntil(text, ']]>', start + 9)
    return { type: 'text', value: text.slice(start + 9, end), start, end: end + 3 }
  }
  if (text.startsWith('<!', start)) throw new Hold('doctype')
  if (text.startsWith('<?', start)) return { type: 'instruction', start, end: readUntil(text, '?>', start + 2) + 2 }
  return readOpen(text, start)
}

export function * readXml (text: string): Generator<Part> {
  if (forbidden.test(text)) throw new Hold('notXml')
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  if (match(declaration, text, at) !== null) at = declaration.lastIndex
  while (at < text.length) {
    let part: Part
    if (text.charCodeAt(at) === 0x3c) part = readMarkup(text, at)
    else {
      const next = text.indexOf('<', at)
      const end = next === -1 ? text.length : next
      const raw = text.slice(at, end)
      if (raw.includes(']]>')) throw new Hold('notXml')
      part = { type: 'text', value: decodeXmlText(raw), start: at, end }
    }
    yield part
    at = part.end
  }
}
