// What a GraphQL document says to the masks: under which names its answer shows fields, and which fields its arguments look at. It knows the language's signs, not its grammar:
// what it reads wrongly can only be masked or refused too much.
import type { Aliases } from './plan.ts'

interface GraphqlWords {
  /** Name in the answer → names of fields. */
  readonly aliases: Aliases
  /** Names outside of arguments: fields, types, operations. */
  readonly fields: readonly string[]
  /** Names in arguments, of directives too. */
  readonly names: readonly string[]
  /** Texts in arguments. */
  readonly texts: readonly string[]
}

const token = /(?<blank>[\s,\ufeff]+|#[^\n\r]*)|(?<text>"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n\r])*")|(?<name>[_A-Za-z]\w*)|(?<number>-?\d[\w.+-]*)|(?<sign>\.\.\.|[!$&():=@[\]{|}])/y

interface Token { readonly kind: 'text' | 'name' | 'number' | 'sign', readonly value: string }

function readTokens (document: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  token.lastIndex = 0
  while (token.lastIndex < document.length) {
    const groups = token.exec(document)?.groups
    if (groups === undefined) return undefined
    for (const kind of ['text', 'name', 'number', 'sign'] as const) {
      const value = groups[kind]
      if (value !== undefined) tokens.push({ kind, value })
    }
  }
  return tokens
}

const turns: ReadonlyMap<string, number> = new Map([['(', 1], [')', -1]])

/** Undefined: it is no document. */
export function readGraphqlWords (document: string): GraphqlWords | undefined {
  const tokens = readTokens(document)
  if (tokens === undefined) return undefined
  const aliases = new Map<string, Set<string>>()
  const names: string[] = []
  const fields = new Set<string>()
  const texts: string[] = []
  let depth = 0
  for (const [at, { kind, value }] of tokens.entries()) {
    depth += turns.get(value) ?? 0
    if (depth < 0) return undefined
    if (depth > 0) {
      if (kind === 'name' && tokens[at - 1]?.value !== '$') names.push(value)
      if (kind === 'text') texts.push(value)
      continue
    }
    if (kind === 'name') fields.add(value)
    const field = tokens[at + 2]
    if (kind === 'name' && tokens[at + 1]?.value === ':' && field?.kind === 'name') aliases.set(value, (aliases.get(value) ?? new Set()).add(field.value))
  }
  return depth === 0 ? { aliases, fields: [...fields], names, texts } : undefined
}
