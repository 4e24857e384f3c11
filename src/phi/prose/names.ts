// Finds names of people by what stands around them (titles, labels, greetings, signatures) and by lists. It reads a text word by word, once.
import { ambiguousNames, commonWords, firstNames, medicalNouns, surnames } from './name-lists.ts'
import { lists } from './name-features.ts'
import { listsOf } from './name-model.ts'
import type { Span } from './span.ts'

interface Word {
  readonly start: number
  readonly end: number
  readonly lower: string
  readonly isCapital: boolean
}

const asciiWord = /[A-Za-z][A-Za-z'-]*/g
const anyWord = /\p{L}[\p{L}\p{M}'-]*/gu

const isAscii = /^[\0-\x7f]*$/

const toSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
const titles = toSet('mr mrs ms miss mx dr prof professor doctor sir madam madame nurse rev reverend fr sgt lt capt col herr frau señor señora sra monsieur mme')
const cues = toSet(`patient pt client caller mother father mom dad wife husband spouse son daughter brother sister aunt uncle cousin grandmother grandfather grandma grandpa guardian
 caregiver friend partner neighbor neighbour fiancé fiancee colleague daughter's son's dear hi hello hey attn attention sincerely regards thanks cheers love best yours
 named called physician therapist counselor surgeon pcp provider contact lead`)
const verbs = toSet(`spoke talked met emailed texted called seen signed examined evaluated referred ordered prescribed reviewed treated interviewed accompanied notified informed contacted
 asked told advised saw visited thanks thank meet discussed dictated electronically written accompanied brought`)
const bridges = toSet('with to by from for')
const particles = toSet('de da di do dos das del della der den van von la le el al bin ibn ben st mac mc o y e zu zur ter ten')
const suffixes = toSet('jr sr ii iii iv md do rn np pa phd dds esq dpm lcsw lpn')

function isCapital (word: string): boolean {
  const first = word[0] as string
  return first !== first.toLowerCase()
}

/** In the dictionary and on no list of names. */
function isOnlyWord (lower: string): boolean {
  if (firstNames.has(lower) || surnames.has(lower)) return false
  const code = listsOf(lower)
  return code === 0 && lower.includes('-') ? lower.split('-').every(part => isOnlyWord(part)) : (code & (lists.word | lists.first | lists.last)) === lists.word
}

function readWords (text: string): Word[] {
  const pattern = isAscii.test(text) ? asciiWord : anyWord
  const words: Word[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const whole = match[0]
    // Most words have neither, and a look at two letters costs less than a pattern.
    const last = whole.charCodeAt(whole.length - 1)
    const isBare = last !== 0x27 && last !== 0x2d && whole.charCodeAt(whole.length - 2) !== 0x27
    const bare = isBare ? whole : whole.replace(/'s$|['-]+$/i, '')
    if (bare === '') continue
    const lower = bare.toLowerCase()
    words.push({ start: match.index, end: match.index + bare.length, lower, isCapital: bare !== lower && isCapital(bare) })
  }
  return words
}

class NameReader {
  readonly #text: string
  readonly #words: readonly Word[]
  readonly #spans: Span[] = []

  constructor (text: string) {
    this.#text = text
    this.#words = readWords(text)
  }

  read (): readonly Span[] {
    for (let index = 0; index < this.#words.length;) {
      const last = this.#nameFrom(index)
      if (last === undefined) index += 1
      else {
        const before = this.#words[index - 1]
        const first = before !== undefined && titles.has(before.lower) && this.#isCued(index) ? before : this.#words[index] as Word
        this.#spans.push({ start: first.start, end: (this.#words[last] as Word).end, kind: 'name' })
        index = last + 1
      }
    }
    return this.#spans
  }

  /** What stands between two words, short as it must be inside a name. */
  #gap (index: number): string {
    const [left, right] = [this.#words[index], this.#words[index + 1]]
    return left === undefined || right === undefined ? '\n' : this.#text.slice(left.end, Math.min(right.start, left.end + 4))
  }

  #isJoined (index: number): boolean {
    const word = this.#words[index] as Word
    const gap = this.#gap(index)
    return gap === ' ' || gap === '  ' || ((gap === '. ' || gap === '.') && (word.lower.length <= 2 || particles.has(word.lower)))
  }

  #isFree (word: Word | undefined): boolean {
    return word !== undefined && word.isCapital && !commonWords.has(word.lower) && !titles.has(word.lower)
  }

  #isInitial (word: Word | undefined): boolean {
    return word?.isCapital === true && word.end - word.start === 1
  }

  /** The last word of the run of capitalised words that begins here; at most four and their particles. */
  #runEnd (from: number): number {
    let last = from
    for (let index = from; index - from < 5 && this.#isJoined(index); index++) {
      const next = this.#words[index + 1]
      const isParticle = next !== undefined && particles.has(next.lower) && this.#isJoined(index + 1) && this.#isFree(this.#words[index + 2])
      if (this.#isFree(next) || this.#isInitial(next)) last = index + 1
      else if (!isParticle) break
    }
    const gap = this.#gap(last)
    const next = this.#words[last + 1]
    return next !== undefined && /^,? $/.test(gap) && suffixes.has(next.lower) && next.isCapital ? last + 1 : last
  }

  /** The last word of a name that begins at this word, or undefined. */
  #nameFrom (index: number): number | undefined {
    const word = this.#words[index] as Word
    if (this.#isCued(index)) {
      const isName = this.#isFree(word) || (word.isCapital && firstNames.has(word.lower) && this.#isJoined(index) && this.#isFree(this.#words[index + 1]))
      if (isName) return this.#runEnd(index)
      const before = this.#words[index - 1]
      const isTitled = before !== undefined && /^(?:mr|mrs|ms|dr|prof)$/.test(before.lower)
      if (isTitled && !commonWords.has(word.lower) && word.lower.length > 1) return index
    }
    return word.isCapital ? this.#listedFrom(index) : this.#lowerFrom(index)
  }

  #isCued (index: number): boolean {
    const before = this.#words[index - 1]
    if (before === undefined) return false
    const gap = this.#gap(index - 1)
    if (titles.has(before.lower)) return /^\.? {1,2}$|^\.$/.test(gap)
    if (cues.has(before.lower)) return /^[,:]? {1,2}$|^:? \($|^,? ?\n{1,2}$/.test(gap) && !isOnlyWord((this.#words[index] as Word).lower)
    return bridges.has(before.lower) && gap === ' ' && verbs.has(this.#words[index - 2]?.lower ?? '') && !isOnlyWord((this.#words[index] as Word).lower)
  }

  #listedFrom (index: number): number | undefined {
    const word = this.#words[index] as Word
    const pieces = word.lower.includes('-') ? word.lower.split('-') : undefined
    // The x of an x-ray is no name's half.
    const parts = pieces?.some(part => part.length === 1) === true ? undefined : pieces
    const isFirst = parts === undefined ? firstNames.has(word.lower) : parts.some(part => firstNames.has(part))
    const isLast = parts === undefined ? surnames.has(word.lower) : parts.some(part => surnames.has(part))
    const next = this.#words[index + 1]
    if (this.#isReversed(index, isLast)) return this.#runEnd(index + 1)
    const isSplit = this.#isInitial(word) && this.#isJoined(index)
    if (isSplit && this.#isFree(next) && word.lower !== 'i' && next !== undefined && surnames.has(next.lower)) return this.#runEnd(index)
    if (!isFirst && !isLast) return this.#endsInDegree(index)
    return this.#speaksForItself(index, isFirst) ? this.#runEnd(index) : undefined
  }

  /** A listed word that is no other word, or has another listed one beside it; "Parkinson disease" is nobody. */
  #speaksForItself (index: number, isFirst: boolean): boolean {
    const [word, next] = [this.#words[index] as Word, this.#words[index + 1]]
    const follows = next !== undefined && this.#isJoined(index) ? next : undefined
    if (follows !== undefined && medicalNouns.has(follows.lower)) return false
    if (!ambiguousNames.has(word.lower) && !commonWords.has(word.lower)) return true
    const isPair = follows !== undefined && this.#isFree(follows) && !this.#isInitial(follows)
    return isPair && (surnames.has(follows.lower) || (!isFirst && firstNames.has(follows.lower)))
  }

  /** "Roe, Jane" */
  #isReversed (index: number, isLast: boolean): boolean {
    const [word, next] = [this.#words[index] as Word, this.#words[index + 1]]
    if (next === undefined || this.#gap(index) !== ', ' || !this.#isFree(next) || !this.#isFree(word)) return false
    return firstNames.has(next.lower) && (isLast || !ambiguousNames.has(next.lower)) && !medicalNouns.has(word.lower)
  }

  /** "Xochitl Quarrington, RN" */
  #endsInDegree (index: number): number | undefined {
    if (!this.#isFree(this.#words[index])) return undefined
    const last = this.#runEnd(index)
    return last > index && suffixes.has((this.#words[last] as Word).lower) && /^(?:md|rn|np|phd|dds|lcsw|lpn|esq)$/.test((this.#words[last] as Word).lower) ? last : undefined
  }

  /** Nobody uses the shift key in a chat. */
  #lowerFrom (index: number): number | undefined {
    const [word, next] = [this.#words[index] as Word, this.#words[index + 1]]
    if (!firstNames.has(word.lower) || ambiguousNames.has(word.lower) || commonWords.has(word.lower)) return undefined
    if (next !== undefined && this.#gap(index) === ' ' && surnames.has(next.lower) && !commonWords.has(next.lower)) return index + 1
    return index
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

const hasLabelEnd = /[:=]|is/i
const spokenOnly = [[spoken, true]] as const
const allLabels = [[label, false], ...spokenOnly] as const

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

export function findNames (text: string): readonly Span[] {
  const spans = [...new NameReader(text).read()]
  // A look for what ends a label costs a fraction of a look for the label.
  for (const [pattern, isStrict] of hasLabelEnd.test(text) ? allLabels : spokenOnly) {
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const span = readLabelled(text, pattern.lastIndex, isStrict || / is$|^(?:from|to|cc)/i.test(match[0].trim()))
      if (span !== undefined) spans.push(span)
    }
  }
  return spans
}
