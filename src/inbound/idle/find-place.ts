// Where the script's element goes into an HTML document: behind the begin of `head`, before anything of the CRM's can run. It reads no more than it must, and what is no whole
// document (a fragment, a mail, a text) gets nothing.

export type Place =
  /** Index in the text. */
  | { readonly at: number }
  /** It cannot be said before more of it is there. */
  | 'unknown'
  /** This is no document. */
  | 'none'

const blank = /[\t\n\f\r ]/

/** The index behind a tag that begins at `from`, or -1 when its end is not there yet. Quoted values may hold `>`. */
function endOfTag (text: string, from: number): number {
  let quote = ''
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at] as string
    if (quote !== '') { if (letter === quote) quote = '' } else if (letter === '"' || letter === '\'') quote = letter
    else if (letter === '>') return at + 1
  }
  return -1
}

function endOfComment (text: string, from: number): number {
  if (text.startsWith('<!-->', from) || text.startsWith('<!--->', from)) return text.indexOf('>', from) + 1
  const end = text.indexOf('-->', from + 4)
  return end < 0 ? -1 : end + 3
}

type Piece = 'document' | 'prologue' | 'head' | 'body' | 'other'

/** What begins with these letters, in lower case. */
function pieceOf (rest: string): Piece {
  if (/^<(?:!doctype\s+html|html[\s/>])/.test(rest)) return 'document'
  if (/^<(?:\?xml\s|!--)/.test(rest)) return 'prologue'
  if (/^<head[\s/>]/.test(rest)) return 'head'
  return /^<(?:title|body)[\s/>]/.test(rest) ? 'body' : 'other'
}

function behindBlanks (text: string, from: number): number {
  let at = from
  while (at < text.length && blank.test(text[at] as string)) at += 1
  return at
}

/** The longest word that decides is `<!doctype html`. */
const longestWord = 16

/** `isAll`: nothing comes behind it. A byte order mark was taken away. */
export function findPlace (text: string, isAll: boolean): Place {
  let at = 0
  let isDocument = false
  const unknown = isAll ? 'none' : 'unknown'
  for (;;) {
    at = behindBlanks(text, at)
    if (at === text.length) return unknown
    if (text[at] !== '<') return isDocument ? { at } : 'none'
    const rest = text.slice(at, at + longestWord).toLowerCase()
    if (rest.length < longestWord && !isAll && !rest.includes('>')) return unknown
    const piece = pieceOf(rest)
    // A head that is not written out: whatever comes first stands in it.
    if (piece === 'body' || piece === 'other') return isDocument || piece === 'body' ? { at } : 'none'
    const end = rest.startsWith('<!--') ? endOfComment(text, at) : endOfTag(text, at)
    if (end < 0) return unknown
    if (piece === 'head') return { at: end }
    isDocument ||= piece === 'document'
    at = end
  }
}
