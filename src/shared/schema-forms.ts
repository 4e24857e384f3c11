// The forms of typebox that our schemas are written in, made without loading it: its package is hundreds of files, of which a start reads all for a dozen
// functions. Types are typebox's own, and a test makes the same schemas with both.
import type * as TypeBox from 'typebox'

/** As typebox marks its schemas: with properties that are not listed, so that a schema is plain JSON to everybody else. */
function mark (schema: object, marks: Readonly<Record<string, unknown>>): object {
  for (const [name, value] of Object.entries(marks)) Object.defineProperty(schema, name, { value, writable: true, configurable: true, enumerable: false })
  return schema
}

type Options = Readonly<Record<string, unknown>>
type Schemas = Readonly<Record<string, object>>

const form = (kind: string, schema: object, options: Options = {}) => mark({ ...schema, ...options }, { '~kind': kind })
const isOptional = (schema: object) => '~optional' in schema
/** Every name, as typebox writes it. */
const anyName = '^.*$'

const forms = {
  Array: (items: object, options?: Options) => form('Array', { type: 'array', items }, options),
  Boolean: (options?: Options) => form('Boolean', { type: 'boolean' }, options),
  Enum: (words: readonly string[], options?: Options) => form('Enum', { enum: words }, options),
  Integer: (options?: Options) => form('Integer', { type: 'integer' }, options),
  Literal: (value: string | number | boolean, options?: Options) => form('Literal', { type: typeof value, const: value }, options),
  Number: (options?: Options) => form('Number', { type: 'number' }, options),
  Object (properties: Schemas, options?: Options) {
    const required = Object.keys(properties).filter(name => !isOptional(properties[name] as object))
    return form('Object', { type: 'object', ...(required.length === 0 ? {} : { required }), properties }, options)
  },
  Optional: (schema: object) => mark({ ...schema }, { ...marksOf(schema), '~optional': true }),
  Record: (name: { readonly pattern?: string }, value: object, options?: Options) => form('Record', { type: 'object', patternProperties: { [name.pattern ?? anyName]: value } }, options),
  String: (options?: Options) => form('String', { type: 'string' }, options),
  Union: (anyOf: readonly object[], options?: Options) => form('Union', { anyOf }, options),
  Unsafe: (schema: object) => mark({ ...schema }, { ...marksOf(schema), '~unsafe': null }),
}

function marksOf (schema: object): Options {
  return Object.fromEntries(Object.getOwnPropertyNames(schema).filter(name => name.startsWith('~')).map(name => [name, (schema as Options)[name]]))
}

export const Type = forms as unknown as Pick<typeof TypeBox.Type, keyof typeof forms>
