// A fingerprint of what a configuration says: the same for the same settings, however the file is laid out. Secrets take part by reference only.
import { createHash } from 'node:crypto'
import { isPlainObject } from './schema-node.ts'

function sortKeys (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isPlainObject(value)) return value
  const keys = Object.keys(value).sort()
  return keys.map(key => [key, sortKeys(value[key])])
}

/** SHA-256 in hexadecimal of the settings with defaults filled in, before secrets are read. */
export function digestSettings (settings: unknown): string {
  return createHash('sha256').update(JSON.stringify(sortKeys(settings))).digest('hex')
}
