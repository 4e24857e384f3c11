// The upgrade path: the same judgement as every request, then the forward room relays. The socket's error listener comes first, because a
// client that resets while we decide must not end the process.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { Denial, Failure } from '../shared/errors.ts'
import { createRequestId } from '../shared/ids.ts'
import { toForwardContext } from './carried.ts'
import type { ConnectionRoom } from './connection/connection.ts'
import { describeEnding } from './describe.ts'
import { holdOpen } from './open.ts'
import { admit, type Admitted } from './pipeline.ts'
import { answerRaw } from './raw-answer.ts'
import { describeWire } from './request.ts'
import type { InboundRooms } from './rooms.ts'
import { classOf } from './route-class.ts'
import { traceRequest, watched, type RequestTrace } from './trace-request.ts'

export async function handleUpgrade (
  upgrade: { readonly request: IncomingMessage, readonly socket: Duplex, readonly head: Buffer },
  deps: { readonly rooms: InboundRooms, readonly connection: ConnectionRoom, readonly isBehindAnother: boolean },
): Promise<void> {
  const { request, socket, head } = upgrade
  socket.on('error', () => { socket.destroy() })
  const { rooms } = deps
  const id = createRequestId()
  try {
    const wire = describeWire(request, request.url ?? '')
    const { traces } = rooms
    const trace = traces === undefined ? undefined : traceRequest({ id, raw: wire, isUpgrade: true, whenAnswered: done => { socket.once('close', () => { done(undefined) }) } }, traces)
    const judging = admit({ id, raw: wire, peer: deps.connection.peerOf(request.socket), isUpgrade: true, isBehindAnother: deps.isBehindAnother }, rooms)
    const admitted = await watched(trace, judging)
    relay({ request, socket, head }, admitted, { rooms, trace })
  } catch (error) {
    if (!(error instanceof Denial) && !(error instanceof Failure)) rooms.log.bug('upgrade.bug', error, { id })
    // Behind another request an answer would stand where that one's belongs.
    if (deps.isBehindAnother) socket.destroy()
    else answerRaw(socket, error, { id, rooms })
  }
}

interface RelayDeps { readonly rooms: InboundRooms, readonly trace: RequestTrace | undefined }

function relay (upgrade: { request: IncomingMessage, socket: Duplex, head: Buffer }, admitted: Admitted, { rooms, trace }: RelayDeps): void {
  let status: number | undefined
  let cutCause: string | undefined
  rooms.metrics.exchangeOpened()
  let release = () => { /* replaced once registered */ }
  const close = rooms.forward.relay({ ...upgrade, context: { ...toForwardContext(admitted), traceParent: trace?.parent() } }, {
    answered (answer) {
      status = answer
      if (answer === 101) rooms.audit.note({ ...describeEnding(admitted, endingOf('connection.closed', 0)), kind: 'connection.opened' })
    },
    finished ({ bytesIn, bytesOut, messagesIn, messagesOut, failure }) {
      release()
      const isCut = cutCause !== undefined || status === undefined
      const kind = failure instanceof Failure ? 'request.failed' : isCut ? 'request.abandoned' : 'request.completed'
      if (status === 101) rooms.audit.note(describeEnding(admitted, { ...endingOf('connection.closed', bytesOut), bytesIn, messagesIn, messagesOut }))
      rooms.metrics.exchangeClosed(classOf({ ...admitted, isUpgrade: true }), { ending: kind, status: status ?? 0, durationMs: rooms.clock.now() - admitted.time })
      trace?.end({ routeClass: 'socket', ending: kind, status, reason: failure instanceof Failure ? failure.code : undefined })
      const cause = failure instanceof Failure ? { reason: failure.code, source: failure.source } : cutCause === undefined ? {} : { reason: `session.${cutCause}` }
      rooms.audit.note(describeEnding(admitted, { ...endingOf(kind, bytesOut), bytesIn, ...cause }))
    },
  })
  release = holdOpen({ admitted, cut (cause) { cutCause = cause; close(`session ended: ${cause}`) } }, rooms)

  function endingOf (kind: 'connection.closed' | 'request.completed' | 'request.failed' | 'request.abandoned', bytesOut: number) {
    const now = rooms.clock.now()
    return { kind, time: now, status, bytesOut, durationMs: now - admitted.time }
  }
}
