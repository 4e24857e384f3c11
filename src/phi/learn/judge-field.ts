// What a rule for one field should be, by the forms of its values and the name of the field. Kept is only what leaves no room for a person, under a name that says so; a value is
// never written into a rule.
import type { FieldRule } from '../config.ts'
import { identifierKinds, kindWords, type Kind } from '../identifier-kinds.ts'
import { isAmountName, kindOfName, wordsOf } from './field-words.ts'
import { mostDifferent, type Shape } from './survey.ts'

export interface Judged {
  readonly rule: Omit<FieldRule, 'path'>
  /** Why, for the person who reads the policy. */
  readonly why: string
}

/** Codes that say nothing of a person, when the name of the field says what they are too: two letters can be initials. */
const codeNames: readonly (readonly ['country' | 'currency' | 'language' | 'state' | 'version', RegExp])[] = [
  ['country', /\bcountry\b/], ['currency', /\bcurrency\b/], ['language', /\b(?:language|locale)\b/], ['state', /\bstate\b/], ['version', /\bversion\b/],
]
/** Found by their form, whatever the field is called. */
const certainKinds: ReadonlySet<string> = new Set(['email', 'ip', 'url', 'ssn', 'date'])
const mostWords = 12
const mostDigits = 6
const share = 0.5

const isKind = (format: string): format is Kind => (kindWords as readonly string[]).includes(format)
const formatWords: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'whole numbers',
  decimal: 'numbers',
  uuid: 'ids',
  id: 'ids',
  word: 'words',
  text: 'free text',
  markup: 'text with markup',
  year: 'years',
  country: 'codes',
  currency: 'codes',
  language: 'codes',
  state: 'codes',
  version: 'versions',
}
const describeFormat = (format: string): string => isKind(format) ? identifierKinds[format].meaning : formatWords[format] ?? format

function describeFormats ({ formats, values }: Shape): string {
  const words = new Map<string, number>()
  for (const [format, count] of formats) words.set(describeFormat(format), (words.get(describeFormat(format)) ?? 0) + count)
  const sorted = [...words].sort((one, other) => other[1] - one[1])
  const most = sorted.length === 1 ? sorted[0]?.[0] : sorted.slice(0, 3).map(([word, count]) => `${Math.max(1, Math.round(count * 100 / values))} % ${word}`).join(', ')
  return `${values} ${values === 1 ? 'value' : 'values'}: ${most}`
}

/** Upper bound that says how many digits there were and nothing else. */
const roundBound = (digits: number): number => 10 ** Math.max(2, digits)

function judgeCode (shape: Shape, only: string | undefined, name: string): Judged['rule'] | undefined {
  if (only === 'boolean') return { action: 'keep', format: 'boolean' }
  const words = wordsOf(name).join(' ')
  const code = codeNames.find(([format, named]) => format === only && named.test(words))
  if (code !== undefined) return { action: 'keep', format: code[0] }
  const areNumbers = [...shape.formats.keys()].every(format => format === 'integer' || format === 'decimal')
  if (!areNumbers || shape.digits > mostDigits || !isAmountName(name)) return undefined
  const bound = roundBound(shape.digits)
  return { action: 'keep', minimum: shape.isNegative ? -bound : 0, maximum: bound }
}

function findKind ({ formats, values }: Shape, hint: Kind | undefined): Kind | undefined {
  const found = [...formats].filter(([format]) => isKind(format)).sort((one, other) => other[1] - one[1])[0]
  const kind = found !== undefined && found[1] >= values * share ? found[0] as Kind : undefined
  if (hint === 'photo' || (hint === 'fax' && kind === 'phone')) return hint
  return kind !== undefined && (certainKinds.has(kind) || hint === undefined || hint === 'date' || (hint === 'name' && kind !== 'other')) ? kind : hint
}

const has = ({ formats }: Shape, ...words: readonly string[]) => words.some(word => formats.has(word))

function judgeText (shape: Shape, kind: Kind | undefined): Judged {
  const rule = { action: 'mask', ...(kind === undefined ? {} : { kind }) } as const
  const told = describeFormats(shape)
  if (has(shape, 'text', 'markup')) return { rule, why: `${told}; action: prose would let it pass without what is found, for an associate whose agreement covers a rest` }
  const { different, values } = shape
  if (kind !== undefined) return { rule, why: told }
  if (different.size <= Math.min(mostWords, mostDifferent) && values >= different.size * 5 && has(shape, 'word', 'country', 'state', 'currency', 'language', 'integer')) {
    return { rule, why: `${told}; ${different.size} different: if none of them tells of a person, action: keep with oneOf and the words you allow` }
  }
  return { rule, why: has(shape, 'id', 'uuid') ? `${told}; action: token with a kind keeps records apart without telling whose they are` : told }
}

/** `above`: the name of what it stands in. */
export function judgeField (shape: Shape, name: string, above: string): Judged {
  const only = shape.formats.size === 1 ? [...shape.formats.keys()][0] : undefined
  const told = describeFormats(shape)
  const kept = judgeCode(shape, only, name)
  if (kept !== undefined) return { rule: kept, why: `${told}; anything else is masked` }
  const hint = kindOfName(name, above)
  const kind = findKind(shape, hint)
  if (kind === 'photo') return { rule: { action: 'drop', kind }, why: told }
  if (kind === 'zip') return { rule: { action: 'generalise', kind, to: 'zip3' }, why: `${told}; three digits are left, 000 where few people live` }
  if (kind === 'age' && only === 'integer') return { rule: { action: 'generalise', kind, to: 'age90' }, why: `${told}; ages over 89 are left as 90` }
  // Seconds or milliseconds since 1970, where the name says that it is a time.
  const isMoment = has(shape, 'date', 'year') || (only === 'integer' && shape.digits >= 9)
  if (only === 'year' || (kind === 'date' && isMoment)) return { rule: { action: 'generalise', kind: 'date', to: 'year' }, why: `${told}; the year is left` }
  return judgeText(shape, kind === 'date' && !has(shape, 'date') ? undefined : kind)
}
