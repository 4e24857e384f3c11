// One HTTP call to the CRM: sent once and never again, answered once, streamed both ways at the speed of the slower side.
// It knows no person and changes no header.
import { Readable } from 'node:stream'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import type { Clock } from '../../shared/clock.ts'
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

export interface UpstreamCaller {
  /** Calls back exactly once. Returns a function that gives the call up with the given failure; harmless when it is over. */
  call(request: UpstreamRequest, done: AnswerCallback): (failure: Failure) => void
  close(): Promise<void>
}

/** The answer's content. `trailers` are there once it has ended; destroyed before that, it aborts the call. */
export class UpstreamBody extends Readable {
  trailers: Dispatcher.ResponseData['headers'] = {}
  readonly #controller: Dispatcher.DispatchController
  #complete = false

  constructor (controller: Dispatcher.DispatchController) {
    super()
    this.#controller = controller
    // It can fail before anybody listens, or after: an error that nobody takes would end the process.
    this.on('error', () => { /* whoever passes the content on listens too */ })
  }

  complete (trailers: Dispatcher.ResponseData['headers']): void {
    this.#complete = true
    this.trailers = trailers
    this.push(null)
  }

  override _read (): void {
    this.#controller.resume()
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#complete) this.#controller.abort(error ?? reasons.fail('forward.clientGone', 'client'))
    done(error)
  }
}

/** What undici tells of one call, turned into one answer or one failure. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #done: AnswerCallback
  #settled = false
  #controller: Dispatcher.DispatchController | undefined
  #givenUp: Failure | undefined
  #body: UpstreamBody | undefined

  constructor (done: AnswerCallback) {
    this.#done = done
  }

  get started (): boolean {
    return this.#controller !== undefined
  }

  giveUp (failure: Failure): void {
    this.#givenUp ??= failure
    if (this.#controller !== undefined) this.#controller.abort(failure)
    else this.#settle(failure)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    // A second start would be a second sending of what may have been carried out.
    const failure = this.#controller === undefined ? this.#givenUp : reasons.fail('forward.badAnswer', 'upstream')
    this.#controller = controller
    if (failure !== undefined) controller.abort(failure)
  }

  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Dispatcher.ResponseData['headers']): void {
    if (!isStatus(statusCode)) return controller.abort(reasons.fail('forward.badAnswer', 'upstream'))
    if (statusCode < 200) return
    this.#body = new UpstreamBody(controller)
    this.#settle(null, { statusCode, headers, body: this.#body })
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause()
  }

  onResponseEnd (_controller: Dispatcher.DispatchController, trailers: Dispatcher.ResponseData['headers']): void {
    this.#body?.complete(trailers)
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#body === undefined) this.#settle(explainFailure(error, this.started ? 'waiting' : 'connecting'))
    else this.#body.destroy(explainFailure(error, 'answering'))
  }

  #settle (failure: Failure | null, answer?: UpstreamAnswer): void {
    if (this.#settled) return
    this.#settled = true
    this.#done(failure, answer)
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
  return {
    call (request, done) {
      const exchange = new Exchange((failure, answer) => {
        waiting.cancel()
        done(failure, answer)
      })
      // Waiting for one of the pool's connections counts as connecting; undici's own limit begins when it gets one.
      const waiting = options.clock.after(options.connectTimeoutMs, () => {
        if (!exchange.started) exchange.giveUp(reasons.fail('forward.connectTimeout', 'upstream'))
      })
      pool.dispatch({
        path: request.href,
        method: request.method,
        headers: [...request.headers],
        body: request.body,
        headersTimeout: options.answerTimeoutMs,
        bodyTimeout: 0, // event streams may be silent for hours
      }, exchange)
      return failure => exchange.giveUp(failure)
    },
    async close () {
      await pool.destroy()
    },
  }
}
