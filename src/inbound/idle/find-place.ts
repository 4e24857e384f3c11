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

/** `isAll`: nothing comes behind it. A byte order mark was taken away. */
export function findPlace (text: string, isAll: boolean): Place {
  let at = 0
  let isDocument = false
  const unknown = isAll ? 'none' : 'unknown'
  for (;;) {
    while (blank.test(text[at] ?? '')) at += 1
    if (at >= text.length) return unknown
    if (text[at] !== '<') return isDocument ? { at } : 'none'
    const rest = text.slice(at, at + 16).toLowerCase()
    // The longest word that decides is `<!doctype` with what follows it.
    if (rest.length < 10 && !isAll && !rest.includes('>')) return unknown
    const isComment = rest.startsWith('<!--')
    const end = isComment ? endOfComment(text, at) : endOfTag(text, at)
    if (end < 0 && (isComment || /^<(?:!doctype|html|head|\?xml)/.test(rest))) return unknown
    if (isComment) { at = end; continue }
    if (/^<!doctype[\s]+html/.test(rest) || /^<html[\s/>]/.test(rest)) {
      isDocument = true
      at = end
      continue
    }
    if (/^<\?xml[\s]/.test(rest)) { at = end; continue }
    if (/^<head[\s/>]/.test(rest)) return { at: end }
    // A head that is not written out: whatever comes first stands in it.
    return isDocument || /^<(?:title|body)[\s/>]/.test(rest) ? { at } : 'none'
  }
}
