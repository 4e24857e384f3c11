// What a GraphQL document may say of masked fields, and under which names its answer will have them. What only looks like a document is none: it could be a filter in some other
// language, and has to be looked through as one.
import { createRequire } from 'node:module'
import { loadLater } from '../../shared/load-later.ts'
import { foldName, isFieldName, mentionsField, namesField } from './field-names.ts'
import { readGraphqlWords } from './graphql-words.ts'
import type { MaskPlan } from './plan.ts'
import { Refused } from './refused.ts'

const require = createRequire(import.meta.url)
const language = loadLater(() => require('graphql/language/index.js') as typeof import('graphql/language/index.js'))
const errors = loadLater(() => require('graphql/error/index.js') as typeof import('graphql/error/index.js'))

export interface DocumentWay {
  readonly plan: MaskPlan
  readonly isWrite: boolean
  /** To which the names are added that the request gives to fields. */
  readonly aliases: Map<string, ReadonlySet<string>>
  /** Whether an argument of this name has words that are looked for in masked fields. */
  isTextName (name: string): boolean
}

const mostTokens = 20_000
const likeDocument = /^[\s,\ufeff]*(?:#[^\n\r]*[\n\r]\s*)*(?:\{|(?:query|mutation|subscription|fragment)\b)/

/** Throws a RangeError for one that is nested too deep to be read. */
export function isDocument (text: string): boolean {
  if (!text.includes('{') || !likeDocument.test(text)) return false
  try {
    language().parse(text, { noLocation: true, maxLexicalTokens: mostTokens })
    return true
  } catch (error) {
    if (error instanceof errors().GraphQLError) return false
    throw error
  }
}

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** GraphQL requests in a JSON value: one, or several in a list. Throws a Refused for what is neither a document nor anything else. */
export function findDocuments (value: unknown): readonly { readonly query: string, readonly rest: unknown }[] | undefined {
  const all = Array.isArray(value) ? value as readonly unknown[] : [value]
  const documents = all.map(one => {
    if (typeof one !== 'object' || one === null) return undefined
    const { query, ...rest } = one as { readonly query?: unknown, readonly extensions?: unknown }
    if (/persisted_?query/i.test(JSON.stringify(rest.extensions ?? ''))) throw new Refused('masking.contentUnreadable')
    if (typeof query !== 'string' || !query.includes('{')) return undefined
    if (isDocument(query)) return { query, rest }
    if (likeDocument.test(query) && !isJson(query)) throw new Refused('masking.contentUnreadable')
    return undefined
  })
  return documents.every(one => one !== undefined) && documents.length > 0 ? documents : undefined
}

/** Fields that CRMs make of others: `minBirthday`, `countUniqueValuesSsn`, `ssn_max`. */
const aggregates: ReadonlySet<string> = new Set(['min', 'max', 'avg', 'average', 'sum', 'count', 'percent', 'percentage', 'median', 'distinct', 'unique', 'stddev', 'variance', 'aggregate'])

function isAggregate (field: string): boolean {
  const words = field.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase().split('_').filter(word => word !== '')
  return aggregates.has(words[0] ?? '') || aggregates.has(words.at(-1) ?? '')
}

/** The field, and the masked ones that it is made of. */
function standsFor (field: string, { names, masksName }: MaskPlan): readonly string[] {
  if (!isAggregate(field) || masksName(foldName(field))) return [field]
  return [field, ...names.filter(name => namesField(field, folded => folded === foldName(name)))]
}

/** Throws a Refused for one that searches by masked fields or sets them. */
export function judgeDocument (document: string, { plan, isWrite, aliases, isTextName }: DocumentWay): void {
  const words = readGraphqlWords(document)
  if (words === undefined) throw new Refused('masking.contentUnreadable')
  if (words.names.some(isTextName)) throw new Refused('masking.search')
  const texts = isWrite ? [] : words.texts
  const isMasked = (word: string) => isWrite ? isFieldName(word, plan.masksName) : mentionsField(word, plan.masksName)
  if ([...words.names, ...texts].some(isMasked)) throw new Refused(isWrite ? 'masking.write' : 'masking.search')
  // Nobody calls another field so; in a language that only looks like GraphQL it is the field itself, with a condition.
  if ([...words.aliases.keys()].some(alias => plan.masksName(foldName(alias)))) throw new Refused('masking.search')
  const add = (name: string, fields: readonly string[]) => { aliases.set(name, new Set([...aliases.get(name) ?? [], ...fields])) }
  for (const [alias, fields] of words.aliases) add(alias, [...fields].flatMap(field => standsFor(field, plan)))
  for (const field of words.fields) {
    const all = standsFor(field, plan)
    if (all.length > 1) add(field, all)
  }
}
