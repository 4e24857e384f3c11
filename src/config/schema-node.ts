// A JSON schema as the configuration uses it, and a walk through a value together with its schema.
import type { Path } from './problem.ts'

export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly required?: readonly string[] | undefined
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly minItems?: number
  readonly minProperties?: number
  readonly additionalProperties?: boolean
  readonly 'x-secret'?: boolean
  readonly 'x-path'?: boolean
  readonly 'x-directory'?: boolean
}

export type PlainObject = Record<string, unknown>

export function isPlainObject (value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isChoiceOfWords (schema: SchemaNode): boolean {
  return schema.anyOf?.every(branch => branch.const !== undefined) ?? false
}

/** The schema of a part of `value`, or undefined when the part is not known. */
export function childSchema (schema: SchemaNode, part: string | number): SchemaNode | undefined {
  if (schema.anyOf !== undefined) return schema.anyOf.map(branch => childSchema(branch, part)).find(child => child !== undefined)
  if (typeof part === 'number') return schema.items
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, part)) return schema.properties[part]
  return Object.entries(schema.patternProperties ?? {}).find(([pattern]) => new RegExp(pattern).test(part))?.[1]
}

/** The schema of what stands at `path`, or undefined when a part of it is not known. In a narrowed schema each item of a list has its own. */
export function schemaAt (root: SchemaNode, path: Path): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((here, part) => {
    const items: unknown = here?.items
    if (typeof part === 'number' && Array.isArray(items)) return items[part] as SchemaNode | undefined
    return here === undefined ? undefined : childSchema(here, part)
  }, root)
}

/** Copies `value` with what `visit` makes of each part that has a schema; `visit` returns undefined to go on into the part. */
export function mapWithSchema (schema: SchemaNode, value: unknown, visit: (schema: SchemaNode, value: unknown, path: Path) => unknown, path: Path = []): unknown {
  const changed = visit(schema, value, path)
  if (changed !== undefined) return changed
  if (Array.isArray(value)) return value.map((item, index) => schema.items === undefined ? item as unknown : mapWithSchema(schema.items, item, visit, [...path, index]))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => {
    const child = childSchema(schema, key)
    return [key, child === undefined ? part : mapWithSchema(child, part, visit, [...path, key])]
  }))
}
