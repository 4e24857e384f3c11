// Which header fields belong to one connection only, and how names compare. It never looks at what a field means.
import type { IncomingHttpHeaders } from 'node:http'

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

/** The fields that the sender's Connection header names, normalised: they end at this hop. */
export function namedByConnection (connection: HeaderValue): ReadonlySet<string> {
  const names = listValues(connection).flatMap(value => value.split(',')).map(token => normaliseName(token.trim()))
  return new Set(names.filter(name => name !== ''))
}

/** Every field with every value, without HTTP/2 pseudo headers. Names are lower case, as Node.js gives them. */
export function * eachField (headers: IncomingHttpHeaders): Generator<readonly [string, string]> {
  for (const name of Object.keys(headers)) {
    if (name.startsWith(':')) continue
    for (const value of listValues(headers[name])) yield [name, value]
  }
}
