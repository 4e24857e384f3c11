// The headers of the CRM's answer that the browser sees: nothing of this hop, nothing that touches the gateway's cookies or transport rules,
// no address behind the gateway. Everything else passes as it came.
import type { IncomingHttpHeaders } from 'node:http'
import { isHopByHop, listValues, namedByConnection, normaliseName, rememberByName } from './header-names.ts'
import { reasons } from './reasons.ts'
import type { PublicUrls } from './public-urls.ts'
import type { ReservedCookies } from './reserved-cookies.ts'

/**
 * Transport rules are the gateway's to set (Strict-Transport-Security, Alt-Svc: the CRM's port is not ours), old ways to set cookies,
 * and what tells strangers which product of which version stands behind (Server, X-Powered-By).
 */
const dropped: ReadonlySet<string> = new Set([
  'strict-transport-security', 'alt-svc', 'public-key-pins', 'public-key-pins-report-only', 'expect-ct', 'set-cookie2', 'server', 'x-powered-by', 'x-request-id', 'host',
])

/**
 * Fields of one value, which HTTP/2 in Node.js refuses to send twice. An answer that says one of them in two ways is read in two ways,
 * and which of them counts is not ours to guess.
 */
const single: ReadonlySet<string> = new Set([
  'access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age', 'authorization',
  'content-length', 'content-location', 'content-md5', 'content-range', 'content-type', 'date', 'dnt', 'etag', 'expires', 'from', 'if-match',
  'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'range', 'referer', 'retry-after',
  'tk', 'upgrade-insecure-requests', 'user-agent', 'x-content-type-options',
])
/** Lists that Node.js takes for fields of one value (RFC 9110 section 8.4 and 8.5). */
const joined: ReadonlySet<string> = new Set(['content-encoding', 'content-language'])

/** What is sent for a field: throws a Failure `forward.badAnswer` when the CRM contradicts itself. */
function combine (name: string, values: readonly string[]): string | string[] {
  if (values.length === 1) return values[0] as string
  if (joined.has(name)) return values.join(', ')
  const different = single.has(name) ? [...new Set(values)] : [...values]
  if (different.length === 1) return different[0] as string
  if (single.has(name)) throw reasons.fail('forward.badAnswer', 'upstream')
  return different
}

/** Directives of Clear-Site-Data that leave the gateway's cookie alone; `"*"` becomes all of these. */
const clearable = ['"cache"', '"storage"', '"executionContexts"', '"clientHints"', '"prefetchCache"', '"prerenderCache"'] as const

/** "cookies" would sign the person out behind the gateway's back. */
function narrowClearSiteData (value: string): string | undefined {
  const asked = value.split(',').map(directive => directive.trim())
  const kept = asked.includes('"*"') ? clearable : asked.filter(directive => (clearable as readonly string[]).includes(directive))
  return kept.length === 0 ? undefined : kept.join(', ')
}

/** Fields in which URLs and origins stand among other words. */
const naming = [
  'link', 'content-security-policy', 'content-security-policy-report-only', 'access-control-allow-origin', 'timing-allow-origin',
  'report-to', 'reporting-endpoints', 'sourcemap', 'x-sourcemap', 'x-frame-options',
] as const

/* eslint-disable no-control-regex */
const controls = /[\u0000-\u0008\u000a-\u001f\u007f]/
const allControls = /[\u0000-\u0008\u000a-\u001f\u007f]/g
/* eslint-enable no-control-regex */

/** A browser or the library below may leave controls out: decide on what will be left. */
export function dropControls (value: string): string {
  return controls.test(value) ? value.replace(allControls, '') : value
}

/** Whether a status means anything (RFC 9110 section 15). */
export function isStatus (code: number): boolean {
  return code >= 100 && code <= 599
}

export interface ResponseHeaders {
  /** The fields to send on, by lower-case name. Throws a Failure `forward.badAnswer` when the answer contradicts itself. */
  build(headers: IncomingHttpHeaders): Record<string, string | string[]>
}

export function createResponseHeaders (rules: { readonly cookies: ReservedCookies, readonly urls: PublicUrls }): ResponseHeaders {
  const special: Readonly<Record<string, (value: string) => string | undefined>> = {
    'set-cookie': rules.cookies.admit,
    location: rules.urls.rewrite,
    'content-location': rules.urls.rewrite,
    ...Object.fromEntries(naming.map(name => [name, rules.urls.rewriteOrigins])),
    refresh: rules.urls.rewriteRefresh,
    'clear-site-data': narrowClearSiteData,
  }
  const judge = rememberByName((name: string) => {
    const normal = normaliseName(name)
    return {
      normal,
      isDropped: name.startsWith(':') || isHopByHop(normal) || dropped.has(normal),
      change: Object.hasOwn(special, name) ? special[name] : undefined,
    }
  })
  return {
    build (headers) {
      const ended = namedByConnection(headers.connection)
      const fields = Object.create(null) as Record<string, string | string[]> // a field may be called __proto__
      for (const name of Object.keys(headers)) {
        const { normal, isDropped, change } = judge(name)
        if (isDropped || ended.has(normal)) continue
        const values: string[] = []
        for (const raw of listValues(headers[name])) {
          const value = dropControls(raw)
          const sent = change === undefined ? value : change(value)
          if (sent !== undefined) values.push(sent)
        }
        if (values.length > 0) fields[name] = combine(name, values)
      }
      return fields
    },
  }
}
