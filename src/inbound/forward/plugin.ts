// The Fastify side of forwarding: @fastify/http-proxy for the routes and the copying of answers, with everything it would decide by itself
// taken out of its hands. It never looks at the request's own target, sends nothing twice and logs nothing.
// Before http-proxy: it takes the part of undici that this one loads.
import { UpstreamBody, type UpstreamAnswer, type UpstreamCaller, type UpstreamRequest } from './call-upstream.ts'
import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { Clock } from '../../shared/clock.ts'
import { Failure } from '../../shared/errors.ts'
import { keepNothing, mayKeep } from './browser-cache.ts'
import { changeAnswer } from './change-answer.ts'
import type { ForwardContext } from './forward.ts'
import { holdAnswer } from './hold-answer.ts'
import { passStraight, type StraightContext } from './pass-straight.ts'
import { guardUpload } from './guard-upload.ts'
import type { IdentityHeaders } from './identity.ts'
import { reasons } from './reasons.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { rewriteAnswer } from './rewrite-answer.ts'
import { announcedTrailers, pickTrailers } from './trailers.ts'
import { canCarryTrailers, cutReply, declaredLength, drainAfterReply, flushEarly, hasBody, inviteBody } from './wire.ts'

export interface ForwardParts {
  readonly clock: Clock
  readonly caller: UpstreamCaller
  readonly identity: IdentityHeaders
  readonly requestHeaders: RequestHeaders
  readonly responseHeaders: ResponseHeaders
  readonly maxBodySize: number
  readonly bodyIdleTimeoutMs: number
  readonly upstreamUrl: string
  /** Whether browsers may keep what comes, whatever it is. */
  readonly isCacheable: (context: ForwardContext) => boolean
}

type ProxyOptions = Parameters<typeof httpProxy>[1]
type ReplyOptions = NonNullable<ProxyOptions['replyOptions']>
type UndiciRequest = Extract<NonNullable<ProxyOptions['undici']>, { request: unknown }>['request']
type ProxyAnswer = Parameters<NonNullable<ReplyOptions['onResponse']>>[2] & { readonly headers: Record<string, string | string[] | undefined> }

/** reply-from copies the headers that it is given on to the dispatcher below; the request as we want it sent travels with them. */
const sendKey = Symbol('send')
type Send = (done: (failure: Failure | null, answer?: unknown) => void) => void

/** The seam: whatever path, body or headers reply-from made up, what is sent is what we prepared. */
const dispatcher = {
  request: ((options: { headers: { [sendKey]: Send } }, done: Parameters<Send>[0]) => { options.headers[sendKey](done) }) as unknown as UndiciRequest,
}

/** The content to send, or null. Throws a Failure when it may not be sent. */
function takeBody (request: FastifyRequest, reply: FastifyReply, parts: ForwardParts): Readable | null {
  if (!hasBody(request.raw)) return null
  drainAfterReply(request.raw, reply.raw, parts.clock)
  if (request.raw.method === 'GET' || request.raw.method === 'HEAD') throw reasons.fail('forward.bodyNotAllowed', 'client')
  if ((declaredLength(request.raw) ?? 0) > parts.maxBodySize) throw reasons.fail('forward.bodyTooLarge', 'client')
  inviteBody(request.raw, reply.raw, { isOurs: request.server.server.listenerCount('checkContinue') > 0 })
  // A hook may have put a stream of its own before the raw one.
  const source = request.body instanceof Readable ? request.body : request.raw
  return guardUpload(source, { clock: parts.clock, maxBytes: parts.maxBodySize, idleMs: parts.bodyIdleTimeoutMs })
}

/**
 * Sends once; gives the call up when the client goes before there is an answer. What is thrown while the answer is taken in, ours or
 * the library's, ends this exchange and nothing else: above this callback is only the CRM's socket.
 */
function createSend (prepared: UpstreamRequest, reply: FastifyReply, { caller, inspect, rewrite, change }: Pick<ForwardContext, 'inspect' | 'rewrite' | 'change'> & { readonly caller: UpstreamCaller }): Send {
  return done => {
    let answered = false
    let isGone = false
    let waiting: UpstreamAnswer | undefined
    const settle = (failure: Failure | null, answer?: UpstreamAnswer) => {
      try {
        done(failure, answer === undefined || change === undefined ? answer : changeAnswer(answer, change(answer)))
      } catch (error) {
        answer?.body.destroy()
        removeHeaders(reply)
        reply.send(error)
      }
    }
    const giveUp = caller.call(prepared, (failure, answer) => {
      answered = true
      if (failure !== null) prepared.body?.destroy()
      if (answer === undefined || (inspect === undefined && rewrite === undefined)) { settle(failure, answer); return }
      waiting = answer
      const looked = inspect === undefined ? Promise.resolve(answer) : holdAnswer(answer, inspect)
      looked.then(held => rewrite === undefined ? held : rewriteAnswer(held, rewrite)).then(held => { settle(null, held) }, (error: unknown) => {
        // Whatever keeps it from being on record, or from being masked, keeps it from going out.
        answer.body.destroy()
        if (!isGone) reply.send(error)
      })
    })
    reply.raw.once('close', () => {
      isGone = true
      waiting?.body.destroy()
      if (!answered) giveUp(reasons.fail('forward.clientGone', 'client'))
    })
  }
}

/** Takes the headers of an answer that is not to be sent after all, so that ours stands alone. */
function removeHeaders (reply: FastifyReply): void {
  for (const name of Object.keys(reply.getHeaders())) {
    reply.removeHeader(name)
    if (!reply.raw.headersSent) reply.raw.removeHeader(name)
  }
}

/** Adds what the CRM sent behind its content. Throws nothing: what cannot be added breaks the answer off. */
function copyTrailers (reply: FastifyReply, body: UpstreamBody, names: readonly string[], onBroken: (failure: Failure) => void): void {
  try {
    reply.raw.addTrailers(pickTrailers(body.trailers, names))
  } catch {
    onBroken(reasons.fail('forward.answerCut', 'upstream'))
  }
}

function forbidKeeping (reply: FastifyReply, { headers }: ProxyAnswer): void {
  if (mayKeep(reply.statusCode, headers)) return
  for (const [name, value] of Object.entries(keepNothing)) {
    if (value === undefined) reply.removeHeader(name)
    else reply.header(name, value)
  }
}

/** Sends the answer on as it comes, and cuts it when it breaks off. */
function sendAnswer (reply: FastifyReply, answer: ProxyAnswer, context: ForwardContext): void {
  const body: unknown = answer.stream
  if (!(body instanceof UpstreamBody)) throw new TypeError('an answer that is not ours')
  reply.removeHeader('connection') // reply-from closes after an early answer; we drain instead
  const isChunked = answer.headers['content-length'] === undefined
  const trailers = isChunked && canCarryTrailers(reply.request.raw, reply.raw) ? announcedTrailers(answer.headers['trailer']) : []
  const onBroken = (failure: Error) => {
    if (failure instanceof Failure) context.failed?.(failure)
    if (reply.raw.headersSent) cutReply(reply.raw)
    else removeHeaders(reply) // nothing was sent yet: a whole page of ours goes out instead
  }
  body.once('error', onBroken)
  if (trailers.length > 0) {
    reply.header('trailer', trailers.join(', '))
    body.once('end', () => { copyTrailers(reply, body, trailers, onBroken) })
  }
  reply.raw.once('close', () => body.destroy())
  flushEarly(reply.raw, () => { body.destroy(reasons.fail('forward.badAnswer', 'upstream')) })
  reply.send(body)
}

function forward (request: FastifyRequest, reply: FastifyReply, options: ReplyOptions & { parts: ForwardParts, context: ForwardContext }): void {
  const { parts, context, ...replyOptions } = options
  let isGone = false
  reply.raw.once('close', () => { isGone = true })
  const body = takeBody(request, reply, parts)
  Promise.resolve(parts.identity(context.person)).then(own => {
    const headers = parts.requestHeaders.build(request.raw.headers, context, own)
    const send = createSend({ method: context.method, href: context.href, headers, body }, reply, { ...context, caller: parts.caller })
    reply.from('/', {
      ...replyOptions,
      queryString: () => '',
      rewriteRequestHeaders: () => ({ [sendKey]: send }),
      rewriteHeaders: headers => parts.responseHeaders.build(headers as Parameters<ResponseHeaders['build']>[0]),
      onResponse (_request, _reply, answer) {
        if (!parts.isCacheable(context)) forbidKeeping(reply, answer as ProxyAnswer)
        sendAnswer(reply, answer as ProxyAnswer, context)
      },
      onError (_reply, { error }) {
        if (!isGone) reply.send(error.cause instanceof Failure ? error.cause : error)
      },
    })
  }).catch((error: unknown) => {
    body?.destroy()
    reply.send(error)
  })
}

function mayGoStraight (context: ForwardContext): context is StraightContext {
  return context.straight !== undefined && context.inspect === undefined && context.rewrite === undefined
}

/** Registers every path with every method that the server knows, but those that echo or tunnel. */
export async function registerForward (app: FastifyInstance, parts: ForwardParts, contextOf: (request: object) => ForwardContext): Promise<void> {
  await app.register(async scope => {
    // Bodies pass unread, whatever they are; the limits of Fastify's parsers are not ours.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => { done(null, payload) })
    scope.addHook('preHandler', (request, reply, done) => {
      const context = contextOf(request)
      if (!mayGoStraight(context) || hasBody(request.raw)) done()
      else passStraight(reply, parts, context) // the hook is not done: the answer is on its way
    })
    await scope.register(httpProxy, {
      upstream: parts.upstreamUrl,
      undici: dispatcher,
      httpMethods: app.supportedMethods.filter(method => method !== 'TRACE' && method !== 'CONNECT'),
      websocket: false,
      proxyPayloads: false,
      retryMethods: [], // `maxRetriesOn503: 0` would be read as 10
      disableRequestLogging: true, // it logs the path
      disableCache: true, // it keeps paths
      internalRewriteLocationHeader: false,
      preRewrite: () => '/', // the target is the context's alone
      handler: (request, reply, _target, options) => { forward(request, reply, { ...options, parts, context: contextOf(request) }) },
    })
  })
}
