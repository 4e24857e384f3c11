// What form a value has, without keeping the value: an identifier, a code, a number, a word, a text.
import { createConstraint } from '../constraint.ts'
import type { Kind } from '../identifier-kinds.ts'
import { findPatterns } from '../prose/chain.ts'
import { fold } from '../prose/fold.ts'
import { findNames } from '../prose/names.ts'
import { scan } from '../prose/scan.ts'
import type { LeafType } from '../visitor.ts'

export const keepable = ['boolean', 'country', 'currency', 'language', 'version'] as const
export type Keepable = typeof keepable[number]

/** `identifier`: an identifier of this kind is all of it. `id`: letters and digits that stand for one thing. `text`: free text, `word`: one of few, perhaps. */
export type Format =
  | { readonly is: 'identifier', readonly kind: Kind }
  | { readonly is: Keepable | 'state' | 'year' | 'uuid' | 'integer' | 'decimal' | 'id' | 'word' | 'text' | 'markup' }

const longestWord = 40
const codes = (['country', 'currency', 'language', 'state', 'version'] as const).map(format => [format, createConstraint({ path: 'x', action: 'keep', format })] as const)

function formatOfNumber (value: string): Format {
  return { is: /^-?\d+$/.test(value) ? 'integer' : 'decimal' }
}

/** The kind of the identifier that is nearly all of a text. */
function findWhole (text: string): Kind | undefined {
  const scanned = scan(fold(text).text)
  const { length } = scanned.text.trim()
  const whole = findPatterns(scanned).find(({ start, end }) => (end - start) >= length * 0.8)
  if (whole !== undefined) return whole.kind
  return findNames(scanned).some(({ start, end }) => (end - start) >= length * 0.6) ? 'name' : undefined
}

export function formatOf (value: string, type: LeafType): Format {
  const text = value.trim()
  if (type === 'boolean' || text === 'true' || text === 'false') return { is: 'boolean' }
  if (/^(?:19|20)\d\d$/.test(text)) return { is: 'year' }
  if (type === 'number') return formatOfNumber(text)
  if (/^-?\d{1,6}(?:\.\d{1,6})?$/.test(text)) return formatOfNumber(text)
  if (/^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/.test(text)) return { is: 'uuid' }
  const code = codes.find(([, passes]) => passes(text))
  if (code !== undefined) return { is: code[0] }
  if (/<[A-Za-z!/][^>]*>/.test(text)) return { is: 'markup' }
  const kind = text.length <= 200 ? findWhole(text) : undefined
  if (kind !== undefined && kind !== 'other') return { is: 'identifier', kind }
  if (/^[A-Za-z0-9_.:/#-]{4,80}$/.test(text) && /\d{3}/.test(text)) return { is: 'id' }
  return text.length <= longestWord && text.split(/\s+/).length <= 3 ? { is: 'word' } : { is: 'text' }
}

export const nameOf = (format: Format): string => format.is === 'identifier' ? format.kind : format.is
