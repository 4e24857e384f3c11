// Where the script's element goes into an HTML document: behind the begin of `head`, before anything of the CRM's can run. It reads as browsers read (WHATWG HTML section 13.2,
// XML 1.0), and no more than it must; what is no whole document (a fragment, a mail, a text) gets nothing.
import { endOfComment, endOfDeclaration, endOfDoctype, endOfTag } from './find-end.ts'

export interface Found {
  /** Index in the text. */
  readonly at: number
  /**
   * What stands before it may come a second time, and the document stays the same but for so many blanks in its head: a doctype, `html` and `head` are read over there. Undefined:
   * not so, because of a comment.
   */
  readonly blanks: number | undefined
}

export type Place =
  | Found
  /** It cannot be said before more of it is there. */
  | 'unknown'
  /** This is no document. */
  | 'none'

const blank = /[\t\n\f\r ]/

type Piece = 'text' | 'doctype' | 'comment' | 'declaration' | 'html' | 'head' | 'body' | 'other'

/** What begins with these letters, in lower case. */
function pieceOf (rest: string): Piece {
  if (rest.startsWith('<!--')) return 'comment'
  if (rest.startsWith('<!doctype')) return /^<!doctype\s+html/.test(rest) ? 'doctype' : 'other'
  // What a browser takes for a comment: <![if !IE]>, <?php, and in XML the declaration and instructions.
  if (/^<[!?]/.test(rest)) return 'declaration'
  const name = /^<([a-z]+)[\s/>]/.exec(rest)?.[1]
  if (name === 'html' || name === 'head') return name
  return name === 'title' || name === 'body' || name === 'meta' || name === 'base' ? 'body' : 'other'
}

function behindBlanks (text: string, from: number): number {
  let at = from
  while (at < text.length && blank.test(text[at] as string)) at += 1
  return at
}

/** Two signs that end a line are read as one (WHATWG HTML section 13.2.3.5). */
function addBlanks (before: number | undefined, blanks: string): number | undefined {
  return before === undefined ? undefined : before + (blanks.includes('\r') ? blanks.replaceAll('\r\n', '\n').length : blanks.length)
}

/** The longest word that decides is `<!doctype html`. */
const longestWord = 16

export interface Reading {
  /** Nothing comes behind the text. */
  readonly isAll: boolean
  /** As `application/xhtml+xml` is read: there nothing may stand outside `html`. */
  readonly isXml?: boolean
}

/** A byte order mark was taken away. */
export function findPlace (text: string, { isAll, isXml = false }: Reading): Place {
  let at = 0
  /** What comes next belongs to a document, and the element may stand before it. */
  let isDocument = false
  let blanks: number | undefined = 0
  const unknown = isAll ? 'none' : 'unknown'
  for (;;) {
    const from = at
    at = behindBlanks(text, at)
    blanks = addBlanks(blanks, text.slice(from, at))
    const piece = pieceAt(text, at, isAll)
    if (piece === undefined) return unknown
    // A head that is not written out: whatever comes first stands in it.
    if (isContent(piece)) return isDocument || (piece === 'body' && !isXml) ? { at, blanks } : 'none'
    const end = endOf(piece, text, { at, isXml })
    if (end < 0) return unknown
    if (piece === 'head') return isXml && !isDocument ? 'none' : { at: end, blanks }
    if (isXml && piece === 'html' && text[end - 2] === '/') return 'none'
    if (isComment(piece)) blanks = undefined
    isDocument ||= opensDocument(piece, isXml)
    at = end
  }
}

const opensDocument = (piece: Piece, isXml: boolean) => piece === 'html' || (piece === 'doctype' && !isXml)
const isComment = (piece: Piece) => piece === 'comment' || piece === 'declaration'
const isContent = (piece: Piece) => piece === 'text' || piece === 'body' || piece === 'other'

/** Undefined: too little is there. */
function pieceAt (text: string, at: number, isAll: boolean): Piece | undefined {
  if (at === text.length) return undefined
  if (text[at] !== '<') return 'text'
  const rest = text.slice(at, at + longestWord).toLowerCase()
  return rest.length < longestWord && !isAll && !rest.includes('>') ? undefined : pieceOf(rest)
}

/** The index behind it, or -1 when its end is not there yet. */
function endOf (piece: Piece, text: string, { at, isXml }: { readonly at: number, readonly isXml: boolean }): number {
  if (piece === 'comment') return endOfComment(text, at)
  if (piece === 'doctype') return endOfDoctype(text, at, isXml)
  return piece === 'declaration' ? endOfDeclaration(text, at, isXml) : endOfTag(text, at)
}
