// One pass over a folded text before any pattern looks at it: its words with what they are, and which signs, cues and numbers it has. A pattern that cannot match is not run.
import { cues, cuesOf, roles, rolesOf, wordTable } from './cue-words.ts'
import { Words, type NameWords } from './word-list.ts'
import { addLetter, emptyHash } from './word-table.ts'

/** Signs that a text has, as bits. */
export const signs = {
  digit: 1,
  capital: 2,
  at: 4,
  colon: 8,
  equals: 16,
  comma: 32,
  opening: 64,
  slash: 128,
  /** A stop with a letter right behind it, or with a digit. */
  stopLetter: 256,
  stopDigit: 512,
  /** A letter right before a digit. */
  letterDigit: 1024,
  /** A letter, a hyphen or an underscore beside a digit. */
  coded: 2048,
  /** 90 to 149. */
  age: 4096,
  /** "in B", "near M". */
  inPlace: 8192,
  /** "patient:", "name is". */
  label: 16384,
  /** A two-letter state or the first word of a state's name, with a capital. */
  state: 32768,
} as const

export interface Scan {
  readonly text: string
  readonly signs: number
  readonly cues: number
  /** Of the numbers that stand close together, with blanks and ./-() between them: the most digits, and the most numbers. */
  readonly mostDigits: number
  readonly mostNumbers: number
  /** Digits of the longest number. */
  readonly longestNumber: number
  /** Hyphens and colons. */
  readonly joints: number
  readonly colons: number
  /** Read over by the next scan. */
  readonly words: NameWords
}

const kinds = { other: 0, letter: 1, digit: 2, joint: 3, between: 4 } as const
const kindOfAscii = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z]/.test(character)) return kinds.letter
  if (/\d/.test(character)) return kinds.digit
  return character === "'" ? kinds.joint : /[ ._/\\()+:*~|-]/.test(character) ? kinds.between : kinds.other
})
const signOf: Readonly<Record<string, number>> = { '@': signs.at, ':': signs.colon, '=': signs.equals, ',': signs.comma, '/': signs.slash, '[': signs.opening, '(': signs.opening, '{': signs.opening, '<': signs.opening }
const signOfAscii = Uint16Array.from({ length: 128 }, (_, code) => signOf[String.fromCharCode(code)] ?? 0)
/** No pattern of numbers goes over more than this between two of its digits. */
const widestGap = 5
const [hyphen, stop, underscore, colon, equals, apostrophe, blank, tab] = [0x2d, 0x2e, 0x5f, 0x3a, 0x3d, 0x27, 0x20, 0x09]

const kindAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  return code < 128 ? kindOfAscii[code] as number : kinds.other
}
const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a

class Scanner implements Scan {
  text = ''
  signs = 0
  cues = 0
  mostDigits = 0
  mostNumbers = 0
  longestNumber = 0
  joints = 0
  colons = 0
  words = new Words()
  /** Of the letters read last. */
  #lastCues = 0
  #lastEnd = 0
  /** Of the word that is being read, and whether it is more than letters of ASCII. */
  #wordEnd = -1
  #isWritten = false
  #gap = 0
  #digits = 0
  #numbers = 0

  scan (text: string): this {
    this.text = text
    this.signs = this.cues = this.mostDigits = this.mostNumbers = this.longestNumber = this.joints = this.colons = 0
    this.words.count = 0
    this.#lastCues = this.#lastEnd = this.#digits = this.#numbers = 0
    this.#wordEnd = -1
    this.#isWritten = false
    this.#gap = widestGap + 1
    for (let at = 0; at < text.length;) {
      const kind = kindAt(text, at)
      if (kind === kinds.letter) at = this.#letters(at)
      else if (kind === kinds.digit) at = this.#number(at)
      else {
        this.#sign(at, kind)
        at += 1
      }
    }
    this.#endWord()
    return this
  }

  #sign (at: number, kind: number): void {
    const { text } = this
    const code = text.charCodeAt(at)
    this.#gap = kind === kinds.between ? this.#gap + 1 : widestGap + 1
    if (code >= 128) {
      if (code >= 0xc0 && code <= 0xde) this.signs |= signs.capital
      this.#beyondAscii(at)
      return
    }
    if (at === this.#wordEnd && (code === apostrophe || code === hyphen)) this.#wordEnd = at + 1
    this.signs |= signOfAscii[code] as number
    if (code === hyphen) this.joints += 1
    else if (code === stop) {
      const next = kindAt(text, at + 1)
      if (next === kinds.letter) this.signs |= signs.stopLetter
      else if (next === kinds.digit) this.signs |= signs.stopDigit
    } else if (code === colon || code === equals) {
      if (code === colon) {
        this.joints += 1
        this.colons += 1
      }
      if ((this.#lastCues & cues.person) !== 0 && this.#isNear(at)) this.signs |= signs.label
    }
  }

  /** Whether the letters read last end at most two blanks before. */
  #isNear (at: number): boolean {
    let from = at
    while (from > 0 && at - from < 2 && (this.text.charCodeAt(from - 1) === blank || this.text.charCodeAt(from - 1) === tab)) from -= 1
    return from === this.#lastEnd
  }

  #number (start: number): number {
    const { text } = this
    let end = start + 1
    while (kindAt(text, end) === kinds.digit) end += 1
    const length = end - start
    const isClose = this.#gap <= widestGap
    this.#digits = isClose ? this.#digits + length : length
    this.#numbers = isClose ? this.#numbers + 1 : 1
    this.#gap = 0
    this.mostDigits = Math.max(this.mostDigits, this.#digits)
    this.mostNumbers = Math.max(this.mostNumbers, this.#numbers)
    this.longestNumber = Math.max(this.longestNumber, length)
    this.signs |= signs.digit
    const [before, after] = [text.charCodeAt(start - 1), text.charCodeAt(end)]
    const followsLetter = start > 0 && kindAt(text, start - 1) === kinds.letter
    if (followsLetter) this.signs |= signs.letterDigit
    if (followsLetter || kindAt(text, end) === kinds.letter || before === hyphen || before === underscore || after === hyphen || after === underscore) this.signs |= signs.coded
    const [first, second] = [text.charCodeAt(start) - 0x30, text.charCodeAt(start + 1) - 0x30]
    if ((length === 2 && first === 9) || (length === 3 && first === 1 && second <= 4)) this.signs |= signs.age
    return end
  }

  #letters (start: number): number {
    const { text } = this
    let hash = emptyHash
    let end = start
    let bits = -1
    do {
      const code = text.charCodeAt(end)
      hash = addLetter(hash, code)
      bits &= code
      end += 1
    } while (kindAt(text, end) === kinds.letter)
    if ((bits & 0x20) === 0) this.#capital(start, end)
    const index = wordTable.find(text, start, { end, hash })
    const found = index === -1 ? 0 : cuesOf[index] as number
    if (found !== 0) this.#cue(found, start, end)
    this.#gap = widestGap + 1
    this.#word(start, end, index === -1 ? 0 : rolesOf[index] as number)
    // "patient's": what stands before the mark of the owner counts.
    if (!(end - start === 1 && start === this.#lastEnd + 1 && text.charCodeAt(start - 1) === apostrophe && (text.charCodeAt(start) | 0x20) === 0x73)) this.#lastCues = found
    this.#lastEnd = end
    return end
  }

  /** Some patterns take a capital letter for the beginning of the next word: "roadK", "cityUlm". */
  #capital (start: number, end: number): void {
    this.signs |= signs.capital
    for (let at = start + 1; at < end; at++) if (isCapital(this.text.charCodeAt(at)) && !isCapital(this.text.charCodeAt(at - 1))) this.cues |= cues.streetType | cues.place
  }

  #cue (found: number, start: number, end: number): void {
    const { text } = this
    this.cues |= found
    if ((found & cues.state) !== 0 && isCapital(text.charCodeAt(start))) this.signs |= signs.state
    if ((found & cues.preposition) !== 0 && text.charCodeAt(end) === blank) {
      const next = text.charCodeAt(end + 1)
      if (isCapital(next) || next >= 128) this.signs |= signs.inPlace
    }
    if ((found & cues.is) === 0) return
    if (end - start === 2 && (this.#lastCues & cues.person) !== 0 && this.#isNear(start)) this.signs |= signs.label
    if ((this.#lastCues & cues.this) !== 0 && start === this.#lastEnd + 1) this.cues |= cues.speech
  }

  /** Letters go on with a word where only its marks stand between. */
  #word (start: number, end: number, role: number): void {
    if (start === this.#wordEnd) this.#isWritten = true
    else {
      this.#endWord()
      this.words.add(start, end, isCapital(this.text.charCodeAt(start)) ? role | roles.capital : role)
    }
    this.#wordEnd = end
  }

  #beyondAscii (at: number): void {
    // The second half of a letter beyond the first plane.
    if (at < this.#wordEnd) return
    const letter = String.fromCodePoint(this.text.codePointAt(at) as number)
    const isLetter = /\p{L}/u.test(letter)
    if (at !== this.#wordEnd) {
      if (!isLetter) return
      this.#endWord()
      this.words.add(at, at, 0)
    } else if (!isLetter && !/\p{M}/u.test(letter)) return
    this.#isWritten = true
    this.#wordEnd = at + letter.length
  }

  /** The last word has marks in it, or letters beyond ASCII: it is put in anew, as it is written. */
  #endWord (): void {
    if (!this.#isWritten) return
    this.#isWritten = false
    const { words } = this
    words.count -= 1
    const start = words.starts[words.count] as number
    words.addWritten(start, this.text.slice(start, this.#wordEnd))
  }
}

const shared = new Scanner()
const longestShared = 1 << 16

/** What is returned is written over by the next scan. */
export function scan (text: string): Scan {
  // The space that a very long text needs is not kept.
  if (text.length > longestShared) return new Scanner().scan(text)
  return shared.scan(text)
}

/** A scan that keeps no pattern from being run, to see that other scans keep none from finding what it would find. */
export function scanWide (text: string): Scan {
  const { words } = new Scanner().scan(text)
  const many = text.length
  return { text, words, signs: -1, cues: -1, mostDigits: many, mostNumbers: many, longestNumber: many, joints: many, colons: many }
}
