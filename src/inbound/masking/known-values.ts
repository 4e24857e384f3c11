// The values that were masked in a page, looked for in the rest of it: the same number in an attribute, a comment or a script, also without its signs.

/** Shorter values are too common to be looked for inside a text. */
const shortestInside = 6
/** Shorter ones say nothing: `1`, `no`. */
const shortestWhole = 3
/** Of one text: what has more of them is taken out whole. */
const mostFound = 100

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

/** The value with whatever signs stand between its characters. */
function formOf (squeezed: string): RegExp {
  return new RegExp([...squeezed].map(letter => letter.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^\\p{L}\\p{N}]{0,8}'), 'giu')
}

function decodeEscapes (text: string): string {
  return text.replace(/\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))/gi, (_whole, braces?: string, four?: string, two?: string) => {
    const point = Number.parseInt(braces ?? four ?? two ?? '', 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ''
  }).replace(/\\(.)/g, '$1')
}

const quotedText = /(["'`])((?:\\[^]|(?!\1)[^\\\n]){1,2000})\1/g

export function createKnownValues (): KnownValues {
  const whole = new Map<string, Known>()
  /** Long ones by their first characters. */
  const inside = new Map<string, Known[]>()

  const findIn = (squeezed: string, isMeant: (known: Known) => boolean): Known | undefined => {
    if (inside.size === 0) return undefined
    for (let at = 0; at + shortestInside <= squeezed.length; at += 1) {
      const found = inside.get(squeezed.slice(at, at + shortestInside))?.find(known => isMeant(known) && squeezed.startsWith(known.squeezed, at))
      if (found !== undefined) return found
    }
    return undefined
  }
  const takeOutWhere = (text: string, isMeant: (known: Known) => boolean): string | undefined => {
    const equal = whole.get(squeeze(text))
    if (equal !== undefined && isMeant(equal)) return equal.mask
    let out = text
    for (let turn = 0; ; turn += 1) {
      const found = findIn(squeeze(out), isMeant)
      if (found === undefined) return out === text ? undefined : out
      const next = out.replace(formOf(found.squeezed), found.mask)
      // Its characters lie further apart than the form allows, or there is no end of it.
      if (next === out || turn > mostFound) return found.mask
      out = next
    }
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
        return left === undefined ? all : `${quote}${left.replace(/["'`\\\n<]/g, ' ')}${quote}`
      })
      const left = takeOutWhere(quiet, known => known.isTelling) ?? quiet
      return left === code ? undefined : left
    },
    has: text => whole.has(squeeze(text)) || findIn(squeeze(text), () => true) !== undefined,
    hasTelling: text => findIn(squeeze(text), known => known.isTelling) !== undefined,
  }
}
