// Says why a text must not even be given to an XML parser. One pass over the characters, so that depth, size and everything that can be
// read in two ways (document types, entities, CDATA, comments) is settled before a more forgiving reader sees it.

const maxDepth = 64
/** What a parser takes half a second for is too much of what anybody may send: a person with two thousand groups has far less. */
const limits = { message: { tags: 5000, attributes: 5000 }, metadata: { tags: 40_000, attributes: 40_000 } } as const
const maxAttributes = 64
const forbiddenCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/ // eslint-disable-line no-control-regex -- XML 1.0 section 2.2
const strayAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/
const declaration = /^<\?xml\s+version="1\.[01]"(?:\s+encoding="(?:utf|UTF)-8")?(?:\s+standalone="(?:yes|no)")?\s*\?>/

export interface MarkupOptions {
  /** Comments and processing instructions may stand in metadata that people keep by hand; never in a message. */
  readonly comments: boolean
  /** As large as metadata, which comes from a place that we chose. By default what may have comments may be large. */
  readonly large?: boolean
}

function isCharacter (code: number): boolean {
  return code === 0x9 || code === 0xa || code === 0xd || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}

function explainCharacters (text: string): string | undefined {
  if (forbiddenCharacter.test(text)) return 'a character that XML does not allow'
  if (strayAmpersand.test(text)) return 'an entity, or an & that stands alone'
  for (const match of text.matchAll(/&#(x?)([0-9a-fA-F]+);/g)) {
    if (!isCharacter(Number.parseInt(match[2] as string, match[1] === 'x' ? 16 : 10))) return 'a reference to a character that XML does not allow'
  }
  return undefined
}

/** Blanks comments and processing instructions out, keeping every position. */
function withoutRemarks (text: string): string {
  return text.replace(/<!--[^]*?-->|<\?[^]*?\?>/g, remark => remark.replace(/[^\n]/g, ' '))
}

/** The end of the tag that begins at `start` and its attributes, or why there is none. Quotes are honoured as the parser honours them. */
function readTag (text: string, start: number): { readonly end: number, readonly attributes: number } | string {
  let quote = ''
  let attributes = 0
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string
    if (quote !== '') {
      if (character === '<') return 'a < within a tag'
      if (character === quote) quote = ''
    } else if (character === '"' || character === '\'') {
      quote = character
      attributes++
      if (attributes > maxAttributes) return 'too many attributes in one tag'
    } else if (character === '>') return { end: at, attributes }
    else if (character === '<') return 'a < within a tag'
  }
  return 'a tag that does not end'
}

/** Enters or leaves an element. False when a closing tag closes something else. */
function follow (tag: string, open: string[]): boolean {
  const name = /^<\/?([^\s/>]*)/.exec(tag)?.[1] ?? ''
  if (tag.startsWith('</')) return open.pop() === name
  if (!tag.endsWith('/>')) open.push(name)
  return true
}

function mostOf ({ comments, large = comments }: MarkupOptions): { readonly tags: number, readonly attributes: number } {
  return large ? limits.metadata : limits.message
}

/** Why `text` is refused, or undefined when a parser may see it. */
export function explainMarkup (text: string, options: MarkupOptions): string | undefined {
  const head = declaration.exec(text)?.[0].length ?? 0
  const plain = ' '.repeat(head) + (options.comments ? withoutRemarks(text.slice(head)) : text.slice(head))
  const open: string[] = []
  const most = mostOf(options)
  let tags = 0
  let attributes = 0
  let at = 0
  for (;;) {
    const start = plain.indexOf('<', at)
    const between = plain.slice(at, start === -1 ? undefined : start)
    if (open.length === 0 && /[^ \t\r\n]/.test(between)) return 'text outside the document\'s element'
    if (start === -1) break
    if ('!?'.includes(plain[start + 1] ?? '')) return 'a document type, an entity, a comment, CDATA or a processing instruction'
    const tag = readTag(plain, start)
    if (typeof tag === 'string') return tag
    if (!follow(plain.slice(start, tag.end + 1), open)) return 'tags that do not match'
    tags++
    attributes += tag.attributes
    if (open.length > maxDepth || tags > most.tags || attributes > most.attributes) return 'elements nested too deeply, or too many'
    at = tag.end + 1
  }
  return tags === 0 || open.length > 0 ? 'no document, or one that is cut off' : explainCharacters(plain)
}
