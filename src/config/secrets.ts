// Reads the secrets that the configuration refers to. Their values are in nothing but a SecretValue: no message, no digest, no listing.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SecretValue } from '../shared/schema.ts'
import { nameOf, printable, type Path, type Problem } from './problem.ts'
import { explainFileError } from './read-file.ts'
import { isPlainObject, mapWithSchema, type SchemaNode } from './schema-node.ts'

/** What the loader needs of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Secrets {
  /** By the setting's name, `session.secret`. */
  readonly values: ReadonlyMap<string, SecretValue>
  /** The file that a setting's secret is in, absolute; none for those from the environment. */
  readonly places: ReadonlyMap<string, string>
  /** Absolute paths of the files that were read or should have been. */
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
}

const largestSecret = 64 * 1024

/** For the keys that are ours to make. */
const makesIt = ' `sallyport keys create DIRECTORY` makes one.'
const advice: ReadonlyMap<string, string> = new Map([
  ['session.secret', makesIt],
  ['audit.key', ' For a gateway that never ran, `sallyport keys create DIRECTORY` makes one. A trail that is there already can be read with its own key only: `sallyport keys recover FILE` takes it from the copy for the safe.'],
  ['audit.exportKey', makesIt],
])

/** The secret, or the end of a sentence about why there is none. */
async function readSecret (reference: { readonly env?: unknown, readonly file?: unknown }, env: Environment, directory: string): Promise<SecretValue | string> {
  if (typeof reference.env === 'string') {
    const value = env[reference.env]
    if (value === undefined) return `the environment variable ${printable(reference.env)} is not set.`
    return value.trim() === '' ? `the environment variable ${printable(reference.env)} is empty.` : new SecretValue(value)
  }
  const name = String(reference.file)
  try {
    const bytes = await readFile(resolve(directory, name))
    if (bytes.length > largestSecret) return `the file ${printable(name)} is larger than any secret: check its path.`
    const value = bytes.toString('utf8').replace(/\r?\n$/, '')
    return value.trim() === '' ? `the file ${printable(name)} is empty.` : new SecretValue(value)
  } catch (error) {
    return `the file ${printable(name)} ${explainFileError(error)}`
  }
}

function findReferences (schema: SchemaNode, value: unknown): readonly { readonly path: Path, readonly reference: { env?: unknown, file?: unknown } }[] {
  const found: { path: Path, reference: { env?: unknown, file?: unknown } }[] = []
  mapWithSchema(schema, value, (node, part, path) => {
    if (node['x-secret'] !== true) return undefined
    if (isPlainObject(part)) found.push({ path, reference: part })
    return part
  })
  return found
}

/** `draft` has no malformed references any more. Relative files are looked for in `directory`. */
export async function resolveSecrets (schema: SchemaNode, draft: unknown, options: { readonly env: Environment, readonly directory: string }): Promise<Secrets> {
  const values = new Map<string, SecretValue>()
  const files: string[] = []
  const places = new Map<string, string>()
  const problems: Problem[] = []
  for (const { path, reference } of findReferences(schema, draft)) {
    if (typeof reference.file === 'string') { const file = resolve(options.directory, reference.file); files.push(file); places.set(nameOf(path), file) }
    const secret = await readSecret(reference, options.env, options.directory)
    if (typeof secret === 'string') problems.push({ path, at: 'value', message: `${nameOf(path)}: ${secret}${advice.get(nameOf(path)) ?? ''}` })
    else values.set(nameOf(path), secret)
  }
  return { values, places, files, problems }
}

/** The value with its references replaced by the secrets. */
export function placeSecrets (schema: SchemaNode, value: unknown, values: ReadonlyMap<string, SecretValue>): unknown {
  return mapWithSchema(schema, value, (node, _part, path) => node['x-secret'] === true ? values.get(nameOf(path)) : undefined)
}
