// Breaks a line where a terminal would break it in the middle of a word. What goes on below stands under the text, so that names and places at the left can be looked
// through. It changes no word, and is not asked about what goes to a program.

/** A name or place at the left is at most so wide; a gap further right parts sentences. */
const widestName = 40

/** Where the text begins: behind the first gap of two blanks, or behind the indentation and two more. */
function findHang (line: string): number {
  const indent = line.length - line.trimStart().length
  const gap = /\S {2,}(?=\S)/.exec(line)
  const begin = gap === null ? undefined : gap.index + gap[0].length
  return begin === undefined || begin > widestName ? indent + 2 : begin
}

/** `columns` undefined: as it is. A word that is wider than the terminal stays whole, and so does what looks like JSON. */
export function wrapLine (line: string, columns: number | undefined): string {
  if (columns === undefined || line.length <= columns || /^\s*["{}[\]]/.test(line)) return line
  const hang = Math.min(findHang(line), Math.floor(columns / 2))
  const lines: string[] = []
  let rest = line
  while (rest.length > columns) {
    const indent = lines.length === 0 ? Math.max(hang, 1) : hang
    const end = findBreak(rest, indent, columns)
    if (end === -1) break
    lines.push(rest.slice(0, end).trimEnd())
    rest = ' '.repeat(hang) + rest.slice(end).trimStart()
  }
  return [...lines, rest].join('\n')
}

/** The last blank that leaves a line that fits, else the first one behind a word that is too long; -1: none. */
function findBreak (line: string, indent: number, columns: number): number {
  const last = line.lastIndexOf(' ', columns)
  return last > indent ? last : line.indexOf(' ', indent + line.slice(indent).search(/\S/))
}
