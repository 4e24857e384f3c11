// One request as the pipeline sees it, made from Node's own objects: HTTP/1.1, HTTP/2 and upgrades look the same from here on.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { CanonicalTarget, RawRequest } from './canonical/canonical.ts'
import type { Peer } from './connection/connection.ts'
import type { ClientAddress } from './client-ip/client-ip.ts'
import type { ActivitySigns, Place } from './session/session.ts'

export interface InboundRequest {
  readonly id: string
  readonly raw: RawRequest
  readonly peer: Peer
  readonly isUpgrade: boolean
  /** An upgrade whose connection has an unanswered request before it. */
  readonly isBehindAnother?: boolean
  /** A request that was kept and is sent now: the number of the one that was refused then. `gone`: it says that it is one, and is not. */
  readonly kept?: { readonly from: string } | 'gone' | undefined
  /** Reads the whole body, once, and keeps it for who forwards it. Throws `inbound.*`. An upgrade has none. */
  readonly content?: () => Promise<string>
  /** The CRM gets this content instead of what was read; one character for each byte. */
  readonly replaceContent?: (text: string) => void
}

/** `wireTarget` is the target as it came, before any router looked at it. */
export function describeWire (message: IncomingMessage | Http2ServerRequest, wireTarget: string): RawRequest {
  // By the object, not by what the client wrote: `GET / HTTP/2.0` can be written on an HTTP/1.1 connection too.
  const isHttp2 = 'stream' in message
  return {
    method: message.method ?? '',
    target: wireTarget,
    httpVersion: isHttp2 ? '2.0' : message.httpVersionMajor === 1 ? message.httpVersion : 'unknown',
    headers: message.headers,
    rawHeaders: isHttp2 ? withoutPseudo(message.rawHeaders) : message.rawHeaders,
    ...(isHttp2 ? { authority: message.authority } : {}),
  }
}

/** What a request came in on, as the connection room knows it: the socket, or the HTTP/2 session (the stream, once its session let it go). */
export function connectionOf (message: object): object {
  if (!('stream' in message)) return (message as IncomingMessage).socket
  const { stream } = message as Http2ServerRequest
  return stream.session ?? stream
}

/** From where a request comes, as sessions are bound to it. */
export function placeOf ({ address }: Pick<ClientAddress, 'address'>, { certificate }: Peer): Place {
  return { address, certificate }
}

function withoutPseudo (rawHeaders: readonly string[]): readonly string[] {
  const plain: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (!name.startsWith(':')) plain.push(name, rawHeaders[index + 1] as string)
  }
  return plain
}

function single (value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined
}

/** What decides whether the idle clock moves (W3C Fetch Metadata). */
export function activitySigns (request: InboundRequest, target: CanonicalTarget): ActivitySigns {
  const { headers } = request.raw
  return {
    method: target.method,
    foldedPath: target.foldedPath,
    fetchMode: single(headers['sec-fetch-mode']),
    fetchDest: single(headers['sec-fetch-dest']),
    fetchUser: single(headers['sec-fetch-user']),
    purpose: single(headers['sec-purpose']) ?? single(headers['purpose']) ?? single(headers['x-moz']),
    isStream: request.isUpgrade || /\btext\/event-stream\b/i.test(headers.accept ?? ''),
  }
}

/** A person in front of a browser window asked for a document: they get a page or a redirect, programs get problem JSON. */
export function isNavigation (headers: IncomingHttpHeaders): boolean {
  const dest = single(headers['sec-fetch-dest'])
  const accepts = /\btext\/html\b/.test(headers.accept ?? '')
  // Browsers without Fetch Metadata and command-line tools: by what they ask for.
  if (dest === undefined) return accepts
  // A service worker that passes a navigation on says `empty`, and still what the browser asked for; so does a download (`<a download>`), which asks for nothing in particular.
  return single(headers['sec-fetch-mode']) === 'navigate' && (dest === 'document' || (dest === 'empty' && accepts))
}

/** Frames want a page too, but are not sent to sign in: the IdP's page does not belong in a frame. */
export function wantsHtml (headers: IncomingHttpHeaders): boolean {
  const dest = single(headers['sec-fetch-dest'])
  return isNavigation(headers) || ['iframe', 'frame', 'object', 'embed'].includes(dest ?? '')
}
