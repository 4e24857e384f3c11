// One reading of a request, or a refusal: what is judged, forwarded and recorded are the same bytes. It never guesses.
import type { IncomingHttpHeaders } from 'node:http'
import { readHeaders } from './check-headers.ts'
import { createHostCheck } from './read-host.ts'
import { readPath } from './read-path.ts'
import { requireQuery } from './read-query.ts'
import { canonicalReasons } from './reasons.ts'

/** What a listener knows of a request before anything is decided. HTTP/2 pseudo headers are already split off. */
export interface RawRequest {
  readonly method: string
  /** The request target exactly as it came on the wire (HTTP/2: `:path`). */
  readonly target: string
  readonly httpVersion: string
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value as they came, duplicates included. */
  readonly rawHeaders: readonly string[]
  /** HTTP/2 `:authority` (Node gives Host when there is none), else undefined. HTTP/2 without it is refused. */
  readonly authority?: string | undefined
}

export interface CanonicalTarget {
  readonly method: string
  /** The path that is judged and forwarded: escapes of unreserved characters decoded, others in upper case. Begins with `/`; ASCII, at most 4096. */
  readonly path: string
  /** The query as it came, without `?`; empty when there is none. */
  readonly query: string
  /** `path`, and `?query` when the target had a `?`: what the upstream is asked for. */
  readonly href: string
  /** `path` folded for route patterns (see shared/route-pattern.ts). */
  readonly foldedPath: string
}

export interface CanonicalRoom {
  /** Throws a Denial `canonical.*` (400, 405, 414, 417, 421, 431 or 505) on anything that can be read two ways. */
  require(request: RawRequest): CanonicalTarget
}

export interface CanonicalConfig {
  /** The address that people type: scheme, host, and port when it is not the default one. */
  readonly publicUrl: string
  /** Methods that pass, in the case they have on the wire. */
  readonly methods: readonly string[]
  /** Further names of ours: a host, or a host and a port. */
  readonly serverNames?: readonly string[]
}

const maxTargetLength = 16_384
const versions: ReadonlySet<string> = new Set(['1.1', '2', '2.0'])
// TRACE answers with the request's own headers, CONNECT opens a tunnel: neither is ever a request to a CRM (RFC 9110 section 9.3.6 and 9.3.8).
const refusedMethods: readonly string[] = ['TRACE', 'CONNECT']

/** Throws a TypeError when a method or a name in the configuration can never be right. */
export function createCanonicalRoom (config: CanonicalConfig): CanonicalRoom {
  const methods = new Set(config.methods)
  if (methods.size === 0 || refusedMethods.some(method => methods.has(method))) throw new TypeError('access.methods is empty or names TRACE or CONNECT')
  const requireHost = createHostCheck(config.publicUrl, config.serverNames ?? [])
  return {
    require (request) {
      const isHttp2 = request.httpVersion.startsWith('2')
      // Node's HTTP/1 parser also takes the words "HTTP/2.0" in a request line. What came as text has no :authority.
      if (!versions.has(request.httpVersion) || (isHttp2 && request.authority === undefined)) throw canonicalReasons.deny('canonical.version')
      if (!methods.has(request.method)) throw canonicalReasons.deny('canonical.methodNotAllowed')
      const target = readTarget(request.method, request.target)
      const headers = readHeaders(request.rawHeaders, { method: request.method, isHttp2 })
      requireHost(headers.hosts, request.authority)
      return target
    },
  }
}

/** Origin-form only (RFC 9112 section 3.2.1): a target that names a server could choose one. */
function readTarget (method: string, target: string): CanonicalTarget {
  if (target.length > maxTargetLength) throw canonicalReasons.deny('canonical.targetTooLong')
  if (!target.startsWith('/')) throw canonicalReasons.deny('canonical.targetForm')
  const mark = target.indexOf('?')
  const { path, foldedPath } = readPath(mark === -1 ? target : target.slice(0, mark))
  if (mark === -1) return { method, path, query: '', href: path, foldedPath }
  const query = target.slice(mark + 1)
  requireQuery(query)
  return { method, path, query, href: `${path}?${query}`, foldedPath }
}
