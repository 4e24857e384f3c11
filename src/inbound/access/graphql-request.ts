// A GraphQL request over HTTP as the root fields that it asks for. Batches, persisted queries, parts of it in query and body at once, and anything that is
// not plainly one operation are read in no way at all.
import { createRequire } from 'node:module'
import { loadLater } from '../../shared/load-later.ts'
import { readFromContent, type Content } from './content.ts'
import { twoWays, type Fields, type Reading } from './fields.ts'
import type { ArgumentValue, Operation, RootField } from './graphql.ts'
import { hasRepeatedName } from './repeated-name.ts'

/** With its parser: most CRMs have no GraphQL. */
const graphql = loadLater(() => createRequire(import.meta.url)('./graphql.ts') as typeof import('./graphql.ts'))

/** Reads `type`, `field` or `argument.NAME` of one root field, or `type` and `nested` of a field below one. */
export type FieldReader = (name: string) => Reading

export interface GraphqlInput {
  readonly method: string
  readonly query: Fields
  readonly content: Content
}

const parts = ['query', 'operationName', 'variables']

export interface AskedFields {
  readonly roots: readonly FieldReader[]
  /** Of each name of a field below them. */
  readonly nested: readonly FieldReader[]
}

/** One reader for each field. */
export function readAskedFields (input: GraphqlInput): AskedFields | typeof twoWays {
  const found = input.method === 'GET' || input.method === 'HEAD' ? readFromQuery(input.query) : readFromBody(input)
  if (found === twoWays) return twoWays
  const { text, name, variables } = found
  const operations = graphql().readOperations(text)
  if (operations === undefined) return twoWays
  const chosen = name === undefined ? operations : operations.filter(operation => operation.name === name)
  const operation = chosen[0]
  if (operation === undefined || chosen.length !== 1) return twoWays
  return {
    roots: operation.fields.map(field => createFieldReader(operation, field, variables)),
    nested: operation.nested.map(nested => name => name === 'nested' ? nested : name === 'type' ? operation.type : undefined),
  }
}

interface Parts { readonly text: string, readonly name: string | undefined, readonly variables: Readonly<Record<string, unknown>> }

function readFromQuery (fields: Fields): Parts | typeof twoWays {
  const [text, name, variables] = parts.map(part => fields.read(part))
  if (typeof text !== 'string' || name === twoWays || variables === twoWays) return twoWays
  if (variables === undefined || variables === '') return { text, name: name === '' ? undefined : name, variables: {} }
  try {
    const value: unknown = JSON.parse(variables)
    if (hasRepeatedName(variables)) return twoWays
    return withVariables(text, name, value)
  } catch {
    return twoWays
  }
}

function readFromBody ({ query, content }: GraphqlInput): Parts | typeof twoWays {
  // Some servers prefer what stands in the query.
  if (content.kind !== 'json' || parts.some(part => query.read(part) !== undefined)) return twoWays
  const text = readFromContent(content, 'query')
  const name = readFromContent(content, 'operationName')
  if (typeof text !== 'string' || name === twoWays) return twoWays
  return withVariables(text, name, (content.value as { readonly variables?: unknown }).variables)
}

function withVariables (text: string, name: string | undefined, variables: unknown): Parts | typeof twoWays {
  if (variables !== undefined && (typeof variables !== 'object' || Array.isArray(variables))) return twoWays
  return { text, name: name === '' ? undefined : name, variables: (variables ?? {}) as Parts['variables'] }
}

function createFieldReader (operation: Operation, field: RootField, variables: Parts['variables']): FieldReader {
  const resolve = (value: ArgumentValue | undefined, path: readonly string[]): Reading => {
    if (value === undefined || value.kind === 'null') return undefined
    if (value.kind === 'text') return path.length === 0 ? value.text : twoWays
    if (value.kind === 'object') return path.length === 0 ? twoWays : resolve(value.members.get(path[0] as string), path.slice(1))
    if (value.kind === 'list') return twoWays
    if (Object.hasOwn(variables, value.name)) return readFromContent({ kind: 'json', value: { value: variables[value.name] } }, ['value', ...path].join('.'))
    const fallback = operation.defaults.get(value.name)
    return fallback?.kind === 'variable' ? twoWays : resolve(fallback, path)
  }
  return name => {
    if (name === 'type') return operation.type
    if (name === 'field') return field.name
    if (name === 'nested') return undefined
    const [first = '', ...path] = name.slice('argument.'.length).split('.')
    return resolve(field.arguments.get(first), path)
  }
}
