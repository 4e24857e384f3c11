// Which header fields belong to one connection only, and how names compare. It never looks at what a field means.
import { remember } from '../../shared/remember.ts'

export type HeaderValue = string | readonly string[] | undefined

/** RFC 9110 section 7.6.1, and the fields that HTTP/2 forbids (RFC 9113 section 8.2.2). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'proxy-authentication-info',
  'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings',
])

/** Many servers hand fields to applications with every sign but letters and digits turned into `_`: one form for all spellings. */
export function normaliseName (name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

export function isHopByHop (normalName: string): boolean {
  return hopByHop.has(normalName)
}

/** The values of a field as a list. */
export function listValues (value: HeaderValue): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

const none: ReadonlySet<string> = new Set()

/** The fields that the sender's Connection header names, normalised: they end at this hop. */
export function namedByConnection (connection: HeaderValue): ReadonlySet<string> {
  // What nearly every message says names no field.
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return none
  const names = listValues(connection).flatMap(value => value.split(',')).map(token => normaliseName(token.trim()))
  return new Set(names.filter(name => name !== ''))
}

/** What is decided by a field's name alone, decided once for each name. */
export function rememberByName<T> (decide: (name: string) => T): (name: string) => T {
  return remember(decide, { limit: 1024, longest: 128 })
}
