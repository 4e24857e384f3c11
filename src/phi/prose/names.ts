// Finds names of people by what stands around them (titles, labels, greetings, signatures) and by lists. It reads a text word by word, once.
import { cues, roles, titles } from './cue-words.ts'
import { ambiguousNames, commonWords, firstNames, surnames } from './name-lists.ts'
import { listsOf } from './name-model.ts'
import { lists } from './name-tokens.ts'
import { signs, type Scan } from './scan.ts'
import type { Span } from './span.ts'
import type { NameWords } from './word-list.ts'

const none = -1
const capitalI = 0x49

/** In the dictionary and on no list of names. */
function isOnlyWord (lower: string): boolean {
  if (firstNames.has(lower) || surnames.has(lower)) return false
  const code = listsOf(lower)
  return code === 0 && lower.includes('-') ? lower.split('-').every(part => isOnlyWord(part)) : (code & (lists.word | lists.first | lists.last)) === lists.word
}

class NameReader {
  readonly #text: string
  readonly #words: NameWords
  readonly #spans: Span[] = []

  constructor ({ text, words }: Scan) {
    this.#text = text
    this.#words = words
  }

  read (): readonly Span[] {
    const { count, starts, ends } = this.#words
    for (let index = 0; index < count;) {
      const last = this.#nameFrom(index)
      if (last === none) index += 1
      else {
        const first = this.#is(index - 1, roles.title) && this.#isCued(index) ? index - 1 : index
        this.#spans.push({ start: starts[first] as number, end: ends[last] as number, kind: 'name' })
        index = last + 1
      }
    }
    return this.#spans
  }

  /** Whether there is a word there that is one of these. */
  #is (index: number, role: number): boolean {
    return index >= 0 && index < this.#words.count && ((this.#words.roles[index] as number) & role) !== 0
  }

  #length (index: number): number { return this.#words.lengths[index] as number }

  /** What stands between two words, short as it must be inside a name. */
  #gap (index: number): string {
    const { count, starts, ends } = this.#words
    if (index < 0 || index + 1 >= count) return '\n'
    const end = ends[index] as number
    return this.#text.slice(end, Math.min(starts[index + 1] as number, end + 4))
  }

  #isBlank (index: number): boolean {
    const { count, starts, ends } = this.#words
    return index + 1 < count && (starts[index + 1] as number) - (ends[index] as number) === 1 && this.#text.charCodeAt(ends[index] as number) === 0x20
  }

  #isJoined (index: number): boolean {
    if (this.#isBlank(index)) return true
    const gap = this.#gap(index)
    return gap === '  ' || ((gap === '. ' || gap === '.') && (this.#length(index) <= 2 || this.#is(index, roles.particle)))
  }

  #isFree (index: number): boolean {
    return this.#is(index, roles.capital) && !this.#is(index, roles.common | roles.title)
  }

  #isInitial (index: number): boolean {
    return this.#is(index, roles.capital) && (this.#words.ends[index] as number) - (this.#words.starts[index] as number) === 1
  }

  /** The last word of the run of capitalised words that begins here; at most four and their particles. */
  #runEnd (from: number): number {
    let last = from
    for (let index = from; index - from < 5 && this.#isJoined(index); index++) {
      const isParticle = this.#is(index + 1, roles.particle) && this.#isJoined(index + 1) && this.#isFree(index + 2)
      if (this.#isFree(index + 1) || this.#isInitial(index + 1)) last = index + 1
      else if (!isParticle) break
    }
    return this.#is(last + 1, roles.suffix) && this.#is(last + 1, roles.capital) && /^,? $/.test(this.#gap(last)) ? last + 1 : last
  }

  /** The last word of a name that begins at this word, or `none`. */
  #nameFrom (index: number): number {
    if (this.#isCued(index)) {
      const isName = this.#isFree(index) || (this.#is(index, roles.capital) && this.#is(index, roles.first) && this.#isJoined(index) && this.#isFree(index + 1))
      if (isName) return this.#runEnd(index)
      if (this.#is(index - 1, roles.shortTitle) && !this.#is(index, roles.common) && this.#length(index) > 1) return index
    }
    return this.#is(index, roles.capital) ? this.#listedFrom(index) : this.#lowerFrom(index)
  }

  #isCued (index: number): boolean {
    if (!this.#is(index - 1, roles.title | roles.cue | roles.bridge)) return false
    if (this.#is(index - 1, roles.title)) return /^\.? {1,2}$|^\.$/.test(this.#gap(index - 1))
    if (this.#is(index - 1, roles.cue)) return /^[,:]? {1,2}$|^: \($|^,? ?\n{1,2}$/.test(this.#gap(index - 1)) && !isOnlyWord(this.#lower(index))
    return this.#is(index - 2, roles.verb) && this.#isBlank(index - 1) && !isOnlyWord(this.#lower(index))
  }

  #lower (index: number): string {
    return this.#text.slice(this.#words.starts[index], this.#words.ends[index]).toLowerCase()
  }

  /** A name with a hyphen is on a list that one of its parts is on. */
  #isOn (index: number, role: number, list: ReadonlySet<string>): boolean {
    if (!this.#is(index, roles.double)) return this.#is(index, role)
    const parts = this.#lower(index).split('-')
    // The x of an x-ray is no name's half.
    return parts.some(part => part.length === 1) ? this.#is(index, role) : parts.some(part => list.has(part))
  }

  #listedFrom (index: number): number {
    const isFirst = this.#isOn(index, roles.first, firstNames)
    const isLast = this.#isOn(index, roles.surname, surnames)
    if (this.#isReversed(index, isLast)) return this.#runEnd(index + 1)
    const isSplit = this.#isInitial(index) && this.#isJoined(index) && this.#text.charCodeAt(this.#words.starts[index] as number) !== capitalI
    if (isSplit && this.#isFree(index + 1) && this.#is(index + 1, roles.surname)) return this.#runEnd(index)
    if (!isFirst && !isLast) return this.#endsInDegree(index)
    return this.#speaksForItself(index, isFirst) ? this.#runEnd(index) : none
  }

  /** A listed word that is no other word, or has another listed one beside it; "Parkinson disease" is nobody. */
  #speaksForItself (index: number, isFirst: boolean): boolean {
    const follows = index + 1 < this.#words.count && this.#isJoined(index)
    if (follows && this.#is(index + 1, roles.medical)) return false
    if (!this.#is(index, roles.ambiguous | roles.common)) return true
    const isPair = follows && this.#isFree(index + 1) && !this.#isInitial(index + 1)
    return isPair && (this.#is(index + 1, roles.surname) || (!isFirst && this.#is(index + 1, roles.first)))
  }

  /** "Roe, Jane" */
  #isReversed (index: number, isLast: boolean): boolean {
    if (!this.#is(index + 1, roles.first) || !this.#isFree(index + 1) || !this.#isFree(index) || this.#gap(index) !== ', ') return false
    return (isLast || !this.#is(index + 1, roles.ambiguous)) && !this.#is(index, roles.medical)
  }

  /** "Xochitl Quarrington, RN" */
  #endsInDegree (index: number): number {
    if (!this.#isFree(index)) return none
    const last = this.#runEnd(index)
    return last > index && this.#is(last, roles.suffix) && this.#is(last, roles.degree) ? last : none
  }

  /** Nobody uses the shift key in a chat. */
  #lowerFrom (index: number): number {
    if (!this.#is(index, roles.first) || this.#is(index, roles.ambiguous | roles.common)) return none
    return this.#isBlank(index) && this.#is(index + 1, roles.surname) && !this.#is(index + 1, roles.common) ? index + 1 : index
  }
}

const personWords = '(?:patient|client|member|customer|contact|caller|lead|guardian|parent|spouse|emergency contact|next of kin|subscriber|insured|responsible party|provider|physician|doctor|pcp|nurse|surgeon|therapist|attending|referring(?: provider| physician)?|referred by|ordered by|signed(?: by)?|electronically signed by|dictated by|author|sender|recipient|owner|agent|assigned to|created by|attn|attention|from|to|cc|bcc|mother|father|employer)'
const label = new RegExp(`(?<![A-Za-z])(?:${personWords}(?:'?s)?(?: (?:full |first |last |middle )?name)?|(?:(?:full|first|last|middle|maiden|given|family|preferred|legal|display|billing|user|sur)[ _-]?)?names?|nombre|vorname|nachname)[ \\t]{0,2}(?:[:=]|\\bis\\b)[ \\t]{0,2}["']?(?=[A-Za-z\\u00c0-\\uffff])`, 'gi')
const spoken = /(?<![A-Za-z])(?:my name(?:'s| is)|i am|i'm|im|this is|name is|it's|goes by|known as|aka|a\.k\.a\.?|on behalf of|speaking with|spoke (?:with|to)|named)[ ,]{1,2}(?=[A-Za-z\u00c0-\uffff])/gi
const nameWord = /\p{L}[\p{L}\p{M}'.-]{0,30}/uy
const between = /,? /y

function mayBeNamed (word: string, { lower, isStrict, isFirst }: { readonly lower: string, readonly isStrict: boolean, readonly isFirst: boolean }): boolean {
  const isCapital = word[0] !== word[0]?.toLowerCase()
  const isListed = firstNames.has(lower) || surnames.has(lower)
  if (commonWords.has(lower) && (isFirst || !isListed || !isCapital)) return titles.has(lower)
  return !isStrict || isCapital || (isListed && (!isFirst || !ambiguousNames.has(lower)))
}

const smallWord = / [a-z]+(?=[ ,.!?])/y

function isSaid (text: string, { at, word, lower }: { readonly at: number, readonly word: string, readonly lower: string }): boolean {
  smallWord.lastIndex = at + word.length
  return smallWord.test(text) && isOnlyWord(lower)
}
/** Up to four words behind a label, in whatever case they are written, until one is a common word. */
function readLabelled (text: string, from: number, isStrict: boolean): Span | undefined {
  let end = from
  for (let count = 0, at = from; count < 4; count++) {
    nameWord.lastIndex = at
    const word = nameWord.exec(text)?.[0]
    if (word === undefined) break
    const lower = word.replace(/[.']+$/, '').toLowerCase()
    if (!mayBeNamed(word, { lower, isStrict, isFirst: count === 0 })) break
    // "Agent: Happy to help" is said by the agent.
    if (count === 0 && isSaid(text, { at, word, lower })) break
    end = at + word.replace(/[.]$/, lower.length === 1 ? '.' : '').length
    between.lastIndex = at + word.length
    const gap = between.exec(text)
    if (gap === null || (gap[0] === ', ' && count > 0)) break
    at = between.lastIndex
  }
  return end === from ? undefined : { start: from, end, kind: 'name' }
}

export function findNames (scan: Scan): readonly Span[] {
  const { text } = scan
  const spans = [...new NameReader(scan).read()]
  for (const [pattern, isStrict, isThere] of [[label, false, (scan.signs & signs.label) !== 0], [spoken, true, (scan.cues & cues.speech) !== 0]] as const) {
    if (!isThere) continue
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const span = readLabelled(text, pattern.lastIndex, isStrict || / is$|^(?:from|to|cc)/i.test(match[0].trim()))
      if (span !== undefined) spans.push(span)
    }
  }
  return spans
}
