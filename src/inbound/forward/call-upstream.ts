// One HTTP call to the CRM: sent once and never again, answered once, streamed both ways at the speed of the slower side.
// It knows no person and changes no header.
import { Readable } from 'node:stream'
import { buildConnector, Pool, type Dispatcher } from '../../shared/undici.ts'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Failure } from '../../shared/errors.ts'
import { explainFailure } from './explain-failure.ts'
import { reasons } from './reasons.ts'
import { isStatus } from './response-headers.ts'
import type { UpstreamAddress } from './upstream-address.ts'

export interface UpstreamRequest {
  readonly method: string
  /** Path and query, sent as they are. */
  readonly href: string
  readonly headers: readonly string[]
  readonly body: Readable | null
}

export interface UpstreamAnswer {
  readonly statusCode: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: UpstreamBody
}

export type AnswerCallback = (failure: Failure | null, answer?: UpstreamAnswer) => void

type Headers = Dispatcher.ResponseData['headers']

/** What the one who takes an answer in may do with the CRM's side of it. */
export type AnswerControl = Pick<Dispatcher.DispatchController, 'pause' | 'resume' | 'abort'>

/** Takes one answer in as it comes: `start`, any number of `data`, `end`; or `fail`, once, instead of what is left of these. */
export interface AnswerSink {
  /** What it throws ends the call, and comes back in `fail`. */
  start(answer: { readonly statusCode: number, readonly headers: Headers }, control: AnswerControl): void
  /** False: no more until `resume`. */
  data(chunk: Buffer): boolean
  end(trailers: Headers): void
  fail(failure: Failure): void
}

export interface UpstreamCaller {
  /** Gives the answer to the sink. Returns a function that gives the call up with the given failure; harmless when it is over. */
  pass(request: UpstreamRequest, sink: AnswerSink): (failure: Failure) => void
  /** The answer as a stream. Calls back exactly once. */
  call(request: UpstreamRequest, done: AnswerCallback): (failure: Failure) => void
  close(): Promise<void>
}

/** The answer's content. `trailers` are there once it has ended; destroyed before that, it aborts the call. */
export class UpstreamBody extends Readable {
  trailers: Headers = {}
  readonly #control: AnswerControl
  #complete = false

  constructor (control: AnswerControl) {
    super()
    this.#control = control
    // It can fail before anybody listens, or after: an error that nobody takes would end the process.
    this.on('error', () => { /* whoever passes the content on listens too */ })
  }

  complete (trailers: Headers): void {
    this.#complete = true
    this.trailers = trailers
    this.push(null)
  }

  override _read (): void {
    this.#control.resume()
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#complete) this.#control.abort(error ?? reasons.fail('forward.clientGone', 'client'))
    done(error)
  }
}

/** Makes a stream of an answer. */
function createStreamSink (done: AnswerCallback): AnswerSink {
  let body: UpstreamBody | undefined
  return {
    start ({ statusCode, headers }, control) {
      body = new UpstreamBody(control)
      done(null, { statusCode, headers, body })
    },
    data: chunk => body?.push(chunk) !== false,
    end (trailers) { body?.complete(trailers) },
    fail (failure) {
      if (body === undefined) done(failure)
      else body.destroy(failure)
    },
  }
}

/** What undici tells of one call, turned into one answer or one failure. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #sink: AnswerSink
  readonly #onSettled: () => void
  #state: 'waiting' | 'answering' | 'over' = 'waiting'
  #controller: Dispatcher.DispatchController | undefined
  #givenUp: Failure | undefined

  /** `onSettled`: there is an answer or a failure. */
  constructor (sink: AnswerSink, onSettled: () => void) {
    this.#sink = sink
    this.#onSettled = onSettled
  }

  get started (): boolean {
    return this.#controller !== undefined
  }

  get isSettled (): boolean {
    return this.#state !== 'waiting'
  }

  giveUp (failure: Failure): void {
    this.#givenUp ??= failure
    if (this.#controller !== undefined) this.#controller.abort(failure)
    else this.#fail(failure)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    // A second start would be a second sending of what may have been carried out.
    const failure = this.#controller === undefined ? this.#givenUp : reasons.fail('forward.badAnswer', 'upstream')
    this.#controller = controller
    if (failure !== undefined) controller.abort(failure)
  }

  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Headers): void {
    if (!isStatus(statusCode)) return controller.abort(reasons.fail('forward.badAnswer', 'upstream'))
    if (statusCode < 200 || this.#state !== 'waiting') return
    this.#state = 'answering'
    this.#onSettled()
    try {
      this.#sink.start({ statusCode, headers }, controller)
    } catch (error) {
      controller.abort(error instanceof Error ? error : reasons.fail('forward.badAnswer', 'upstream'))
    }
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'answering' && !this.#sink.data(chunk)) controller.pause()
  }

  onResponseEnd (_controller: Dispatcher.DispatchController, trailers: Headers): void {
    if (this.#state !== 'answering') return
    this.#state = 'over'
    this.#sink.end(trailers)
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(explainFailure(error, this.#state === 'answering' ? 'answering' : this.started ? 'waiting' : 'connecting'))
  }

  #fail (failure: Failure): void {
    if (this.#state === 'over') return
    const isFirst = this.#state === 'waiting'
    this.#state = 'over'
    if (isFirst) this.#onSettled()
    this.#sink.fail(failure)
  }
}

interface CallerOptions {
  readonly clock: Clock
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly maxConnections: number
}

export function createUpstreamCaller (address: UpstreamAddress, options: CallerOptions): UpstreamCaller {
  const connect = buildConnector({
    timeout: options.connectTimeoutMs,
    rejectUnauthorized: true,
    ...(address.authority === undefined ? {} : { ca: address.authority }),
  })
  const pool = new Pool(address.url.origin, {
    connections: options.maxConnections,
    pipelining: 1,
    // The name to verify is ours to say: undici would take it from the Host header, which can be the public name.
    connect: ({ servername: _fromHost, ...target }, callback) =>
      connect(address.serverName === undefined ? target : { ...target, servername: address.serverName }, callback),
  })
  const pass: UpstreamCaller['pass'] = (request, sink) => {
    let waiting: Timer | undefined
    const exchange = new Exchange(sink, () => { waiting?.cancel() })
    pool.dispatch({
      path: request.href,
      method: request.method,
      headers: request.headers as string[],
      body: request.body,
      headersTimeout: options.answerTimeoutMs,
      bodyTimeout: 0, // event streams may be silent for hours
    }, exchange)
    // Waiting for one of the pool's connections counts as connecting; undici's own limit begins when it gets one. Mostly one is free, and the call has begun.
    if (!exchange.started && !exchange.isSettled) {
      waiting = options.clock.after(options.connectTimeoutMs, () => {
        if (!exchange.started) exchange.giveUp(reasons.fail('forward.connectTimeout', 'upstream'))
      })
    }
    return failure => exchange.giveUp(failure)
  }
  return {
    pass,
    call: (request, done) => pass(request, createStreamSink(done)),
    async close () {
      await pool.destroy()
    },
  }
}
