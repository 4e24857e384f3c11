// Reads application/x-www-form-urlencoded and rewrites its values in place. `contact[email]` and `contact[]` are paths as in JSON.
import { applyEdits, type Edit } from './edits.ts'
import { Hold } from './hold.ts'
import { itemName } from './path-pattern.ts'
import type { Spot, Visitor } from './visitor.ts'

function decode (text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new Hold('notForm')
  }
}

/** As a form encodes: letters and digits of ASCII and `*-._` stand for themselves. */
export function encodeFormText (text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()~]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%20', '+')
}

/** `a[b][]` as names of a path; anything else is one name. */
export function splitFormName (name: string): readonly string[] {
  if (!/^[^[\]]+(?:\[[^[\]]*\])+$/.test(name)) return [name]
  const [first = '', ...rest] = name.split('[')
  return [first, ...rest.map(part => part === ']' || /^\d+\]$/.test(part) ? itemName : part.slice(0, -1))]
}

export interface Field {
  readonly place: Spot
  readonly instead: string | undefined
}

/** The place of a form's field, and the name that is to stand there when a part of it is data. */
export function findField (visitor: Visitor, root: Spot, { name, ordinal }: { readonly name: string, readonly ordinal: number }): Field {
  let place = root
  let isData = false
  for (const part of splitFormName(name)) {
    if (part !== itemName && visitor.key(place, part, ordinal) !== undefined) isData = true
    place = place.child(part)
  }
  return { place, instead: isData ? `redacted-${ordinal}` : undefined }
}

/** Throws a Hold for what is not a form. */
export function rewriteForm (text: string, visitor: Visitor, root: Spot): string {
  const edits: Edit[] = []
  let ordinal = 0
  let isFirst = true
  for (let start = 0; start <= text.length;) {
    const ampersand = text.indexOf('&', start)
    const end = ampersand === -1 ? text.length : ampersand
    ordinal += 1
    if (end > start) {
      const sign = text.indexOf('=', start)
      const equals = sign === -1 || sign > end ? end : sign
      const { place, instead } = findField(visitor, root, { name: decode(text.slice(start, equals)), ordinal })
      const answer = visitor.leaf(place, decode(text.slice(equals + 1, end)), 'string')
      if (answer === null) edits.push({ start: isFirst ? start : start - 1, end: isFirst ? Math.min(end + 1, text.length) : end, text: '' })
      else {
        isFirst = false
        if (instead !== undefined) edits.push({ start, end: equals, text: encodeFormText(instead) })
        if (answer !== undefined) edits.push({ start: Math.min(equals + 1, end), end, text: `${equals === end ? '=' : ''}${encodeFormText(answer)}` })
      }
    }
    start = end + 1
  }
  return applyEdits(text, edits)
}
