// The one import of the XML parser. Reads a document strictly (anything the parser merely warns about is an error) and offers the few ways of
// looking into it that the room needs. It never resolves anything outside the text.
import { DOMParser } from '@xmldom/xmldom'
import { explainMarkup, type MarkupOptions } from './scan-markup.ts'

export const namespaces = {
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
} as const

/** The text is not XML that can be read in one way only. The message is ours; it never quotes the text. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
}

const elementNode = 1
const textNode = 3

/** Parses a text into its root element. Throws XmlError. */
export function parseXml (source: string, options: MarkupOptions = { comments: false }): Element {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source
  const wrong = explainMarkup(text, options)
  if (wrong !== undefined) throw new XmlError(wrong)
  const refuse = () => { throw new XmlError('not well-formed') }
  let root: Element | null
  try {
    root = new DOMParser({ locator: {}, errorHandler: { warning: refuse, error: refuse, fatalError: refuse } }).parseFromString(text, 'text/xml').documentElement
  } catch {
    throw new XmlError('not well-formed')
  }
  if (root === null) throw new XmlError('no document')
  for (const element of walk(root)) {
    const names: (Element | Attr)[] = [element, ...attributesOf(element)]
    if (names.some(node => node.prefix !== null && node.prefix !== undefined && node.prefix !== '' && !node.namespaceURI)) throw new XmlError('a prefix that is not declared')
  }
  return root
}

function attributesOf (element: Element): Attr[] {
  return Array.from({ length: element.attributes.length }, (_, index) => element.attributes.item(index) as Attr)
}

/** The element and all below it, in document order. */
export function walk (root: Element): readonly Element[] {
  const found: Element[] = []
  const waiting = [root]
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    found.push(element)
    waiting.push(...childrenOf(element).toReversed())
  }
  return found
}

export function childrenOf (parent: Element): readonly Element[] {
  const found: Element[] = []
  for (let node = parent.firstChild; node !== null && node !== undefined; node = node.nextSibling) {
    if (node.nodeType === elementNode) found.push(node as Element)
  }
  return found
}

export function isElement (element: Element | undefined, namespace: string, name: string): boolean {
  return element !== undefined && element.namespaceURI === namespace && element.localName === name
}

/** Children of that name. */
export function childrenNamed (parent: Element, namespace: string, name: string): readonly Element[] {
  return childrenOf(parent).filter(child => isElement(child, namespace, name))
}

/** The only child of that name; undefined when there is none or more than one. */
export function onlyChild (parent: Element, namespace: string, name: string): Element | undefined {
  const found = childrenNamed(parent, namespace, name)
  return found.length === 1 ? found[0] : undefined
}

/** An attribute without a namespace; undefined when it is absent. */
export function attributeOf (element: Element, name: string): string | undefined {
  return element.hasAttribute(name) ? element.getAttribute(name) ?? undefined : undefined
}

const blanks: ReadonlySet<string | undefined> = new Set([' ', '\t', '\r', '\n'])

/** XML 1.0 section 2.3. `trim` would also take away what Unicode calls a space, and make one person's name another's. */
function trimBlanks (text: string): string {
  let start = 0
  let end = text.length
  while (start < end && blanks.has(text[start])) start += 1
  while (end > start && blanks.has(text[end - 1])) end -= 1
  return text.slice(start, end)
}

/** The text of an element that holds nothing but text, white space at its ends removed; undefined when it holds anything else. */
export function textOf (element: Element | undefined): string | undefined {
  if (element === undefined) return undefined
  let text = ''
  for (let node = element.firstChild; node !== null && node !== undefined; node = node.nextSibling) {
    if (node.nodeType !== textNode) return undefined
    text += node.nodeValue ?? ''
  }
  return trimBlanks(text)
}

/** Escapes a value for text and for attributes in double quotes. */
export function escapeXml (value: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&apos;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;' }
  return value.replace(/[&<>"'\n\r\t]/g, character => entities[character] as string)
}
