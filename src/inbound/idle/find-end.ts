// Where a tag, a comment, a doctype ends, as browsers see it. Written by hand or broken, a quote that stands where none belongs does not lead it astray. Each returns the index
// behind the end, or -1 when that is not there yet.

/** Quoted values may hold `>`; a quote counts only where a value begins (WHATWG HTML section 13.2.5.32 to 13.2.5.40). */
export function endOfTag (text: string, from: number): number {
  let state: 'name' | 'value' | 'bare' | '"' | '\'' = 'name'
  let hasName = false
  const name = /[^\s/>]+/y
  name.lastIndex = from
  name.test(text)
  for (let at = name.lastIndex; at < text.length; at += 1) {
    const letter = text[at] as string
    if (state === '"' || state === '\'') {
      if (letter === state) { state = 'name'; hasName = false }
    } else if (letter === '>') return at + 1
    else if (/[\t\n\f\r ]/.test(letter)) {
      if (state === 'bare') { state = 'name'; hasName = false }
    } else if (state === 'value') state = letter === '"' || letter === '\'' ? letter : 'bare'
    else if (state === 'name') {
      // An equals sign without a name before it begins one.
      if (letter === '=' && hasName) state = 'value'
      else hasName = letter !== '/'
    }
  }
  return -1
}

export function endOfComment (text: string, from: number): number {
  if (text.startsWith('<!-->', from) || text.startsWith('<!--->', from)) return text.indexOf('>', from) + 1
  const end = /--!?>/g
  end.lastIndex = from + 4
  return end.exec(text) === null ? -1 : end.lastIndex
}

/** In HTML everything ends at the first `>`, quoted or not; an instruction of XML at `?>`. */
export function endOfDeclaration (text: string, from: number, isXml: boolean): number {
  const end = isXml ? '?>' : '>'
  const at = text.indexOf(end, from)
  return at < 0 ? -1 : at + end.length
}

/** In XML it may declare things of its own between brackets, in which quotes, comments and further `>` stand. */
export function endOfDoctype (text: string, from: number, isXml: boolean): number {
  if (!isXml) return endOfDeclaration(text, from, false)
  let isInside = false
  for (let at = from + 1; at < text.length; at += 1) {
    const letter = text[at] as string
    const skipped = letter === '"' || letter === '\'' ? letter : text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined
    if (skipped !== undefined) {
      const end = text.indexOf(skipped, at + (skipped === '-->' ? 4 : 1))
      if (end < 0) return -1
      at = end + skipped.length - 1
    } else if (letter === '[') isInside = true
    else if (letter === ']') isInside = false
    else if (letter === '>' && !isInside) return at + 1
  }
  return -1
}
