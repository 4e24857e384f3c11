// A page as a browser reads it, with every start tag that the parser met: what it drops (a `<b>` in a `<select>`, a `<td>` outside a table) another browser may keep.
import { Parser, type Token } from 'parse5'
import { adapter, type Htmlparser2TreeAdapterMap } from 'parse5-htmlparser2-tree-adapter'
import { Hold } from '../../phi/start.ts'

export interface Range { readonly startOffset: number, readonly endOffset: number }

/** What is used of domhandler's nodes. */
export interface PageNode {
  readonly type: string
  readonly name?: string
  readonly data?: string
  readonly attribs?: Readonly<Record<string, string>>
  readonly children?: readonly PageNode[]
  readonly parent: PageNode | null
  readonly sourceCodeLocation?: (Range & { readonly attrs?: Readonly<Record<string, Range>> }) | null
}

export interface ParsedPage {
  readonly root: PageNode
  readonly startTags: readonly Range[]
}

/** Browsers nest no deeper than 512; reading what is deeper takes time that grows with its square. */
const mostOpen = 1000

class TagParser extends Parser<Htmlparser2TreeAdapterMap> {
  readonly startTags: Range[] = []
  override onStartTag (token: Token.TagToken): void {
    if (this.openElements.stackTop > mostOpen) throw new Hold('tooDeep')
    if (token.location !== null) this.startTags.push(token.location)
    super.onStartTag(token)
  }
}

const blank = /[\s\ufeff]*/y
const pageStart = /<(?:!doctype|html|head|body)\b/iy

/** Behind any number of comments. No one pattern says that in a time that grows with the text only. */
function isWholePage (text: string): boolean {
  let at = 0
  for (;;) {
    blank.lastIndex = at
    blank.test(text)
    at = blank.lastIndex
    pageStart.lastIndex = at
    if (pageStart.test(text)) return true
    const end = text.startsWith('<!--', at) ? text.indexOf('-->', at + 4) : -1
    if (end === -1) return false
    at = end + 3
  }
}

// Without scripts, so that what stands in a <noscript> is read too.
const options = { treeAdapter: adapter, sourceCodeLocationInfo: true, scriptingEnabled: false } as const

/** A piece of a page is read as one that may stand anywhere, in a table too. */
export function parsePage (text: string): ParsedPage {
  if (isWholePage(text)) {
    const parser = new TagParser(options)
    parser.tokenizer.write(text, true)
    return { root: parser.document as unknown as PageNode, startTags: parser.startTags }
  }
  const parser = TagParser.getFragmentParser<Htmlparser2TreeAdapterMap>(null, options) as TagParser
  parser.tokenizer.write(text, true)
  return { root: parser.getFragment() as unknown as PageNode, startTags: parser.startTags }
}
