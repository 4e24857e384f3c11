// Turns the schema into one without alternatives, for the value at hand: where a setting can be written in several ways, the way that the writer
// meant is chosen first, so that its mistakes are told and its defaults filled as if there were no other.
import { nameOf, type Path, type Problem } from './problem.ts'
import { isChoiceOfWords, isPlainObject, type PlainObject, type SchemaNode } from './schema-node.ts'

const anything: SchemaNode = {}

function listWords (words: readonly string[], joint: 'and' | 'or'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`
}

/** What must be written to choose a branch: its tag, or its settings that have no default. */
function describeBranch (branch: SchemaNode): string {
  const properties = branch.properties ?? {}
  const tag = Object.entries(properties).find(([, property]) => property.const !== undefined)
  if (tag !== undefined) return `${tag[0]}: ${String(tag[1].const)}`
  return listWords((branch.required ?? []).filter(key => properties[key]?.default === undefined), 'and')
}

function chooseByTag (branches: readonly SchemaNode[], value: PlainObject): SchemaNode | undefined {
  return branches.find(branch => Object.entries(branch.properties ?? {}).some(([key, property]) => property.const !== undefined && property.const === value[key]))
}

function chooseByKeys (branches: readonly SchemaNode[], value: PlainObject): SchemaNode | undefined {
  const isShared = (key: string) => branches.every(branch => branch.properties?.[key] !== undefined)
  const score = (branch: SchemaNode) => Object.keys(value).filter(key => branch.properties?.[key] !== undefined && !isShared(key)).length
  const best = branches.toSorted((left, right) => score(right) - score(left))[0]
  return best !== undefined && score(best) > 0 ? best : undefined
}

interface Narrowing { readonly problems: Problem[] }

function narrowSecret (schema: SchemaNode, value: unknown, path: Path, { problems }: Narrowing): SchemaNode {
  const plain = { description: schema.description ?? '' }
  if (value === undefined) return plain
  const keys = isPlainObject(value) ? Object.keys(value) : []
  const reference = isPlainObject(value) ? value[keys[0] as string] : undefined
  const isReference = keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file') && typeof reference === 'string' && reference !== ''
  const isName = keys[0] !== 'env' || /^[A-Za-z_][A-Za-z0-9_]*$/.test(String(reference))
  if (isReference && isName) return plain
  // Never a word of what was written: it may be the secret itself.
  problems.push({ path, at: 'value', message: `${nameOf(path)} is a secret and never stands in the configuration itself: write { env: NAME } for an environment variable or { file: PATH } for a file.` })
  return plain
}

function narrowAlternatives (schema: SchemaNode, value: unknown, path: Path, narrowing: Narrowing): SchemaNode {
  const branches = schema.anyOf ?? []
  const given = value === undefined ? schema.default : value
  if (given === undefined) return anything
  const branch = isPlainObject(given) ? chooseByTag(branches, given) ?? chooseByKeys(branches, given) : undefined
  if (branch !== undefined) return { ...narrow(branch, given, path, narrowing), ...(schema.default === undefined ? {} : { default: schema.default }) }
  narrowing.problems.push({ path, at: 'value', message: `${nameOf(path)} needs one of these: ${branches.map(describeBranch).join('; ')}.` })
  return anything
}

function narrow (schema: SchemaNode, value: unknown, path: Path, narrowing: Narrowing): SchemaNode {
  if (schema['x-secret'] === true) return narrowSecret(schema, value, path, narrowing)
  if (isChoiceOfWords(schema)) {
    const { anyOf = [], ...rest } = schema
    return { ...rest, enum: anyOf.map(branch => branch.const) }
  }
  if (schema.anyOf !== undefined) return narrowAlternatives(schema, value, path, narrowing)
  if (schema.items !== undefined) return narrowList(schema, value, path, narrowing)
  const names = isPlainObject(value) ? Object.keys(value) : []
  const properties = Object.entries(schema.properties ?? {}).map(([key, child]) => {
    const isWritten = isPlainObject(value) && Object.hasOwn(value, key)
    const narrowed = narrow(child, isWritten ? value[key] : child.default, [...path, key], narrowing)
    return [key, isWritten ? narrowed : knownAlready(narrowed)] as const
  })
  const [pattern, child] = Object.entries(schema.patternProperties ?? {})[0] ?? []
  const matching = pattern === undefined ? [] : names.filter(name => new RegExp(pattern).test(name))
  const named = matching.map(name => [name, narrow(child as SchemaNode, (value as PlainObject)[name], [...path, name], narrowing)] as const)
  const { patternProperties, ...plain } = schema
  // A name that does not fit the pattern is refused like any unknown one.
  return schema.type === 'object' ? { ...plain, properties: Object.fromEntries([...properties, ...named]), additionalProperties: false } : plain
}

/** A default with those of the settings below it; undefined when something that has to be written is missing. */
function completeDefault ({ properties = {}, required = [], default: given }: SchemaNode): unknown {
  if (!isPlainObject(given)) return given
  const whole: PlainObject = { ...given }
  for (const [key, child] of Object.entries(properties)) {
    if (Object.hasOwn(whole, key)) continue
    const value = completeDefault(child)
    if (value !== undefined) whole[key] = value
    else if (required.includes(key)) return undefined
  }
  return whole
}

/** What nobody wrote is right as it is (a test reads every default), and a check of it would take most of the time that all checks take. */
function knownAlready (narrowed: SchemaNode): SchemaNode {
  const value = Array.isArray(narrowed.default) && narrowed.default.length > 0 ? undefined : completeDefault(narrowed)
  return value === undefined ? narrowed : { default: value }
}

/** Sections in a list can be written in different ways, so each has a schema of its own; texts share one. */
function narrowList (schema: SchemaNode, value: unknown, path: Path, narrowing: Narrowing): object {
  const items = schema.items ?? anything
  const areSections = items.type === 'object' || (items.anyOf !== undefined && !isChoiceOfWords(items))
  if (!areSections || !Array.isArray(value) || value.length === 0) return { ...schema, items: narrow(items, undefined, path, narrowing) }
  return { ...schema, items: value.map((item, index) => narrow(items, item, [...path, index], narrowing)), additionalItems: false }
}

export function narrowSchema (schema: SchemaNode, value: unknown): { readonly schema: SchemaNode, readonly problems: readonly Problem[] } {
  const narrowing: Narrowing = { problems: [] }
  return { schema: narrow(schema, value, [], narrowing), problems: narrowing.problems }
}
