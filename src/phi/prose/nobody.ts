// What the name model takes for a name or a place and is none: countries, what is called after its discoverer, measures, abbreviations, brands that are two words
// written as one.
import { lists, shapes, type Token } from './name-features.ts'
import { countries, eponymNouns } from './name-lists.ts'

export interface FoundName {
  /** 1 name, 2 place, 3 address. */
  readonly label: number
  readonly first: Token
  readonly last: Token
  readonly before: Token | undefined
  readonly next: Token | undefined
}

/** "Costa Rica" of which only one word was found. */
function isCountry (text: string, { first, last, before, next }: FoundName): boolean {
  const starts = before !== undefined && first.start - before.end === 1 ? [first.start, before.start] : [first.start]
  const ends = next !== undefined && next.start - last.end === 1 ? [last.end, next.end] : [last.end]
  return starts.some(start => ends.some(end => countries.has(text.slice(start, end).toLowerCase())))
}

const measured = /^[^\n;]{0,40}\d ?(?:%|\/ ?\d|\.\d|s(?![a-z])|(?:mg|mcg|ml|mm|cm|kg|lbs?|bpm|sec|seconds|min|minutes|weeks?|days?|units?|cells)(?![a-z]))/i
const number = /\d/

/** "FEV1 68%", "BOP 12%", "MoCA 27/30": a house has no per cent. */
function isMeasure (text: string, { first, last }: FoundName): boolean {
  const found = text.slice(first.start, last.end)
  return number.test(found) && measured.test(text.slice(first.start, last.end + 12)) && !/\b(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|box|apt|suite|straße|strasse|weg|calle|rue)\b/i.test(found)
}

const inner = /^(?!(?:Mc|Mac|De|Da|Di|Du|La|Le|Lo|Van|Von|O|D|Fitz|St|Jo|Mary|Ann|El|Al|Ben|Ma|Ja|Ta|Ka|Sha|Ra|Che|Ke|Le)\p{Lu})\p{Lu}\p{Ll}+\p{Lu}\p{L}+$/u
const abbreviation = /^\p{Lu}{2,4}s?$|^\p{Lu}{1,3}\p{Ll}?\p{Lu}s?$/u
const onNameLists = lists.first | lists.last | lists.place

/** One word alone that no list of names has, written as nobody writes a name: FVC, TMs, TempBond. */
function isShort (text: string, { first, last }: FoundName, hasSmallWords: boolean): boolean {
  if (first !== last || (first.code & onNameLists) !== 0) return false
  const word = text.slice(first.start, last.end)
  return (hasSmallWords && first.shape !== shapes.initial && abbreviation.test(word)) || inner.test(word)
}

/** `hasSmallWords`: small letters are used, so that capitals mean something. */
export function isNobody (text: string, found: FoundName, hasSmallWords: boolean): boolean {
  const { label, first, last, next } = found
  if (isCountry(text, found)) return true
  if (first === last && next !== undefined && next.start - last.end <= 3 && eponymNouns.has(text.slice(next.start, next.end).toLowerCase())) return true
  return (label !== 1 && isMeasure(text, found)) || isShort(text, found, hasSmallWords)
}
