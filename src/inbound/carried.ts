// What the judgement found, as it travels with a Fastify request to the handlers behind it.
import type { Readable } from 'node:stream'
import type { Known } from './describe.ts'
import type { Exchange } from './exchange.ts'
import type { ForwardContext } from './forward/forward.ts'
import { omittedFields } from './mask-answer.ts'
import type { Admitted } from './pipeline.ts'
import { placeOf, type InboundRequest } from './request.ts'
import type { Place } from './session/session.ts'

export interface CarriedValue {
  readonly exchange: Exchange
  readonly inbound: InboundRequest
  readonly known: Known
  /** For the CRM, when the request is traced. */
  readonly traceParent?: string | undefined
  /** The body, when the decision had to read it. */
  replay?(): Readable | undefined
  /** How long it is, when it is not the one that came. */
  replacedLength?(): number | undefined
  /** Given when the answer has to be looked at. */
  readonly inspect?: ForwardContext['inspect']
  /** Given when no byte of the answer may go out before all of it was judged. */
  readonly rewrite?: ForwardContext['rewrite']
  /** Given when the answer may have to become another. */
  readonly change?: ForwardContext['change']
  readonly acceptEncoding?: ForwardContext['acceptEncoding']
  /** The gateway's own headers of an answer that no hook touches. */
  ownHeaders?(): Readonly<Record<string, string>>
  /** Throws when the request was not admitted for the CRM: then nothing is forwarded. */
  forwardContext(): ForwardContext
}

export interface Carried { carried: CarriedValue }

export function registerExchange (request: object, value: Omit<CarriedValue, 'forwardContext'>): void {
  (request as Carried).carried = {
    ...value,
    forwardContext: () => ({
      ...toForwardContext(value.known),
      traceParent: value.traceParent,
      failed (failure) { value.exchange.fail(failure) },
      contentLength: value.replacedLength?.(),
      inspect: value.inspect,
      rewrite: value.rewrite,
      change: value.change,
      acceptEncoding: value.acceptEncoding,
      straight: value.ownHeaders,
    }),
  }
}

export function toForwardContext (known: Known | Admitted): ForwardContext {
  const { target, session } = known
  if (target === undefined || session === undefined || known.isOwn === true) throw new TypeError('this exchange was not admitted for the CRM')
  const omit = known.mask?.enforced === undefined ? {} : { omit: omittedFields(target.method) }
  return { id: known.id, href: target.href, method: target.method, foldedPath: target.foldedPath, clientAddress: known.client.address, person: session.principal, ...omit }
}

/** From where a request comes that has been judged. */
export function placeIn (request: object): Place {
  const { known, inbound } = (request as Carried).carried
  return placeOf(known.client, inbound.peer)
}
