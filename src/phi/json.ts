// Reads JSON (RFC 8259) strictly and rewrites its leaves in place: numbers, white space and the order of names stay byte for byte. Two members of one name are two leaves.
import { applyEdits, type Edit } from './edits.ts'
import { Hold } from './hold.ts'
import { itemName } from './path-pattern.ts'
import type { Spot, Visitor } from './visitor.ts'

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const escapeAfter = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]

class JsonRewriter {
  readonly #text: string
  readonly #visitor: Visitor
  readonly #edits: Edit[] = []
  #at = 0
  #depth = 0
  /** Inside something that is taken out as a whole: read, not asked about. */
  #muted = 0

  constructor (text: string, visitor: Visitor) {
    this.#text = text
    this.#visitor = visitor
  }

  run (place: Spot): string {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1
    const start = this.#skipBlank()
    if (!this.#value(place)) this.#edits.push({ start, end: this.#at, text: 'null' })
    if (this.#skipBlank() !== this.#text.length) throw new Hold('notJson')
    return applyEdits(this.#text, this.#edits)
  }

  /** Reads one value out of the middle of a text. */
  readAt (at: number, place: Spot): void {
    this.#at = at
    this.#value(place)
  }

  #skipBlank (): number {
    const text = this.#text
    let at = this.#at
    for (let code = text.charCodeAt(at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; code = text.charCodeAt(at)) at += 1
    this.#at = at
    return at
  }

  /** Reads one value. False: it is to be taken out by the caller. */
  #value (place: Spot): boolean {
    const code = this.#text.charCodeAt(this.#at)
    if (code === quote) return this.#string(place)
    if (code === openBrace) return this.#container(place, true)
    if (code === openBracket) return this.#container(place, false)
    if (code === 0x74) return this.#word('true', place)
    if (code === 0x66) return this.#word('false', place)
    if (code === 0x6e) return this.#word('null', place)
    return this.#number(place)
  }

  #answer (start: number, answer: string | null | undefined, isText: boolean): boolean {
    if (answer === null) return false
    if (answer !== undefined) this.#edits.push({ start, end: this.#at, text: isText ? JSON.stringify(answer) : answer })
    return true
  }

  #string (place: Spot): boolean {
    const start = this.#at
    const value = this.#readString()
    if (this.#muted > 0) return true
    return this.#answer(start, this.#visitor.leaf(place, value, 'string'), true)
  }

  #word (word: 'true' | 'false' | 'null', place: Spot): boolean {
    const start = this.#at
    if (!this.#text.startsWith(word, start)) throw new Hold('notJson')
    this.#at = start + word.length
    if (this.#muted > 0) return true
    if (word === 'null') return this.#visitor.nothing?.(place) ?? true
    return this.#answer(start, this.#visitor.leaf(place, word, 'boolean'), false)
  }

  #number (place: Spot): boolean {
    const start = this.#at
    number.lastIndex = start
    if (!number.test(this.#text)) throw new Hold('notJson')
    this.#at = number.lastIndex
    if (this.#muted > 0) return true
    return this.#answer(start, this.#visitor.leaf(place, this.#text.slice(start, this.#at), 'number'), false)
  }

  #readString (): string {
    const text = this.#text
    const start = this.#at
    let at = start + 1
    let hasEscape = false
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === quote) break
      if (code === backslash) {
        hasEscape = true
        escapeAfter.lastIndex = at + 1
        if (!escapeAfter.test(text)) throw new Hold('notJson')
        at = escapeAfter.lastIndex
        continue
      }
      if (!(code >= 0x20)) throw new Hold('notJson') // a control character, or the end of the text
      at += 1
    }
    this.#at = at + 1
    return hasEscape ? JSON.parse(text.slice(start, at + 1)) as string : text.slice(start + 1, at)
  }

  #container (place: Spot, isObject: boolean): boolean {
    const start = this.#at
    const isEntered = this.#muted > 0 || this.#visitor.enter(place)
    if (!isEntered) this.#muted += 1
    const inside = this.#muted > 0 ? place : this.#visitor.within?.(place, (visitor, root) => { new JsonRewriter(this.#text, visitor).readAt(start, root) }) ?? place
    this.#depth += 1
    if (this.#depth > this.#visitor.deepest) throw new Hold('tooDeep')
    this.#at += 1
    if (isObject) this.#members(inside)
    else this.#items(inside)
    this.#depth -= 1
    if (!isEntered) this.#muted -= 1
    return isEntered
  }

  #items (place: Spot): void {
    if (this.#text.charCodeAt(this.#skipBlank()) === closeBracket) {
      this.#at += 1
      return
    }
    const item = this.#muted > 0 ? place : place.child(itemName)
    for (;;) {
      const start = this.#skipBlank()
      // A list keeps its length: something that is taken out leaves a null.
      if (!this.#value(item)) this.#edits.push({ start, end: this.#at, text: 'null' })
      const code = this.#text.charCodeAt(this.#skipBlank())
      this.#at += 1
      if (code === closeBracket) return
      if (code !== comma) throw new Hold('notJson')
    }
  }

  #members (place: Spot): void {
    if (this.#text.charCodeAt(this.#skipBlank()) === closeBrace) {
      this.#at += 1
      return
    }
    // Where the text of this member begins: behind the brace, or with the comma before it.
    let isFirst = true
    let start = this.#at
    for (let ordinal = 1; ; ordinal++) {
      const mark = this.#edits.length
      const isKept = this.#member(place, ordinal)
      const code = this.#text.charCodeAt(this.#skipBlank())
      if (code !== comma && code !== closeBrace) throw new Hold('notJson')
      if (isKept) isFirst = false
      else {
        this.#edits.length = mark
        this.#edits.push({ start, end: isFirst && code === comma ? this.#at + 1 : this.#at, text: '' })
      }
      start = isFirst ? this.#at + 1 : this.#at
      this.#at += 1
      if (code === closeBrace) return
    }
  }

  #member (place: Spot, ordinal: number): boolean {
    const start = this.#skipBlank()
    if (this.#text.charCodeAt(start) !== quote) throw new Hold('notJson')
    const name = this.#readString()
    const end = this.#at
    const isMuted = this.#muted > 0
    const instead = isMuted ? undefined : this.#visitor.key(place, name, ordinal)
    if (instead !== undefined) this.#edits.push({ start, end, text: JSON.stringify(instead) })
    if (this.#text.charCodeAt(this.#skipBlank()) !== colon) throw new Hold('notJson')
    this.#at += 1
    this.#skipBlank()
    return this.#value(isMuted ? place : place.child(name))
  }
}

/** Throws a Hold for what is not JSON. */
export function rewriteJson (text: string, visitor: Visitor, place: Spot): string {
  return new JsonRewriter(text, visitor).run(place)
}
