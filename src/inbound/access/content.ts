// What a request says in its body, as far as a rule about records asks: JSON or a form. A body that servers could read differently is refused.
import { foldText } from '../../shared/route-pattern.ts'
import { readFields, twoWays, type Fields, type Reading } from './fields.ts'
import { readMultipart } from './multipart.ts'
import { hasRepeatedName } from './repeated-name.ts'

export type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'form', readonly fields: Fields }
  | { readonly kind: 'json', readonly value: unknown }

export const noContent: Content = Object.freeze({ kind: 'none' })

export interface RawContent {
  /** One character for each byte. */
  readonly text: string
  readonly type: string | undefined
  /** Content-Encoding. */
  readonly coding: string | undefined
}

/** Undefined: it cannot be read in one way. */
export function parseContent ({ text, type = '', coding = 'identity' }: RawContent): Content | undefined {
  if (text === '') return noContent
  if (/^multipart\/form-data(?:;|$)/i.test(type)) {
    const fields = isIdentity(coding) ? readMultipart(text, type) : undefined
    return fields === undefined ? undefined : { kind: 'form', fields }
  }
  const [media = '', ...parameters] = type.toLowerCase().split(';').map(part => part.trim())
  const isUtf8 = parameters.every(parameter => !parameter.startsWith('charset') || /^charset="?utf-8"?$/.test(parameter))
  if (!isIdentity(coding) || !isUtf8) return undefined
  if (media === 'application/x-www-form-urlencoded') return /^[\x20-\x7e]*$/.test(text) ? { kind: 'form', fields: readFields(text) } : undefined
  return media === 'application/json' || /^application\/[\w.-]+\+json$/.test(media) ? parseJson(Buffer.from(text, 'latin1')) : undefined
}

function isIdentity (coding: string): boolean {
  return coding.toLowerCase() === 'identity'
}

function parseJson (bytes: Buffer): Content | undefined {
  try {
    // With its byte order mark, which JSON has none of (RFC 8259 section 8.1).
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return hasRepeatedName(text) ? undefined : { kind: 'json', value }
  } catch {
    return undefined
  }
}

/** The field `name`; in JSON a path of names and indexes with dots between them. */
export function readFromContent (content: Content, name: string): Reading {
  if (content.kind === 'none') return undefined
  return content.kind === 'form' ? content.fields.read(name) : readFromJson(content.value, name.split('.'))
}

function readFromJson (value: unknown, path: readonly string[]): Reading {
  let here = value
  for (const [depth, part] of path.entries()) {
    if (here === undefined || here === null) return undefined
    // A list where an object is meant is a batch: several requests in one.
    if (Array.isArray(here)) {
      if (!/^\d+$/.test(part)) return twoWays
      here = here[Number(part)]
      continue
    }
    if (typeof here !== 'object') return depth === 0 ? twoWays : undefined
    const found = findMember(here, part)
    if (found === twoWays) return twoWays
    here = found
  }
  return toText(here)
}

/** Some servers take names in any letter case: a member that differs in that alone can be the one or be none. */
function findMember (object: object, name: string): unknown {
  const folded = foldText(name)
  const names = Object.keys(object).filter(key => foldText(key) === folded)
  if (names.length === 0) return undefined
  return names.length === 1 && names[0] === name ? (object as Record<string, unknown>)[name] : twoWays
}

function toText (value: unknown): Reading {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  return Number.isSafeInteger(value) ? String(value) : twoWays
}
