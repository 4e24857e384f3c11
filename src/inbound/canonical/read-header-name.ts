// What a header's name means to the reading of a request. It refuses names that are malformed or stand for another header; it never sees a value.
import { overrideHeaders, singleHeaders } from './header-names.ts'
import { canonicalReasons } from './reasons.ts'

export interface HeaderName {
  /** In lower case. */
  readonly name: string
  readonly role: 'host' | 'connection' | 'cookie' | 'single' | 'plain'
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Browsers send the same few dozen names; reading each once halves the cost of a request. Bounded, because a client chooses what it sends. */
const known = new Map<string, HeaderName>()
const capacity = 512
const longestKept = 64

/** Throws a Denial `canonical.headerMalformed`, `.methodOverride` or `.headerRepeated`. */
export function readHeaderName (written: string): HeaderName {
  const found = known.get(written)
  if (found !== undefined) return found
  const read = classify(written)
  if (written.length <= longestKept) {
    if (known.size >= capacity) known.delete(known.keys().next().value as string)
    known.set(written, read)
  }
  return read
}

function classify (written: string): HeaderName {
  if (!token.test(written)) throw canonicalReasons.deny('canonical.headerMalformed')
  const name = written.toLowerCase()
  const dashed = name.replaceAll('_', '-')
  if (overrideHeaders.has(dashed)) throw canonicalReasons.deny('canonical.methodOverride')
  const role = roleOf(dashed)
  // Gateways to CGI and WSGI read Content_Length as Content-Length (RFC 3875 section 4.1.18).
  if (dashed !== name && role !== 'plain') throw canonicalReasons.deny('canonical.headerRepeated')
  return { name, role }
}

function roleOf (name: string): HeaderName['role'] {
  if (name === 'host' || name === 'connection' || name === 'cookie') return name
  return singleHeaders.has(name) ? 'single' : 'plain'
}
