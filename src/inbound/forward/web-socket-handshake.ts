// The WebSocket handshake as text on both sides (RFC 6455 section 4): what a request must be, what a true 101 is, and how answers are written
// on a socket that no HTTP server looks after any more.
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Failure } from '../../shared/errors.ts'
import { STATUS_CODES } from '../../shared/node-http.ts'
import { listValues } from './header-names.ts'
import { reasons } from './reasons.ts'

const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Throws a Failure `forward.notWebSocket` on anything else than a handshake of version 13 without content. Returns its key. */
export function requireHandshake (request: IncomingMessage): string {
  const { headers } = request
  const key = headers['sec-websocket-key']
  const isHandshake = request.method === 'GET' && request.httpVersion === '1.1' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    (headers.connection ?? '').toLowerCase().split(',').some(option => option.trim() === 'upgrade') &&
    headers['sec-websocket-version'] === '13' &&
    headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
  if (!isHandshake || key === undefined || !/^[A-Za-z0-9+/]{22}==$/.test(key)) throw reasons.fail('forward.notWebSocket', 'client')
  return key
}

/** Whether the CRM's 101 answers this very handshake, and agrees to WebSocket and nothing else (RFC 6455 section 4.1). */
export function isTrueAccept (answer: { readonly headers: IncomingHttpHeaders }, key: string): boolean {
  const accept = createHash('sha1').update(key + acceptSuffix).digest('base64')
  return answer.headers['sec-websocket-accept'] === accept && answer.headers.upgrade?.toLowerCase() === 'websocket'
}

type Fields = Readonly<Record<string, string | readonly string[]>>

function encodeHead (status: number, fields: Fields): string {
  const lines = Object.entries(fields).flatMap(([name, value]) => listValues(value).map(text => `${name}: ${text}\r\n`))
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Answer'}\r\n${lines.join('')}\r\n`
}

/** The 101 for the client: of the CRM's fields those of the handshake and its cookies, for nothing else has a meaning on it. */
export function encodeAccept (fields: Fields): Buffer {
  const kept = Object.entries(fields).filter(([name]) => name.startsWith('sec-websocket-') || name === 'set-cookie')
  return Buffer.from(encodeHead(101, { ...Object.fromEntries(kept), connection: 'Upgrade', upgrade: 'websocket' }), 'latin1')
}

/** A whole answer with its content, after which the connection ends. */
export function encodeAnswer (status: number, fields: Fields, body: Buffer): Buffer {
  const { 'content-length': _oldLength, ...rest } = fields
  const length = status === 204 || status === 304 ? {} : { 'content-length': String(body.length) }
  return Buffer.concat([Buffer.from(encodeHead(status, { ...rest, ...length, connection: 'close' }), 'latin1'), body])
}

/** A failure of ours as problem JSON (RFC 9457). */
export function encodeFailure (failure: Failure, requestId: string): Buffer {
  const { status, publicText } = failure.reason
  const body = Buffer.from(JSON.stringify({ type: 'about:blank', title: publicText, status, code: failure.code, requestId }))
  return encodeAnswer(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }, body)
}
