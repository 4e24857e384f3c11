// Requests that never became one: the parser refused them, they were too slow, too large, or CONNECT. They go through the same address check
// and into the same trail as everything else.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { Denial } from '../shared/errors.ts'
import { createRequestId } from '../shared/ids.ts'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { ConnectionRoom, Peer } from './connection/connection.ts'
import { describeRequest } from './describe.ts'
import { answerRaw } from './raw-answer.ts'
import { inboundReasons } from './reasons.ts'
import { connectionOf } from './request.ts'
import type { InboundRooms } from './rooms.ts'

const reasonOf: Readonly<Record<string, keyof typeof inboundReasons.table>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'inbound.timeout',
  HPE_HEADER_OVERFLOW: 'inbound.headersTooLarge',
  CONNECT: 'inbound.methodNotAllowed',
}

/** An answer that was on its way when the connection broke has so long. */
const lastAnswerMs = 2000

type RawSocket = Duplex & { readonly remoteAddress?: string | undefined, readonly remotePort?: number | undefined }

interface BreakDeps { readonly rooms: InboundRooms, readonly connection: ConnectionRoom, readonly request?: IncomingMessage }

/** Answers on the raw socket and records. Nothing of what was received is quoted. */
export function recordBreak (error: { readonly code?: string }, socket: RawSocket, deps: BreakDeps & { readonly isBehindAnother: boolean }): void {
  const { rooms } = deps
  socket.on('error', () => { socket.destroy() })
  // The client simply went away: no request, nothing to refuse.
  if (error.code === 'ECONNRESET' || !socket.writable) { socket.destroy(); return }
  // A connection that closes between two requests ends with an incomplete parse; nothing was asked.
  if (error.code === 'HPE_INVALID_EOF_STATE') { socket.destroy(); return }
  const id = createRequestId()
  const denial = refuse(reasonOf[error.code ?? ''] ?? 'inbound.badRequest', { id, peer: deps.connection.peerOf(socket), method: deps.request?.method ?? '', protocol: '1.1' }, rooms)
  // Behind another request an answer would stand where that one's belongs: that one's own (it may be the refusal of the same bytes) is the last.
  if (deps.isBehindAnother) rooms.clock.after(lastAnswerMs, () => { socket.destroy() })
  else answerRaw(socket, denial, { id, rooms })
}

/** The same for HTTP/2 requests that the router cannot take. */
export function recordUnroutable (request: Http2ServerRequest, response: Http2ServerResponse, deps: BreakDeps): void {
  const { rooms } = deps
  const id = createRequestId()
  const denial = refuse('inbound.methodNotAllowed', { id, peer: deps.connection.peerOf(connectionOf(request)), method: request.method, protocol: '2.0' }, rooms)
  const page = rooms.pages.problem({ status: denial.reason.status, code: denial.code, publicText: denial.reason.publicText, requestId: id })
  response.writeHead(page.status, { ...page.headers, ...rooms.standingHeaders })
  response.end(page.body)
}

interface Broken { readonly id: string, readonly peer: Peer, readonly method: string, readonly protocol: string }

/** The address comes first here too. */
function refuse (code: keyof typeof inboundReasons.table, broken: Broken, rooms: InboundRooms): Denial {
  const { id, peer, method, protocol } = broken
  let denial: Denial = inboundReasons.deny(code)
  try {
    rooms.clientIp.require(peer, {})
  } catch (refused) {
    if (refused instanceof Denial) denial = refused
  }
  const client = rooms.clientIp.resolve(peer, {})
  rooms.metrics.denied(denial.code)
  rooms.audit.note(describeRequest('request.denied', { id, time: rooms.clock.now(), client, method, protocol, host: undefined, userAgent: undefined, wireTarget: '' }, denial.code))
  return denial
}
