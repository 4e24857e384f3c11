// One reading of a path, or a refusal. It decodes escapes of unreserved characters and upper-cases the others; it never removes or repairs anything.
import { findAmbiguity, foldPath, type PathAmbiguity } from '../../shared/route-pattern.ts'
import { canonicalReasons } from './reasons.ts'

export interface CanonicalPath {
  readonly path: string
  readonly foldedPath: string
}

// What an audit event holds whole (audit/event.ts): a path that could not be recorded is not forwarded.
const maxPathLength = 2048

// RFC 3986 pchar and the characters that browsers leave plain ([ ] | ^). Not among them: `;`, because Java servers cut path parameters off before
// they resolve dots (/admin;x/..;/) and others do not, and no CRM we know has it in a path (OData has it in the query only).
const plainPath = /^[A-Za-z0-9\-._~!$&'()*+,=:@/[\]|^]*$/
const escapedPath = /^[A-Za-z0-9\-._~!$&'()*+,=:@/[\]|^%]*$/
const unreserved = /[A-Za-z0-9\-._~]/

const reasonOf = {
  character: 'canonical.pathCharacter',
  encoding: 'canonical.pathEncoding',
  lookAlike: 'canonical.pathLookAlike',
  segment: 'canonical.pathSegment',
} as const satisfies Record<PathAmbiguity, string>

/** Reads the path of an origin-form target. Throws a Denial `canonical.path*` or `canonical.targetTooLong`. */
export function readPath (raw: string): CanonicalPath {
  if (raw.length > maxPathLength) throw canonicalReasons.deny('canonical.targetTooLong')
  const path = plainPath.test(raw) ? raw : readEscapes(raw)
  const ambiguity = findAmbiguity(path)
  if (ambiguity !== undefined) throw canonicalReasons.deny(reasonOf[ambiguity])
  return { path, foldedPath: foldPath(path) }
}

function readEscapes (raw: string): string {
  if (!escapedPath.test(raw)) throw canonicalReasons.deny('canonical.pathCharacter')
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) throw canonicalReasons.deny('canonical.pathEncoding')
  return raw.replace(/%[0-9A-Fa-f]{2}/g, normaliseEscape)
}

function normaliseEscape (escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return unreserved.test(character) ? character : escape.toUpperCase()
}
