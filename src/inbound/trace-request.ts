// The trace of one request, where traces are switched on: begun when it comes in, with what the judgement said of it. It decides nothing.
import { Denial, Failure } from '../shared/errors.ts'
import type { Trace, Traces } from '../shared/traces.ts'
import type { RawRequest } from './canonical/canonical.ts'
import { classOf } from './route-class.ts'

export interface RequestTrace {
  /** Passes the judgement on. One that was let in gets `parent`, for the CRM; one that was refused ends with its answer. */
  watch<T> (judging: Promise<T>): Promise<T>
  /** Value of `traceparent` for the CRM; undefined before it was let in. */
  parent(): string | undefined
  end(how: Parameters<Trace['end']>[0]): void
}

interface Incoming {
  readonly id: string
  readonly raw: RawRequest
  readonly isOwn?: boolean
  readonly isUpgrade?: boolean
  /** Calls back when the connection has had its answer, with the answer's status if there was one. */
  whenAnswered (done: (status: number | undefined) => void): void
}

/** The judgement as it is where nothing is traced. */
export function watched<T> (trace: RequestTrace | undefined, judging: Promise<T>): Promise<T> {
  return trace === undefined ? judging : trace.watch(judging)
}

/** Called where traces are switched on only: a request that is not traced pays nothing for it. */
export function traceRequest ({ id, raw, whenAnswered, ...kind }: Incoming, traces: Traces): RequestTrace {
  const { method, httpVersion, headers } = raw
  const sent = headers['traceparent']
  const trace = traces.begin({ id, method, protocol: httpVersion, traceparent: typeof sent === 'string' ? sent : undefined })
  let parent: string | undefined
  return {
    async watch (judging) {
      try {
        const judged = await judging
        parent = trace.admitted()
        return judged
      } catch (error) {
        const reason = error instanceof Denial || error instanceof Failure ? error.code : 'inbound.bug'
        whenAnswered(status => { trace.end({ routeClass: classOf({ ...kind, method }), ending: 'request.denied', status, reason }) })
        throw error
      }
    },
    parent: () => parent,
    end: how => { trace.end(how) },
  }
}
