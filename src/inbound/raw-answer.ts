// Answers on a bare socket, where there is no response object: parser errors and refused upgrades. The connection ends with them.
import type { Duplex } from 'node:stream'
import { Denial, Failure, type Reason } from '../shared/errors.ts'
import { STATUS_CODES } from '../shared/node-http.ts'
import { inboundReasons } from './reasons.ts'
import type { InboundRooms } from './rooms.ts'

/** A refused client has so long to read why. */
const readMs = 2000

/** What a refusal says; anything that is neither a Denial nor a Failure is our bug and says nothing more. */
export function reasonOf (error: unknown): { readonly code: string, readonly reason: Reason, readonly retryAfterSeconds: number | undefined } {
  if (error instanceof Denial || error instanceof Failure) return error
  return { code: 'inbound.bug', reason: inboundReasons.table['inbound.bug'], retryAfterSeconds: undefined }
}

/** Problem JSON over HTTP/1.1; nothing of what was received is quoted. */
export function answerRaw (socket: Duplex, error: unknown, way: { readonly id: string, readonly rooms: InboundRooms }): void {
  if (!socket.writable) { socket.destroy(); return }
  const { rooms, id } = way
  const { code, reason, retryAfterSeconds } = reasonOf(error)
  const page = rooms.pages.problem({ status: reason.status, code, publicText: reason.publicText, requestId: id, retryAfterSeconds })
  const fields = { ...page.headers, ...rooms.standingHeaders, 'content-length': String(Buffer.byteLength(page.body)), connection: 'close' }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  // A client that never closes its side must not hold the connection.
  socket.resume()
  const deadline = rooms.clock.after(readMs, () => { socket.destroy() })
  socket.once('close', () => { deadline.cancel() })
  socket.end(`HTTP/1.1 ${page.status} ${STATUS_CODES[page.status] ?? 'Refused'}\r\n${head}\r\n${page.body}`)
}
