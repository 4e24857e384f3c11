// What the name model takes for a name or a place and is none: countries, what is called after its discoverer, measures, abbreviations, brands that are two words
// written as one.
import { countries, eponymNouns } from './name-lists.ts'
import { fields, lists, type Tokens } from './name-tokens.ts'
import { hashOf, shapes } from './name-word.ts'

/** Of tokens; both belong to it. */
export interface FoundName {
  readonly first: number
  readonly last: number
  /** Small letters are used, so that capitals mean something. */
  readonly hasSmallWords: boolean
}

const tailsOf = (words: ReadonlySet<string>): ReadonlySet<number> => new Set(Array.from(words, word => hashOf(word, Math.max(0, word.length - 3)) | 0))
/** Few words end as one of these does: the others are not made a string of. */
const [countryTails, eponymTails] = [tailsOf(countries), tailsOf(eponymNouns)]

/** "Costa Rica" of which only one word was found. */
function isCountry (text: string, tokens: Tokens, { first, last }: FoundName): boolean {
  const [start, end] = [tokens.get(first, fields.start), tokens.get(last, fields.end)]
  const endsIn = (index: number, to: number) => countryTails.has(tokens.get(index, fields.tail)) && starts.some(from => countries.has(text.slice(from, to).toLowerCase()))
  const starts = first > 0 && start - tokens.get(first - 1, fields.end) === 1 ? [start, tokens.get(first - 1, fields.start)] : [start]
  if (endsIn(last, end)) return true
  const next = last + 1
  return next < tokens.length && tokens.get(next, fields.start) - end === 1 && endsIn(next, tokens.get(next, fields.end))
}

function isEponym (text: string, tokens: Tokens, { first, last }: FoundName): boolean {
  const next = last + 1
  if (first !== last || next >= tokens.length || !eponymTails.has(tokens.get(next, fields.tail))) return false
  const start = tokens.get(next, fields.start)
  return start - tokens.get(last, fields.end) <= 3 && eponymNouns.has(text.slice(start, tokens.get(next, fields.end)).toLowerCase())
}

const measured = /^[^\n;]{0,40}\d ?(?:%|\/ ?\d|\.\d|s(?![a-z])|(?:mg|mcg|ml|mm|cm|kg|lbs?|bpm|sec|seconds|min|minutes|weeks?|days?|units?|cells)(?![a-z]))/i
const number = /\d/

/** "FEV1 68%", "BOP 12%", "MoCA 27/30": a house has no per cent. */
function isMeasure (text: string, start: number, end: number): boolean {
  const found = text.slice(start, end)
  return number.test(found) && measured.test(text.slice(start, end + 12)) && !/\b(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|box|apt|suite|straße|strasse|weg|calle|rue)\b/i.test(found)
}

const inner = /^(?!(?:Mc|Mac|De|Da|Di|Du|La|Le|Lo|Van|Von|O|D|Fitz|St|Jo|Mary|Ann|El|Al|Ben|Ma|Ja|Ta|Ka|Sha|Ra|Che|Ke|Le)\p{Lu})\p{Lu}\p{Ll}+\p{Lu}\p{L}+$/u
const abbreviation = /^\p{Lu}{2,4}s?$|^\p{Lu}{1,3}\p{Ll}?\p{Lu}s?$/u
const onNameLists = lists.first | lists.last | lists.place

/** One word alone that no list of names has, written as nobody writes a name: FVC, TMs, TempBond. */
function isShort (text: string, tokens: Tokens, { first, last, hasSmallWords }: FoundName): boolean {
  if (first !== last || (tokens.get(first, fields.code) & onNameLists) !== 0) return false
  const word = text.slice(tokens.get(first, fields.start), tokens.get(last, fields.end))
  return (hasSmallWords && tokens.get(first, fields.shape) !== shapes.initial && abbreviation.test(word)) || inner.test(word)
}

export function isNobody (text: string, tokens: Tokens, found: FoundName): boolean {
  if (isCountry(text, tokens, found) || isEponym(text, tokens, found)) return true
  const isPerson = tokens.get(found.first, fields.label) === 1
  return (!isPerson && isMeasure(text, tokens.get(found.first, fields.start), tokens.get(found.last, fields.end))) || isShort(text, tokens, found)
}
