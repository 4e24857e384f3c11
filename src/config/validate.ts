// Checks a document's value against the schema and fills in defaults, which exist only there. It never changes the value it is given.
import { Ajv, type ErrorObject } from 'ajv'
import { configurationSubject, type Subject } from './document.ts'
import { explainError, explainMissing } from './explain.ts'
import { formats } from './formats.ts'
import { narrowSchema } from './narrow-schema.ts'
import { nameOf, printable, type Path, type Problem } from './problem.ts'
import { isPlainObject, mapWithSchema, schemaAt, type SchemaNode } from './schema-node.ts'
import { explainUnknownSetting } from './unknown-setting.ts'

export interface Validated {
  /** The value with defaults. Wrong where a problem points. */
  readonly value: unknown
  readonly problems: readonly Problem[]
}

/** A JSON pointer as a path; parts that index a list become numbers. */
function readPointer (pointer: string, value: unknown): Path {
  const parts: (string | number)[] = []
  let here: unknown = value
  for (const raw of pointer.split('/').slice(1)) {
    const name = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    const part = Array.isArray(here) ? Number(name) : name
    parts.push(part)
    here = (here as Record<string | number, unknown> | null | undefined)?.[part]
  }
  return parts
}

/** A size may be written as a plain number. */
function acceptNumbers (schema: SchemaNode, value: unknown): unknown {
  return mapWithSchema(schema, value, (node, part) => node.format === 'size' && Number.isSafeInteger(part) && Number(part) >= 0 ? String(part) : undefined)
}

function createValidator (): Ajv {
  // Compiled once and used once: making its code shorter would take longer than running it. The schema is ours, and the generated files prove it.
  const ajv = new Ajv({
    allErrors: true, useDefaults: true, verbose: true, strict: true, strictTuples: false, keywords: ['x-path', 'x-directory', 'x-secret'], validateSchema: false, code: { optimize: false },
  })
  for (const [name, explain] of Object.entries(formats)) ajv.addFormat(name, { type: 'string', validate: text => explain(text) === undefined })
  return ajv
}

function toProblem (error: ErrorObject, value: unknown, schemas: { readonly narrowed: SchemaNode, readonly whole: SchemaNode, readonly part?: string | undefined }): Problem {
  const place = readPointer(error.instancePath, value)
  if (error.keyword === 'required') {
    const path = [...place, String(error.params['missingProperty'])]
    return { path, at: 'key', message: explainMissing(path, schemaAt(schemas.narrowed, path)) }
  }
  if (error.keyword === 'additionalProperties') {
    const path = [...place, String(error.params['additionalProperty'])]
    const isRole = nameOf(place) === 'access.roles'
    const message = isRole
      ? `${nameOf(path)} is not a name for a role: ${printable('use small letters, digits and -, beginning with a letter.')}`
      : explainUnknownSetting(path, schemas)
    return { path, at: 'key', message }
  }
  return { path: place, at: 'value', message: explainError(place, error) }
}

export function validate (schema: SchemaNode, given: unknown, subject: Subject = configurationSubject): Validated {
  if (!isPlainObject(given)) return { value: {}, problems: [{ path: [], at: 'value', message: `${subject.name} has sections, each a name, a colon and its settings below: ${subject.begin}` }] }
  const value = structuredClone(acceptNumbers(schema, given))
  const { schema: narrowed, problems } = narrowSchema(schema, value)
  const check = createValidator().compile(narrowed)
  check(value)
  const found = (check.errors ?? []).map(error => toProblem(error, value, { narrowed, whole: schema, part: subject.part }))
  return { value, problems: [...problems, ...found] }
}
