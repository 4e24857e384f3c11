// Reads one field of a query or a form. What two servers could read differently (a field twice, another spelling of its name, a semicolon between
// fields) is no answer but `twoWays`: nobody chooses here which one the CRM would take.
import { foldText } from '../../shared/route-pattern.ts'

/** The field is there, and can be read in more than one way. */
export const twoWays = Symbol('twoWays')

export type Reading = string | undefined | typeof twoWays

interface Field { readonly name: string, readonly value: string | undefined, isPlain: boolean }

export interface Fields {
  /** The value of a field by its name as the rule has it; undefined when there is none. */
  read(name: string): Reading
}

/**
 * Names that PHP, Rails and others take for one: letter case and outer spaces, dots, spaces and an open bracket as underscores in PHP, `name[]` and `name[0]` are
 * the first of a list.
 */
function foldName (name: string): string {
  if (/^[a-z0-9_]*$/.test(name)) return name
  let base = name.trim()
  while (/.\[[0-9]*\]$/.test(base)) base = base.slice(0, base.lastIndexOf('['))
  if (!base.includes(']')) base = base.replaceAll('[', '_')
  return foldText(base.replace(/[. +]/g, '_'))
}

function decode (text: string): string | undefined {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined // no UTF-8: each server has a code page of its own
  }
}

/** More of either is nothing that a person's form has, and would cost time to look through. */
export const mostFields = 5000
const longestName = 512
/** PHP reads no more than so many of one request unless it is told to (max_input_vars): what stands behind them may be there or not. */
const sureFields = 1000
/** C programs, and PHP's names of fields, end there. */
// eslint-disable-next-line no-control-regex -- it is what is looked for
const cut = /[\0-\x1f\x7f]/

/** One field as it came. `isPlain: false`: some server reads it in another way. `value` undefined: it has none that can be told. */
export interface RawField { readonly name: string | undefined, readonly value: string | undefined, readonly isPlain: boolean }

/** Reads `a=1&b=2` (WHATWG URL, application/x-www-form-urlencoded). */
export function readFields (text: string): Fields {
  const all = text === '' ? [] : text.split('&')
  if (all.length > mostFields) return collectFields(undefined)
  return collectFields(all.flatMap(part => {
    const pieces = part.split(';')
    return pieces.map(piece => {
      const end = piece.indexOf('=')
      return { name: decode(end === -1 ? piece : piece.slice(0, end)), value: decode(end === -1 ? '' : piece.slice(end + 1)), isPlain: pieces.length === 1 }
    })
  }))
}

/** Undefined: there are too many. A field whose name cannot be told could be any. */
export function collectFields (all: readonly RawField[] | undefined): Fields {
  const fields = new Map<string, Field>()
  let isBroken = all === undefined || all.length > mostFields
  for (const [index, { name, value, isPlain }] of (isBroken ? [] : all ?? []).entries()) {
    if (name === undefined || name.length > longestName || cut.test(name)) { isBroken = true; continue }
    const key = foldName(name)
    const known = fields.get(key)
    if (known !== undefined) known.isPlain = false
    else fields.set(key, { name, value: value?.includes('\0') === true ? undefined : value, isPlain: isPlain && index < sureFields })
  }
  return {
    read (name) {
      const field = fields.get(foldName(name))
      // A name that was not read could be this one.
      if (field === undefined) return isBroken ? twoWays : undefined
      return field.isPlain && !isBroken && field.name === name && field.value !== undefined ? field.value : twoWays
    },
  }
}

/** Whether a Cookie header has a field of that name: PHP takes it for one of the request where nobody told it otherwise (`request_order`), and it goes before the others. */
export function hasCookie (header: string | undefined, name: string): boolean {
  if (header === undefined) return false
  const folded = foldName(name)
  return header.split(';').some(part => {
    const written = part.split('=', 1)[0] ?? ''
    return foldName(written) === folded || foldName(decode(written) ?? written) === folded
  })
}
