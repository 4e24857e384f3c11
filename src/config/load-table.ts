// A file beside the configuration that has a schema of its own, as a redaction policy: read and checked with the same findings. It never holds secrets.
import { ConfigurationError } from '../shared/errors.ts'
import { readDocument, type Subject } from './document.ts'
import type { Path, Problem } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'
import { validate } from './validate.ts'

export interface TableOptions<T, R> {
  readonly subject: Subject
  /** Makes of a value that fits the schema what is used, and says what the schema could not. `lineOf`: where a setting begins, from 1. */
  compile(value: T, lineOf: (path: Path) => number): { readonly made: R, readonly problems: readonly Problem[] }
}

/** Throws a ConfigurationError that holds every finding. `schema` is the schema of T. */
export async function loadTable<T, R> (file: string, schema: object, { subject, compile }: TableOptions<T, R>): Promise<R> {
  const document = await readDocument(file, subject)
  const validated = validate(schema as SchemaNode, document.value, subject)
  const refuse = (problems: readonly Problem[]) =>
    new ConfigurationError(problems.map(document.toFinding).sort((left, right) => left.line - right.line || left.column - right.column))
  if (validated.problems.length > 0) throw refuse(validated.problems)
  const { made, problems } = compile(validated.value as T, path => document.toFinding({ path, at: 'key', message: '' }).line)
  if (problems.length > 0) throw refuse(problems)
  return made
}
