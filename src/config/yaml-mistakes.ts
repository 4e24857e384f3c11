// Which of the parser's errors are told: after a first mistake it stumbles over what follows, and hundreds of sentences hide the one that helps. It never judges
// what is valid YAML, only what to say of a text that is none.
import type { ErrorCode } from 'yaml'
import { explainYamlError } from './yaml-errors.ts'

export interface YamlMistake {
  /** In the text, from 0. */
  readonly offset: number
  readonly message: string
}

export interface YamlError {
  readonly offset: number
  readonly code: ErrorCode
}

/** Errors that stay in their place: the parser goes on behind them as if nothing were. */
const contained: ReadonlySet<ErrorCode> = new Set(['BAD_ALIAS', 'BAD_DQ_ESCAPE', 'BAD_DIRECTIVE', 'DUPLICATE_KEY', 'MULTIPLE_DOCS', 'MULTIPLE_TAGS', 'NON_STRING_KEY', 'TAB_AS_INDENT', 'TAG_RESOLVE_FAILED'])

/** In the order of the text; at least one when there is an error. */
export function findYamlMistakes (text: string, errors: readonly YamlError[]): readonly YamlMistake[] {
  const inOrder = errors.toSorted((one, other) => one.offset - other.offset)
  const first = inOrder.find(({ code }) => !contained.has(code))
  const alone = inOrder.filter(({ code, offset }) => contained.has(code) && (first === undefined || code === 'TAB_AS_INDENT' || offset <= first.offset))
  const mistakes = alone.map(({ offset, code }) => ({ offset, message: explainYamlError(code) }))
  return first === undefined || mistakes.length > 0 ? mistakes : [explainFirst(text, first)]
}

function explainFirst (text: string, { offset, code }: YamlError): YamlMistake {
  const lines = splitLines(text)
  const at = lines.findLastIndex(line => line.offset <= offset)
  const line = lines[at]
  const here = line === undefined ? undefined : findBareBrace(line, offset) ?? findMissingBlank(line) ?? findUnclosed(line)
  const around = here ?? findOpenQuote(lines, code) ?? findTooFarRight(line, lines[at + 1]) ?? findBetween(lines, at) ?? findBetween(lines, at + 1)
  return around ?? { offset, message: explainYamlError(code) }
}

interface Line {
  readonly offset: number
  /** Blanks before the first character. */
  readonly indent: number
  /** Cut where no person reads on. */
  readonly text: string
}

const longestLine = 1000

/** Without empty lines and remarks. */
function splitLines (text: string): readonly Line[] {
  let offset = 0
  const lines = text.split('\n').map(line => {
    const at = offset
    offset += line.length + 1
    return { offset: at, indent: line.length - line.trimStart().length, text: line.slice(0, longestLine) }
  })
  return lines.filter(line => !/^\s*(?:#.*)?$/.test(line.text))
}

/** `route: GET /visits/{id}` inside `{ … }`: the brace ends the text. */
function findBareBrace (line: Line, offset: number): YamlMistake | undefined {
  const brace = /: *[^\s'"{}[\],#:][^'"{}[\],#:]*(?<=\S)[{[]/.exec(line.text)
  if (brace === null) return undefined
  const at = line.offset + brace.index + brace[0].length - 1
  return at > offset + 1 ? undefined : { offset: at, message: 'A text with braces or brackets needs quotes around it, as \'GET /patients/{id}\'.' }
}

function findMissingBlank (line: Line): YamlMistake | undefined {
  const name = /^\s*(?:- +)?[\w-]+:(?=[^\s/:])/.exec(line.text)
  return name === null || line.text.includes(': ') ? undefined : { offset: line.offset + name[0].length, message: 'A blank is missing here, behind the colon: name: value.' }
}

const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** What is open at the end of a line, outermost first; and where a bracket is closed by one of the other kind. */
function readOpen ({ text }: Line): { readonly open: readonly { readonly at: number, readonly mark: string }[], readonly crossed: number | undefined } {
  const open: { at: number, mark: string }[] = []
  for (let at = 0; at < text.length; at += 1) {
    const mark = text.charAt(at)
    const before = text.charAt(at - 1)
    if (mark === '#' && /^\s?$/.test(before)) break
    if ((mark === '\'' || mark === '"') && /^[\s[{,]?$/.test(before)) {
      const end = text.indexOf(mark, at + 1)
      if (end === -1) return { open: [...open, { at, mark }], crossed: undefined }
      at = end
    } else if (mark in closing) open.push({ at, mark })
    else if (mark === ']' || mark === '}') {
      const last = open.pop()
      if (last !== undefined && closing[last.mark] !== mark) return { open, crossed: last.at }
    }
  }
  return { open, crossed: undefined }
}

function findUnclosed (line: Line): YamlMistake | undefined {
  const { crossed } = readOpen(line)
  return crossed === undefined ? undefined : { offset: line.offset + crossed, message: `The ${line.text.charAt(crossed)} that is opened here is not closed by ${closing[line.text.charAt(crossed)]}.` }
}

/** A quote without its end takes everything up to the next one, or to the end of the file, for text. */
function findOpenQuote (lines: readonly Line[], code: ErrorCode): YamlMistake | undefined {
  if (code !== 'MISSING_CHAR') return undefined
  for (const line of lines) {
    const last = readOpen(line).open.at(-1)
    if (last !== undefined && !(last.mark in closing)) return { offset: line.offset + last.at, message: 'The quote that is opened here is not closed on this line.' }
  }
  return undefined
}

function findTooFarRight (line: Line | undefined, next: Line | undefined): YamlMistake | undefined {
  if (line === undefined || next === undefined) return undefined
  if (next.indent <= line.indent || !/^\s*[\w-]+: +[^\s#|>&{["'][^:]*$/.test(line.text) || !/^\s*[\w-]+:(?: |$)/.test(next.text)) return undefined
  return { offset: next.offset + next.indent, message: 'This line begins further right than the one above, which has its value already: begin both in the same column.' }
}

/** A line that begins between two columns of what is open above it. */
function findBetween (lines: readonly Line[], at: number): YamlMistake | undefined {
  const line = lines[at]
  if (line === undefined || !/^\s*(?:- |[\w-]+:)/.test(line.text)) return undefined
  const open: number[] = []
  for (const above of lines.slice(0, at)) {
    while ((open.at(-1) ?? -1) > above.indent) open.pop()
    if (open.at(-1) !== above.indent) open.push(above.indent)
    // What stands behind a dash can go on below it.
    const dash = /^ *- +/.exec(above.text)
    if (dash !== null) open.push(dash[0].length)
  }
  if (open.length === 0 || open.includes(line.indent) || line.indent > (open.at(-1) ?? 0)) return undefined
  const columns = open.map(indent => indent + 1)
  const listed = columns.length < 2 ? columns.join('') : `${columns.slice(0, -1).join(', ')} or ${columns.at(-1)}`
  return { offset: line.offset + line.indent, message: `This line begins in column ${line.indent + 1}, and what it could belong to above begins in column ${listed}: count the spaces.` }
}
