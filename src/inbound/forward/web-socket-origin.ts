// Which pages may open a WebSocket. A browser sends its cookies along with a foreign page's handshake and no CORS rule stops it
// (cross-site WebSocket hijacking), so the Origin is the only thing that tells.
import type { IncomingHttpHeaders } from 'node:http'
import { reasons } from './reasons.ts'

/**
 * Every browser sends Origin with a handshake (RFC 6455 section 4.1), and whoever is signed in holds a browser's cookie: a handshake without
 * one is refused like a foreign one. A program that is not a browser can send the public address as its Origin.
 */
export function createOriginCheck (allowed: { readonly publicUrl: URL, readonly others: readonly string[] }): (headers: IncomingHttpHeaders) => void {
  const origins = new Set([allowed.publicUrl.origin, ...allowed.others.map(text => new URL(text).origin)])
  return headers => {
    // Compared as text: a browser writes an origin in one way only (RFC 6454 section 6.2).
    if (headers.origin === undefined || !origins.has(headers.origin)) throw reasons.deny('forward.originNotAllowed')
  }
}
