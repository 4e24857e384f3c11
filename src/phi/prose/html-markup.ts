// Cuts HTML into text, tags and what no reader sees, with offsets, as a browser's tokenizer would (WHATWG HTML, section 13.2.5). It never fails:
// what is broken is text or is removed.

export interface HtmlAttribute {
  /** In small letters. */
  readonly name: string
  readonly value: string
  /** With the blank before it. */
  readonly start: number
  readonly end: number
  readonly valueStart: number
  readonly valueEnd: number
}

export type HtmlPart =
  | { readonly type: 'text' | 'removed' | 'doctype', readonly start: number, readonly end: number }
  | { readonly type: 'tag', readonly name: string, readonly attributes: readonly HtmlAttribute[], readonly start: number, readonly end: number }

/** Elements whose content is no text for a reader. */
const unseen = new Set(['script', 'style', 'iframe', 'object', 'embed', 'applet', 'noembed', 'noframes', 'template', 'xmp', 'plaintext', 'math', 'noscript'])

const tagName = /<\/?([a-zA-Z][^\s/>]*)/y
const attributeForm = /[\s/]+([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?/y
const tagEnd = /[\s/]*>/y

function match (form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at
  return form.exec(text)
}

function readTag (text: string, start: number): HtmlPart {
  const found = match(tagName, text, start) as RegExpExecArray
  let at = tagName.lastIndex
  const attributes: HtmlAttribute[] = []
  for (let next = match(attributeForm, text, at); next !== null; next = match(attributeForm, text, at)) {
    const end = attributeForm.lastIndex
    const value = next[2] ?? next[3] ?? next[4] ?? ''
    const valueEnd = next[2] !== undefined || next[3] !== undefined ? end - 1 : end
    attributes.push({ name: (next[1] as string).toLowerCase(), value, start: at, end, valueStart: valueEnd - value.length, valueEnd })
    at = end
  }
  if (match(tagEnd, text, at) !== null) return { type: 'tag', name: (found[1] as string).toLowerCase(), attributes, start, end: tagEnd.lastIndex }
  // A tag that is not written as one, up to where it would end at the latest.
  const end = text.indexOf('>', at)
  return { type: 'removed', start, end: end === -1 ? text.length : end + 1 }
}

function endOf (text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at === -1 ? text.length : at + mark.length
}

function readMarkup (text: string, start: number): HtmlPart | undefined {
  if (text.startsWith('<!--', start)) return { type: 'removed', start, end: endOf(text, '-->', start + 2) }
  if (/^<!doctype html( public "[-/a-z0-9. ]*"( "[a-z:/.0-9-]*")?)?>/i.test(text.slice(start, start + 200))) return { type: 'doctype', start, end: endOf(text, '>', start) }
  if (/^<(?:[!?]|\/[^a-zA-Z])/.test(text.slice(start, start + 3))) return { type: 'removed', start, end: endOf(text, '>', start + 1) }
  return /^<\/?[a-zA-Z]/.test(text.slice(start, start + 3)) ? readTag(text, start) : undefined
}

/** The end of an element that nobody reads, its end tag included. */
function skipUnseen (text: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])[^>]*>?`, 'gi')
  end.lastIndex = from
  return end.exec(text) === null ? text.length : end.lastIndex
}

export function * readHtml (text: string): Generator<HtmlPart> {
  let textStart = 0
  for (let at = text.indexOf('<'); at !== -1;) {
    const part = readMarkup(text, at)
    if (part === undefined) {
      at = text.indexOf('<', at + 1)
      continue
    }
    if (at > textStart) yield { type: 'text', start: textStart, end: at }
    let { end } = part
    if (part.type === 'tag' && unseen.has(part.name)) {
      if (text[at + 1] !== '/') end = skipUnseen(text, part.name, end)
      yield { type: 'removed', start: at, end }
    } else yield part
    textStart = end
    at = text.indexOf('<', end)
  }
  if (textStart < text.length) yield { type: 'text', start: textStart, end: text.length }
}

export function looksLikeHtml (text: string): boolean {
  return /<(?:\/?[a-zA-Z!]|\?)[^<]{0,2000}>/.test(text)
}
