// A second copy of a text, for looking only: what people see alike is alike in it, what they do not see is gone, and escapes of other formats are decoded. Each of its characters
// knows where it came from, so that what is found is cut out of the text itself.
import { foldLookAlikes } from './look-alikes.ts'

export interface Folded {
  readonly text: string
  /** The range of the source that the folded range [start, end) came from. */
  sourceRange (start: number, end: number): readonly [number, number]
}

// eslint-disable-next-line no-control-regex -- everything but tab, line feed, return and printable ASCII
const nothingToFold = /[^\x09\x0a\x0d\x20-\x7e]|&[#a-zA-Z]|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}|\d[OoIl|]|[OoIl|]\d/
const escape = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));?|((?:%[0-9A-Fa-f]{2})+)|\\u([0-9a-fA-F]{4})/y
const entities = new Map(('amp=& lt=< gt=> quot=" apos=\' commat=@ period=. hyphen=- dash=- ndash=- mdash=- colon=: sol=/ num=# lpar=( rpar=) plus=+ comma=, lowbar=_ equals== semi=; ' +
  'shy= zwnj= zwj=').split(' ').map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const))
for (const name of ['nbsp', 'ensp', 'emsp', 'thinsp', 'Tab', 'NewLine']) entities.set(name, ' ')
/** Rounds of decoding: what was encoded twice is looked at too. */
const mostRounds = 3

// eslint-disable-next-line no-control-regex -- control characters are not seen
const ignorable = /[\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}\p{Cs}]|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb]/u
const isDigit = /\p{Nd}/u

/** The value of a decimal digit of any script: digits stand in tens, one after the other. */
function digitValue (point: number): number {
  let first = point
  while (isDigit.test(String.fromCodePoint(first - 1))) first -= 1
  return (point - first) % 10
}

function foldCharacter (character: string): string {
  if (ignorable.test(character)) return ''
  if (/\p{Pd}|[\u2212\u00ad\u2043\ufe63]/u.test(character)) return '-'
  if (/\p{Z}|\u0085/u.test(character)) return /[\u2028\u2029]/.test(character) ? '\n' : ' '
  const plain = character.normalize('NFKC')
  if (isDigit.test(plain)) return plain.replace(/\p{Nd}/gu, digit => digit <= '9' ? digit : String(digitValue(digit.codePointAt(0) as number)))
  // Letters with marks stay one character each: José is found as José, written in one way or the other.
  const bare = plain.length === 1 ? plain : plain.replace(/\p{Mn}/gu, '')
  return bare.replace(/[\u2018\u2019\u02bc\u2032]/g, "'").replace(/[\u201c\u201d]/g, '"').replace(/[\u2024\u3002\uff61]/g, '.').replace(/\u2215|\u2044/g, '/').replace(/\p{Z}/gu, ' ')
}

const foldedCharacters = new Map<string, string>()
function foldKnown (character: string): string {
  let folded = foldedCharacters.get(character)
  if (folded === undefined) {
    folded = foldCharacter(character)
    if (foldedCharacters.size < 4096) foldedCharacters.set(character, folded)
  }
  return folded
}

function decodeEscape (match: RegExpExecArray): string | undefined {
  const [, decimal, hexadecimal, name, percents, unit] = match
  if (percents !== undefined) return Buffer.from(percents.replaceAll('%', ''), 'hex').toString('utf8')
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
  if (name !== undefined) return entities.get(name)
  const point = decimal !== undefined ? Number(decimal) : Number.parseInt(hexadecimal ?? '', 16)
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined
}

interface Copy { readonly text: string, readonly starts: number[], readonly ends: number[] }

/** Printable ASCII and what parts lines, without what begins an escape. Nothing comes behind the end of a text: NaN. */
function isPlain (code: number): boolean {
  return (code >= 0x20 && code < 0x7f && code !== 0x26 && code !== 0x25 && code !== 0x5c) || code === 0x0a || code === 0x0d || code === 0x09
}

function foldOnce (source: string): Copy {
  let text = ''
  const starts: number[] = []
  const ends: number[] = []
  const add = (piece: string, start: number, end: number): void => {
    text += piece
    for (let index = 0; index < piece.length; index++) {
      starts.push(start)
      ends.push(end)
    }
  }
  for (let at = 0; at < source.length;) {
    const code = source.charCodeAt(at)
    if (isPlain(code)) {
      const start = at
      for (let next = code; isPlain(next); next = source.charCodeAt(at)) {
        starts.push(at)
        at += 1
        ends.push(at)
      }
      text += source.slice(start, at)
      continue
    }
    if (code === 0x26 || code === 0x25 || code === 0x5c) {
      escape.lastIndex = at
      const match = escape.exec(source)
      const decoded = match === null ? undefined : decodeEscape(match)
      if (decoded !== undefined) {
        for (const character of decoded) add(foldKnown(character), at, escape.lastIndex)
        at = escape.lastIndex
        continue
      }
    }
    const character = code < 0x80 ? source[at] as string : String.fromCodePoint(source.codePointAt(at) as number)
    add(code === 0x26 || code === 0x25 || code === 0x5c ? character : foldKnown(character), at, at + character.length)
    at += character.length
  }
  return { text, starts, ends }
}

export function fold (source: string): Folded {
  if (!nothingToFold.test(source)) return { text: source, sourceRange: (start, end) => [start, end] }
  let copy = foldOnce(source)
  for (let round = 1; round < mostRounds && /&[#a-zA-Z]|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}/.test(copy.text); round++) {
    const again = foldOnce(copy.text)
    const before = copy
    copy = { text: again.text, starts: again.starts.map(start => before.starts[start] as number), ends: again.ends.map(end => before.ends[end - 1] as number) }
  }
  const { starts, ends } = copy
  return {
    text: foldLookAlikes(copy.text),
    // What nobody sees goes with its neighbour.
    sourceRange: (start, end) => [
      start === 0 ? 0 : Math.min(starts[start] ?? source.length, ends[start - 1] as number),
      Math.max(ends[end - 1] ?? 0, starts[end] ?? source.length),
    ],
  }
}
