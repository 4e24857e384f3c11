// One word of a text as the name model sees it: read letter by letter, so that no string is made of it when it is ASCII.

export const shapes = { lower: 0, capital: 1, upper: 2, initial: 3, mixed: 4, digits: 5, coded: 6, mask: 7 } as const

const [basis, prime] = [0x811c9dc5, 0x01000193]

function finishHash (state: number): number {
  const hash = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 12)) >>> 0
}

export function hashOf (text: string, from = 0): number {
  let hash = basis
  for (let index = from; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), prime)
  return finishHash(hash)
}

const isLetter = /[\p{L}\p{M}]/u
const units = { other: 0, letter: 1, digit: 2, joint: 3 } as const
const unitOfAscii = Uint8Array.from({ length: 128 }, (_, code) => /[A-Za-z]/.test(String.fromCharCode(code)) ? units.letter : code >= 0x30 && code <= 0x39 ? units.digit : code === 0x27 || code === 0x2d ? units.joint : units.other)
const unitOfOther = new Map<number, number>()

/** Letters, digits, and what joins two letters: ' and -. */
function unitAt (text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code < 128) return unitOfAscii[code] as number
  // A letter beyond the first plane is two units: each counts as one.
  if (code >= 0xd800 && code <= 0xdfff) return isLetter.test(String.fromCodePoint(text.codePointAt(code < 0xdc00 ? at : at - 1) as number)) ? units.letter : units.other
  let unit = unitOfOther.get(code)
  if (unit === undefined) {
    unit = isLetter.test(String.fromCharCode(code)) ? units.letter : units.other
    unitOfOther.set(code, unit)
  }
  return unit
}

const lowerOf = (code: number): number => code >= 0x41 && code <= 0x5a ? code | 0x20 : code

/** Whether a word can begin there. */
export function isUnit (text: string, at: number): boolean {
  const unit = unitAt(text, at)
  return unit === units.letter || unit === units.digit
}

/** The word that is being read; the same one for all words of all texts. */
export class Word {
  text = ''
  start = 0
  end = 0
  /** With the 's of an owner. */
  wholeEnd = 0
  hash = 0
  letters = 0
  hasDigit = false
  hasUpper = false
  hasLower = false
  hasHyphen = false
  isAscii = true

  get lower (): string { return this.text.slice(this.start, this.end).toLowerCase() }

  /** From where it begins; digits and letters in one are one word. An owner's 's is no part of it. */
  read (text: string, start: number): void {
    this.text = text
    this.start = start
    this.#scan(text.length)
    const { end } = this
    this.wholeEnd = end
    if (end - start > 2 && text.charCodeAt(end - 2) === 0x27 && (text.charCodeAt(end - 1) | 0x20) === 0x73) this.#scan(end - 2)
    if (!this.isAscii) this.#readOther()
  }

  #scan (limit: number): void {
    const { text } = this
    let [at, state, letters] = [this.start, basis, 0]
    let [hasDigit, hasUpper, hasLower, hasHyphen, isAscii] = [false, false, false, false, true]
    for (; at < limit; at++) {
      const code = text.charCodeAt(at)
      const unit = unitAt(text, at)
      if (unit === units.letter) {
        letters += 1
        if (code >= 128) isAscii = false
        else if (code < 0x5b) hasUpper = true
        else hasLower = true
      } else if (unit === units.digit) hasDigit = true
      else if (unit === units.other || hasDigit || unitAt(text, at + 1) !== units.letter) break
      else if (code === 0x2d) hasHyphen = true
      state = Math.imul(state ^ lowerOf(code), prime)
    }
    this.end = at
    this.letters = letters
    this.hash = finishHash(state)
    this.hasDigit = hasDigit
    this.hasUpper = hasUpper
    this.hasLower = hasLower
    this.hasHyphen = hasHyphen
    this.isAscii = isAscii
  }

  #readOther (): void {
    const word = this.text.slice(this.start, this.end)
    const lower = word.toLowerCase()
    this.hash = hashOf(lower)
    this.hasUpper = word !== lower
    this.hasLower = word !== word.toUpperCase()
  }

  shape (): number {
    const first = this.text.charCodeAt(this.start)
    const length = this.end - this.start
    if (first >= 0x30 && first <= 0x39) {
      const isNumber = length < 7 && this.isAscii && (this.letters === 0 || (this.letters === 1 && unitAt(this.text, this.end - 1) === units.letter))
      return isNumber ? shapes.digits : shapes.coded
    }
    if (this.hasDigit) return shapes.coded
    if (!this.hasUpper) return shapes.lower
    if (length === 1) return shapes.initial
    if (!this.hasLower) return shapes.upper
    const letter = this.text.charAt(this.start)
    return letter === letter.toLowerCase()[0] ? shapes.mixed : shapes.capital
  }

  /** Of the last three letters. */
  tail (): number {
    if (!this.isAscii) {
      const { lower } = this
      return hashOf(lower, Math.max(0, lower.length - 3))
    }
    let state = basis
    for (let at = Math.max(this.start, this.end - 3); at < this.end; at++) state = Math.imul(state ^ lowerOf(this.text.charCodeAt(at)), prime)
    return finishHash(state)
  }
}
