// What has to be done on the client's side of a proxied exchange by hand, for HTTP/1.1 and HTTP/2 alike: whether there is a body, inviting it,
// draining what is left of it, sending headers early, and cutting an answer that is not whole.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { Readable } from 'node:stream'
import type { Clock } from '../../shared/clock.ts'

export type ClientRequest = IncomingMessage | Http2ServerRequest
/** `flushHeaders` is there for HTTP/2 too; the types forgot it. */
export type ClientReply = ServerResponse | Http2ServerResponse & { flushHeaders(): void }

/** After an early answer a client may still be sending: it gets so long to notice before its connection is cut. */
const lingerMs = 5000

function isHttp2Reply (reply: ClientReply): reply is Extract<ClientReply, Http2ServerResponse> {
  return 'stream' in reply
}

/** The length that the request declares, or undefined. */
export function declaredLength (request: ClientRequest): number | undefined {
  const text = request.headers['content-length']
  return text === undefined ? undefined : Number(text)
}

/** Whether content follows the headers. In HTTP/2 that is said by the absence of END_STREAM (RFC 9113 section 8.1). */
export function hasBody (request: ClientRequest): boolean {
  const length = declaredLength(request)
  if (length !== undefined) return length > 0
  return 'stream' in request ? !request.stream.endAfterHeaders : request.headers['transfer-encoding'] !== undefined
}

/** Answers `Expect: 100-continue` when the listener left that to us by listening to `checkContinue`; else Node.js has answered already. */
export function inviteBody (request: ClientRequest, reply: ClientReply, options: { readonly isOurs: boolean }): void {
  if (options.isOurs && request.headers.expect?.toLowerCase() === '100-continue') reply.writeContinue()
}

/** Ends the connection (HTTP/2: the stream) some time after the answer when the client has not finished sending (RFC 9112 section 9.6). */
export function drainAfterReply (request: ClientRequest, reply: ClientReply, clock: Clock): void {
  reply.once('finish', () => {
    if (request.complete) return
    const linger = clock.after(lingerMs, () => {
      if (isHttp2Reply(reply)) reply.stream?.close(constants.NGHTTP2_NO_ERROR)
      else request.socket.destroy()
    })
    request.once('close', () => linger.cancel())
    request.once('end', () => linger.cancel())
  })
}

/** Whether fields can follow the content: with HTTP/2, or behind the chunks of HTTP/1.1. An answer without content has no place for them. */
export function canCarryTrailers (request: ClientRequest, reply: ClientReply, statusCode = reply.statusCode): boolean {
  if (request.method === 'HEAD' || statusCode === 204 || statusCode === 304) return false
  return isHttp2Reply(reply) || reply.useChunkedEncodingByDefault
}

/**
 * Fixes the headers as soon as the answer's stream is connected, and sends them before its first bytes when those let wait. Left to the
 * first write, what Node.js does not accept in them would be thrown in an event where nobody catches it.
 */
export function flushEarly (reply: ClientReply, onRefused: (error: unknown) => void): void {
  reply.once('pipe', (source: Readable) => {
    if (source.destroyed) return
    try {
      (reply as ServerResponse).writeHead(reply.statusCode)
    } catch (error) {
      if (!isHttp2Reply(reply)) reply.statusMessage = '' // it was set already, and is not the next answer's
      onRefused(error)
      return
    }
    setImmediate(() => { if (!source.readableDidRead && !reply.writableEnded && reply.socket?.destroyed === false) reply.flushHeaders() })
  })
}

/** Writes the head of an answer. False: Node.js refuses something in it, and nothing of it is left behind. */
export function writeHead (reply: ClientReply, statusCode: number, fields: Readonly<Record<string, string | string[]>>): boolean {
  try {
    (reply as ServerResponse).writeHead(statusCode, fields)
    return true
  } catch {
    if (!isHttp2Reply(reply)) reply.statusMessage = ''
    for (const name of reply.getHeaderNames()) reply.removeHeader(name)
    return false
  }
}

/** Ends a begun answer in a way that no client can take for its proper end. */
export function cutReply (reply: ClientReply): void {
  // Left to itself HTTP/2 would say NO_ERROR, which browsers read as the end of the content.
  if (isHttp2Reply(reply)) reply.stream?.close(constants.NGHTTP2_INTERNAL_ERROR)
  else reply.destroy()
}
