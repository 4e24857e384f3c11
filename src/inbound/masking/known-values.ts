// The values that were masked in a page, looked for in the rest of it: the same number in an attribute, a comment or a script, also without its signs. One reading of a text
// finds all of them, however many there are.

/** Shorter values are too common to be looked for inside a text. */
const shortestInside = 6
/** Shorter ones say nothing: `1`, `no`. */
const shortestWhole = 3
/** Signs between two characters of a value: more of them, and it is another text. */
const mostBetween = 8

const squeeze = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

interface Known {
  readonly squeezed: string
  readonly mask: string
  /** It can be no word of a page or a program by chance: it has digits or several words. */
  readonly isTelling: boolean
}

export interface KnownValues {
  add (value: string, mask: string): void
  /** A text without them; undefined: there is none in it. */
  takeOut (text: string): string | undefined
  /** The same of a program: words that a program can have by itself go only where they are a text in quotes. */
  takeOutOfCode (code: string): string | undefined
  has (text: string): boolean
  /** Those that stand nowhere by chance. */
  hasTelling (text: string): boolean
}

/** The letters and digits of a text, and where each of them stands in it. */
function squeezeWithPlaces (text: string): { readonly squeezed: string, placeOf (at: number): number } {
  const places: number[] = []
  let squeezed = ''
  let at = 0
  for (const letter of text) {
    // In small letters it can be more than one: İ.
    const small = /[\p{L}\p{N}]/u.test(letter) ? squeeze(letter) : ''
    for (let index = 0; index < small.length; index += 1) places.push(at)
    squeezed += small
    at += letter.length
  }
  return { squeezed, placeOf: index => places[index] ?? text.length }
}

function decodeEscapes (text: string): string {
  return text.replace(/\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))/gi, (_whole, braces?: string, four?: string, two?: string) => {
    const point = Number.parseInt(braces ?? four ?? two ?? '', 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ''
  }).replace(/\\(.)/g, '$1')
}

/** A text as it can stand between the quotes of a program, whichever they are. */
export const quotable = (text: string) => text.replace(/["'`\\\n<]/g, ' ')

const quotedText = /(["'`])((?:\\[^]|(?!\1)[^\\\n]){1,2000})\1/g

export function createKnownValues (): KnownValues {
  const whole = new Map<string, Known>()
  /** Long ones by their first characters. */
  const inside = new Map<string, Known[]>()

  const findAt = (squeezed: string, at: number, isMeant: (known: Known) => boolean) =>
    inside.get(squeezed.slice(at, at + shortestInside))?.find(known => isMeant(known) && squeezed.startsWith(known.squeezed, at))
  const findIn = (squeezed: string, isMeant: (known: Known) => boolean): boolean => {
    if (inside.size === 0) return false
    for (let at = 0; at + shortestInside <= squeezed.length; at += 1) if (findAt(squeezed, at, isMeant) !== undefined) return true
    return false
  }
  const takeOutWhere = (text: string, isMeant: (known: Known) => boolean): string | undefined => {
    const plain = squeeze(text)
    const equal = whole.get(plain)
    if (equal !== undefined && isMeant(equal)) return equal.mask
    if (!findIn(plain, isMeant)) return undefined
    const { squeezed, placeOf } = squeezeWithPlaces(text)
    let out = ''
    let done = 0
    for (let at = 0; at + shortestInside <= squeezed.length;) {
      const found = findAt(squeezed, at, isMeant)
      if (found === undefined) { at += 1; continue }
      const last = at + found.squeezed.length - 1
      // Its characters lie further apart than those of a value do: nothing of the text stays.
      for (let index = at; index < last; index += 1) if (placeOf(index + 1) - placeOf(index) > mostBetween + 2) return found.mask
      out += text.slice(done, placeOf(at)) + found.mask
      done = placeOf(last) + String.fromCodePoint(text.codePointAt(placeOf(last)) ?? 0).length
      at = last + 1
    }
    return out + text.slice(done)
  }
  const takeOut = (text: string) => takeOutWhere(text, () => true)
  return {
    takeOut,
    add (value, mask) {
      const squeezed = squeeze(value)
      // What a mask says itself would be found again for ever.
      if (squeezed.length < shortestWhole || whole.has(squeezed) || squeeze(mask).includes(squeezed)) return
      const known: Known = { squeezed, mask, isTelling: /\d/.test(squeezed) || /\p{L}\P{L}+\p{L}/u.test(value) }
      whole.set(squeezed, known)
      if (squeezed.length < shortestInside) return
      const key = squeezed.slice(0, shortestInside)
      const alike = inside.get(key)
      if (alike === undefined) inside.set(key, [known])
      else alike.push(known)
    },
    takeOutOfCode (code) {
      if (whole.size === 0) return undefined
      const quiet = code.replace(quotedText, (all, quote: string, text: string) => {
        const left = takeOut(decodeEscapes(text))
        return left === undefined ? all : `${quote}${quotable(left)}${quote}`
      })
      const left = takeOutWhere(quiet, known => known.isTelling) ?? quiet
      return left === code ? undefined : left
    },
    has: text => whole.has(squeeze(text)) || findIn(squeeze(text), () => true),
    hasTelling: text => findIn(squeeze(text), known => known.isTelling),
  }
}
