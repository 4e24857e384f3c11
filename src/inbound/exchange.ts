// One request and its answer: how it ended, exactly once. The only signal that comes exactly once in every case is `close` of the raw
// response (onResponse does not run when the client hangs up, onSend can run twice).
import { constants } from 'node:http2'
import { Denial, Failure } from '../shared/errors.ts'
import type { CountedHttp2Response, CountedResponse } from './counted-response.ts'
import { describeEnding, type Ending, type Known } from './describe.ts'
import type { InboundRooms } from './rooms.ts'
import { classOf } from './route-class.ts'
import type { RequestTrace } from './trace-request.ts'

export type RawResponse = CountedResponse | CountedHttp2Response

export interface Exchange {
  readonly known: Known
  /** True: the client was gone before the exchange began; it has ended, and nothing is to be forwarded. */
  readonly isOver: boolean
  /** What broke, for the ending; the first one counts. */
  fail(error: unknown): void
  /** A fact about how it went, for the ending. */
  note(facts: NonNullable<Ending['facts']>): void
  /** What cut it, when a session's end did: recorded as the reason of the ending. */
  cut(cause: string): void
}

/** Begins watching. Call it as soon as the admitted event is durable. */
export function openExchange (known: Known, response: RawResponse, { rooms, trace }: { readonly rooms: InboundRooms, readonly trace: RequestTrace | undefined }): Exchange {
  let failure: unknown
  let cause: string | undefined
  let facts: Ending['facts']
  const wasSentWhole = watchEnd(response)
  rooms.metrics.exchangeOpened()
  const settle = () => {
    const whole = wasSentWhole()
    const now = rooms.clock.now()
    const ending = endingOf(failure, whole)
    const status = response.headersSent ? response.statusCode : undefined
    const why = describeCause(failure, cause, whole)
    rooms.metrics.exchangeClosed(classOf(known), { ending, status: response.statusCode, durationMs: now - known.time })
    trace?.end({ routeClass: classOf(known), ending, status, reason: why.reason })
    rooms.audit.note(describeEnding(known, {
      kind: ending,
      time: now,
      status,
      bytesOut: response.contentBytes,
      durationMs: now - known.time,
      ...why,
      facts,
    }))
  }
  // While the admitted event was made durable the client may have gone, and `close` with it.
  const isOver = isClosed(response)
  if (isOver) settle()
  else response.on('close', settle) // it comes once; `once` would make two more objects
  return {
    known,
    isOver,
    fail (error) { failure ??= error },
    note (more) { facts = { ...facts, ...more } },
    cut (reason) {
      cause ??= reason
      breakOff(response)
    },
  }
}

/** In a way that no client can take for the proper end: a stream that is merely destroyed says NO_ERROR, and browsers keep half a file as a whole one. */
export function breakOff (response: RawResponse): void {
  if ('stream' in response) response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR)
  response.destroy()
}

function isClosed (response: RawResponse): boolean {
  // An HTTP/2 response forgets its stream when that is closed.
  return 'stream' in response ? response.stream === undefined || response.stream.destroyed || response.stream.closed : response.destroyed
}

/** A rule that said no after the admission was answered: that is no failure. */
function endingOf (failure: unknown, whole: boolean): 'request.completed' | 'request.failed' | 'request.abandoned' {
  if (failure !== undefined && !(failure instanceof Denial)) return 'request.failed'
  return whole ? 'request.completed' : 'request.abandoned'
}

function describeCause (failure: unknown, cause: string | undefined, whole: boolean): { reason?: string, source?: string } {
  if (failure instanceof Failure) return { reason: failure.code, source: failure.source }
  if (failure instanceof Denial) return { reason: failure.code }
  if (failure !== undefined) return { reason: 'inbound.bug', source: 'gateway' }
  if (cause !== undefined) return { reason: `session.${cause}` }
  return whole ? {} : { reason: 'inbound.clientGone', source: 'client' }
}

/** Tells, at `close`, whether the whole answer was handed over. HTTP/2 emits `finish` for a reset stream too, so its stream is asked. */
function watchEnd (response: RawResponse): () => boolean {
  if ('stream' in response) {
    const { stream } = response
    if (stream === undefined) return () => false
    return () => response.writableEnded && !stream.aborted && stream.rstCode === 0
  }
  return () => response.writableFinished
}
