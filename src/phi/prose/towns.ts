// Towns that the name model passed over: a town is a town, also where the words around it say nothing.
import { commonWords } from './name-lists.ts'
import { fields, lists, type Tokens } from './name-tokens.ts'
import { shapes } from './name-word.ts'

const place = 2
const shortestTown = 5
/** Of towns that are also called as people are. */
const shortestShared = 9
const beginnings = /^(?:fort|lake|mount|san|santa|saint|st|new|north|south|east|west|port|point|el|los|las|la|grand|coeur|terre|eau|corpus|rancho|bad|baton|cedar|palm|salt)$/i
const beforeTown = /^(?:in|from|near|to)$/

const wordOf = (text: string, tokens: Tokens, index: number): string => text.slice(tokens.get(index, fields.start), tokens.get(index, fields.end))
const isCapital = (shape: number): boolean => shape === shapes.capital || shape === shapes.upper

function isTown (tokens: Tokens, index: number): boolean {
  const code = tokens.get(index, fields.code)
  const shortest = (code & lists.last) === 0 ? shortestTown : shortestShared
  return (code & lists.place) !== 0 && (code & (lists.word | lists.first)) === 0 && tokens.get(index, fields.length) >= shortest
}

/** "our Kalamazoo office". What is a word or a person too is left to the model. */
export function addTowns (text: string, tokens: Tokens): void {
  let hasCapitals = false
  for (let index = 0; index < tokens.length && !hasCapitals; index++) hasCapitals = isCapital(tokens.get(index, fields.shape))
  for (let index = 0; index < tokens.length; index++) {
    const shape = tokens.get(index, fields.shape)
    if (tokens.get(index, fields.label) !== 0 || !isTown(tokens, index) || (shape === shapes.lower && hasCapitals) || shape >= shapes.initial) continue
    tokens.set(index, fields.label, place)
  }
  if (hasCapitals) addBeginnings(text, tokens)
  else addSmallTowns(text, tokens)
}

/** "our Fort Wayne office" of which Wayne was found: a capital in the middle of a sentence belongs to what follows. */
function addBeginnings (text: string, tokens: Tokens): void {
  for (let index = 1; index < tokens.length - 1; index++) {
    const next = tokens.get(index + 1, fields.label)
    if (tokens.get(index, fields.label) !== 0 || (next !== 1 && next !== place) || !isCapital(tokens.get(index, fields.shape))) continue
    const isNear = tokens.get(index + 1, fields.start) - tokens.get(index, fields.end) === 1
    if (!isNear || !/^[ ,:(/-]{1,3}$/.test(text.slice(tokens.get(index - 1, fields.end), tokens.get(index, fields.start)))) continue
    if (beginnings.test(wordOf(text, tokens, index))) tokens.set(index, fields.label, place)
  }
}

/** "im in terre haute": two words or more of towns' names, where nobody uses the shift key. */
function addSmallTowns (text: string, tokens: Tokens): void {
  const isPart = (index: number) => index < tokens.length && (tokens.get(index, fields.code) & lists.place) !== 0 && !commonWords.has(wordOf(text, tokens, index))
  for (let index = 0; index < tokens.length; index++) {
    if (!isPart(index + 1) || !beforeTown.test(wordOf(text, tokens, index))) continue
    let last = index
    while (last - index < 3 && isPart(last + 1)) last += 1
    if (last - index >= 2) for (let at = index + 1; at <= last; at++) tokens.set(at, fields.label, place)
  }
}
