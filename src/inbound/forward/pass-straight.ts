// The short way of an answer: from the CRM's connection to the client's without a stream in between, for requests without a body whose answer
// nobody has to look at. The same headers, the same failures and the same endings as the long way by @fastify/http-proxy.
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Failure } from '../../shared/errors.ts'
import type { AnswerControl, AnswerSink, UpstreamCaller } from './call-upstream.ts'
import { keepNothing, mayKeep } from './browser-cache.ts'
import { changeFields } from './change-answer.ts'
import type { ForwardContext } from './forward.ts'
import type { HeaderPair, IdentityHeaders } from './identity.ts'
import { reasons } from './reasons.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { createStraightContent, type StraightContent } from './straight-content.ts'
import { announcedTrailers, pickTrailers } from './trailers.ts'
import { canCarryTrailers, cutReply, writeHead, type ClientReply } from './wire.ts'

export interface StraightParts {
  readonly caller: UpstreamCaller
  readonly identity: IdentityHeaders
  readonly requestHeaders: RequestHeaders
  readonly responseHeaders: ResponseHeaders
  readonly isCacheable: (context: ForwardContext) => boolean
}

interface Head {
  readonly statusCode: number
  readonly fields: Record<string, string | string[]>
  /** Of the content as it came. */
  readonly length: number | undefined
}

function lengthOf ({ 'content-length': length }: Parameters<AnswerSink['start']>[0]['headers']): number | undefined {
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

export type StraightContext = ForwardContext & { readonly straight: NonNullable<ForwardContext['straight']> }

/** Sends once and passes the answer on. What fails before the answer's headers are out goes to the error handler by `reply.send`. */
export function passStraight (reply: FastifyReply, parts: StraightParts, context: StraightContext): void {
  const send = (own: readonly HeaderPair[]) => {
    const answer = new StraightAnswer(reply, parts, context)
    const headers = parts.requestHeaders.build(reply.request.raw.headers, context, own)
    answer.giveUp = parts.caller.pass({ method: context.method, href: context.href, headers, body: null }, answer)
  }
  const own = parts.identity(context.person)
  if (own instanceof Promise) own.then(send).catch((error: unknown) => { reply.send(error) })
  else send(own)
}

class StraightAnswer implements AnswerSink {
  /** Ends the call; set when it began. */
  giveUp: (failure: Failure) => void = () => { this.#isGone = true }
  readonly #reply: FastifyReply
  readonly #raw: ClientReply
  readonly #parts: StraightParts
  readonly #context: StraightContext
  #state: 'waiting' | 'answering' | 'over' = 'waiting'
  #isGone = false
  #isRefused = false
  /** Not written yet: with the first content it is known how long all of it becomes. */
  #head: Head | undefined
  #hasContent = false
  #content: StraightContent | undefined
  #trailers: readonly string[] = []
  #sentTrailers: Parameters<AnswerSink['end']>[0] = {}

  constructor (reply: FastifyReply, parts: StraightParts, context: StraightContext) {
    this.#reply = reply
    this.#raw = reply.raw as ClientReply
    this.#parts = parts
    this.#context = context
    this.#raw.on('close', () => {
      this.#isGone = true
      this.#content?.destroy()
      if (this.#state !== 'over') this.giveUp(reasons.fail('forward.clientGone', 'client'))
    })
  }

  start ({ statusCode, headers: theirs }: Parameters<AnswerSink['start']>[0], control: AnswerControl): void {
    const raw = this.#raw
    const change = this.#context.change?.({ statusCode, headers: theirs })
    const headers = change === undefined ? theirs : changeFields(theirs, change)
    const fields = this.#parts.responseHeaders.build(headers)
    if (!mayKeep(statusCode, headers) && !this.#parts.isCacheable(this.#context)) {
      fields['cache-control'] = keepNothing['cache-control']
      delete fields['expires']
      delete fields['pragma']
    }
    const trailers = headers['content-length'] === undefined && canCarryTrailers(this.#reply.request.raw, raw, statusCode) ? announcedTrailers(headers['trailer']) : []
    if (trailers.length > 0) fields['trailer'] = trailers.join(', ')
    Object.assign(fields, this.#context.straight())
    this.#head = { statusCode, fields, length: lengthOf(theirs) }
    this.#trailers = trailers
    if (change?.pieces === undefined || this.#head.length === undefined) this.#begin(undefined)
    this.#content = createStraightContent(change, {
      raw: raw as ServerResponse,
      control,
      begin: growth => this.#begin(growth),
      onWhole: () => { this.#finish() },
      onBroken: () => {
        const failure = reasons.fail('forward.badAnswer', 'upstream')
        if (this.#state === 'answering') this.giveUp(failure)
        this.#state = 'over'
        this.#break(failure)
      },
    })
    // Content that came with the headers goes out with them; headers alone do not wait for it.
    queueMicrotask(() => { if (!this.#hasContent && this.#state !== 'over' && !this.#isGone && this.#begin(undefined)) raw.flushHeaders() })
  }

  /** Writes the head unless that was done. False: it cannot be written. */
  #begin (growth: number | undefined): boolean {
    const head = this.#head
    if (head === undefined) return !this.#isRefused
    this.#head = undefined
    if (head.length !== undefined && growth !== undefined) head.fields['content-length'] = String(head.length + growth)
    if (writeHead(this.#raw, head.statusCode, head.fields)) {
      if (this.#state === 'waiting') this.#state = 'answering'
      return true
    }
    // What Node.js does not accept in a header is the CRM's mistake.
    this.#isRefused = true
    const failure = reasons.fail('forward.badAnswer', 'upstream')
    if (this.#state === 'over') this.#reply.send(failure)
    else this.giveUp(failure)
    return false
  }

  data (chunk: Buffer): boolean {
    this.#hasContent = true
    return this.#isGone || this.#isRefused || this.#content?.write(chunk) !== false
  }

  end (trailers: Parameters<AnswerSink['end']>[0]): void {
    this.#state = 'over'
    this.#sentTrailers = trailers
    if (!this.#isGone && !this.#isRefused) this.#content?.end()
  }

  /** The client was handed all of the content. */
  #finish (): void {
    if (this.#isGone) return
    try {
      if (this.#trailers.length > 0) this.#raw.addTrailers(pickTrailers(this.#sentTrailers, this.#trailers))
    } catch {
      this.#break(reasons.fail('forward.answerCut', 'upstream'))
      return
    }
    this.#raw.end()
  }

  fail (failure: Failure): void {
    const hasBegun = this.#state === 'answering'
    this.#state = 'over'
    if (this.#isGone) return
    if (hasBegun) this.#break(failure)
    else this.#reply.send(failure)
  }

  #break (failure: Failure): void {
    this.#content?.destroy()
    this.#context.failed?.(failure)
    cutReply(this.#raw)
  }
}
