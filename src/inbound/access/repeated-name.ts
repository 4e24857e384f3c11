// Whether an object in a JSON text has a name twice: of two such members one server takes the first and another the last (RFC 8259 section 4).

/** `text` is valid JSON. Linear, and does not recurse. */
export function hasRepeatedName (text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = findStringEnd(text, at)
      const names = open.at(-1)
      if (names !== undefined && isName(text, end)) {
        const name = JSON.parse(text.slice(at, end + 1)) as string
        if (names.has(name)) return true
        names.add(name)
      }
      at = end
    }
  }
  return false
}

function findStringEnd (text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function isName (text: string, end: number): boolean {
  let at = end + 1
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return text[at] === ':'
}
