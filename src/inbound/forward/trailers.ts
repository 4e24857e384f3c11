// Passes on the fields that the CRM sends after its content, when it said before which they will be. Trailers that would change how the
// message is read, or who the person is, are left out (RFC 9110 section 6.5.1).
import type { IncomingHttpHeaders } from 'node:http'
import { dropControls } from './response-headers.ts'
import { isHopByHop, listValues, normaliseName } from './header-names.ts'

const forbidden = /^(?:content-|set-cookie|www-auth|authentication-info|location|refresh|cache-control|expires|date|age|vary|clear-site-data|strict-transport|alt-svc|host$)/

/** Names that a Trailer header announces and that may pass. */
export function announcedTrailers (trailer: IncomingHttpHeaders[string]): readonly string[] {
  const names = listValues(trailer).flatMap(value => value.split(',')).map(name => name.trim().toLowerCase())
  return [...new Set(names)].filter(name => /^[a-z0-9-]+$/.test(name) && !isHopByHop(normaliseName(name)) && !forbidden.test(name))
}

/** Those of `trailers` that were announced, each as one value. */
export function pickTrailers (trailers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(name => {
    const values = listValues(trailers[name])
    return values.length === 0 ? [] : [[name, dropControls(values.join(', '))]]
  }))
}
