// The few schema forms that every room's config.ts is made of. One schema is the source of types, checks, editor help and reference.
import type { TSchema } from 'typebox'
import { Type } from './schema-forms.ts'

export { Type }
export type { Static } from 'typebox'

/** A secret after it was read. It prints as `[secret]` everywhere; `reveal()` is the only way to its value. */
export class SecretValue {
  readonly #value: string
  constructor (value: string) { this.#value = value }
  /** The value as text, trailing line break removed. */
  reveal (): string { return this.#value }
  toString (): string { return '[secret]' }
  toJSON (): string { return '[secret]' }
  [Symbol.for('nodejs.util.inspect.custom')] (): string { return '[secret]' }
}

/** A reference to a secret: `{ env: NAME }` or `{ file: PATH }`. After loading it is a SecretValue. */
export function Secret (options: { description: string }) {
  return Type.Unsafe<SecretValue>({
    ...options,
    'x-secret': true,
    anyOf: [
      { type: 'object', properties: { env: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } }, required: ['env'], additionalProperties: false },
      { type: 'object', properties: { file: { type: 'string', minLength: 1 } }, required: ['file'], additionalProperties: false },
    ],
  })
}

/** A duration as text: `500ms`, `30s`, `15m`, `12h`, `365d`. Read it with `durationMs`. */
export function Duration (options: { description: string, default?: string }) {
  return Type.String({ ...options, format: 'duration', examples: ['15m'] })
}

/** A size as text: `64KiB`, `1MiB`, `2GiB` or a plain number of bytes. Read it with `sizeBytes`. */
export function Size (options: { description: string, default?: string }) {
  return Type.String({ ...options, format: 'size', examples: ['1MiB'] })
}

/** A file's path, relative to the configuration file. After loading it is absolute. */
export function FilePath (options: { description: string, default?: string }) {
  return Type.String({ ...options, minLength: 1, 'x-path': true })
}

/** A directory's path, relative to the configuration file. After loading it is absolute; what happens in it is no change of the configuration. */
export function DirectoryPath (options: { description: string, default?: string }) {
  return Type.String({ ...options, minLength: 1, 'x-path': true, 'x-directory': true, examples: ['./witness'] })
}

/** The path of a file that comes and goes while the gateway runs, relative to the configuration file. After loading it is absolute; it is no part of the configuration. */
export function StatePath (options: { description: string }) {
  return Type.String({ ...options, minLength: 1, 'x-path': true, 'x-directory': true })
}

/** An address range, `203.0.113.0/24` or one address. Checked strictly by the client-ip room. */
export function AddressRange (options: { description?: string } = {}) {
  return Type.String({ ...options, format: 'address-range', examples: ['203.0.113.0/24'] })
}

/** `METHOD /path`: a method or `*`, and a path where `*` is one segment and a last `**` is any rest. */
export function RoutePattern (options: { description?: string } = {}) {
  return Type.String({ ...options, format: 'route-pattern', examples: ['GET /patients/*'] })
}

/** A closed object: every key is checked, an unknown one is refused. */
export function Section<P extends Record<string, TSchema>> (properties: P, options: { description: string, default?: unknown }) {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

export const Optional = Type.Optional

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const sizeUnits: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** Milliseconds of a duration text, or undefined when it is not one. */
export function parseDuration (text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * (durationUnits[match[2] as string] as number)
}

/** Bytes of a size text, or undefined when it is not one. */
export function parseSize (text: string): number | undefined {
  const match = /^(\d{1,12})(KiB|MiB|GiB|)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * (sizeUnits[match[2] as string] as number)
}

/** Milliseconds of a checked duration. Throws on text that the schema would have refused. */
export function durationMs (text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new TypeError('not a duration')
  return value
}

/** Bytes of a checked size. Throws on text that the schema would have refused. */
export function sizeBytes (text: string): number {
  const value = parseSize(text)
  if (value === undefined) throw new TypeError('not a size')
  return value
}
