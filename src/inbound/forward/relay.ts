// Relays an admitted WebSocket: our own handshake with the CRM over verified TLS, then raw bytes. What the client sends before the CRM has
// agreed is refused, because it could be a second request that nobody judged. No error of either socket gets past here.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../shared/clock.ts'
import { Failure } from '../../shared/errors.ts'
import { request as requestHttp } from '../../shared/node-http.ts'
import { explainFailure, type Stage } from './explain-failure.ts'
import type { ForwardContext, RelayObserver } from './forward.ts'
import type { IdentityHeaders } from './identity.ts'
import { reasons } from './reasons.ts'
import type { RequestHeaders } from './request-headers.ts'
import { isStatus, type ResponseHeaders } from './response-headers.ts'
import { Tunnel, type TunnelResult } from './tunnel.ts'
import type { UpstreamAddress } from './upstream-address.ts'
import { encodeAccept, encodeAnswer, encodeFailure, isTrueAccept, requireHandshake } from './web-socket-handshake.ts'

/** An answer other than 101 is a short refusal; a longer one is not passed on. */
const maxRefusalBytes = 64 * 1024
/** A refused client has so long to read why. */
const refusedMs = 2000
/** RFC 6455 section 7.4.1 and 7.4.2. */
const closeCodes = { goingAway: 1001, sessionEnded: 4401 } as const

interface RelayParts {
  readonly clock: Clock
  readonly address: UpstreamAddress
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly identity: IdentityHeaders
  readonly requestHeaders: RequestHeaders
  readonly responseHeaders: ResponseHeaders
}

interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly context: ForwardContext
}

const nothingPassed: TunnelResult = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, failure: undefined }

class Relay {
  readonly #parts: RelayParts
  readonly #upgrade: Upgrade
  readonly #observer: RelayObserver
  #stage: Stage = 'connecting'
  #timer: Timer | undefined
  #call: ClientRequest | undefined
  #tunnel: Tunnel | undefined
  #isOver = false

  constructor (parts: RelayParts, upgrade: Upgrade, observer: RelayObserver) {
    this.#parts = parts
    this.#upgrade = upgrade
    this.#observer = observer
  }

  async open (): Promise<void> {
    const { socket, request, head, context } = this.#upgrade
    socket.on('error', () => { socket.destroy() })
    socket.once('close', this.#onGone)
    socket.once('end', this.#onGone)
    try {
      if (head.length > 0) throw reasons.fail('forward.earlyBytes', 'client')
      if (socket.destroyed || socket.readableEnded) return this.#onGone()
      socket.on('data', this.#onEarly)
      const key = requireHandshake(request)
      const own = await this.#parts.identity(context.person)
      if (!this.#isOver) this.#connect(key, this.#parts.requestHeaders.build(request.headers, context, [...own, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']]))
    } catch (error) {
      this.#refuse(error)
    }
  }

  close (code: number, reason: string): void {
    if (this.#tunnel !== undefined) return this.#tunnel.close(code, reason)
    this.#upgrade.socket.destroy()
    this.#end(nothingPassed)
  }

  readonly #onGone = (): void => {
    this.#upgrade.socket.destroy()
    this.#end(nothingPassed)
  }

  readonly #onEarly = (): void => { this.#refuse(reasons.fail('forward.earlyBytes', 'client')) }

  #connect (key: string, headers: string[]): void {
    const { address } = this.#parts
    const call = (address.secure ? requestHttps : requestHttp)({
      host: address.hostname,
      port: address.port,
      path: this.#upgrade.context.href,
      method: 'GET',
      headers,
      agent: false,
      rejectUnauthorized: true,
      servername: address.serverName ?? '', // else Node.js would verify the Host header's name
      ...(address.authority === undefined ? {} : { ca: address.authority }),
    })
    this.#call = call
    this.#wait(this.#parts.connectTimeoutMs, 'forward.connectTimeout')
    call.on('error', error => { this.#refuse(explainFailure(error, this.#stage)) })
    call.once('socket', socket => {
      socket.once(address.secure ? 'secureConnect' : 'connect', () => {
        this.#stage = 'waiting'
        this.#wait(this.#parts.answerTimeoutMs, 'forward.answerTimeout')
      })
    })
    call.once('response', answer => { this.#passOn(answer) })
    call.once('upgrade', (answer, upstream, early) => {
      this.#orRefuse(() => { this.#join({ answer, upstream, early, key }) })
      if (this.#tunnel === undefined) upstream.destroy()
    })
    call.end()
  }

  #wait (delayMs: number, code: 'forward.connectTimeout' | 'forward.answerTimeout'): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(delayMs, () => { this.#refuse(reasons.fail(code, 'upstream')) })
  }

  /** The CRM said no: its answer goes to the client whole, and the connection ends. */
  #passOn (answer: IncomingMessage): void {
    const chunks: Buffer[] = []
    let length = 0
    answer.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxRefusalBytes) this.#refuse(reasons.fail('forward.badAnswer', 'upstream'))
      else chunks.push(chunk)
    })
    answer.on('error', error => { this.#refuse(explainFailure(error, 'waiting')) })
    answer.once('end', () => {
      this.#orRefuse(() => { if (!this.#isOver) this.#passRefusal(answer, Buffer.concat(chunks)) })
    })
  }

  #passRefusal ({ statusCode = 0, headers }: IncomingMessage, body: Buffer): void {
    // Below 200 it would promise another answer or a socket: neither comes.
    if (!isStatus(statusCode) || statusCode < 200) throw reasons.fail('forward.badAnswer', 'upstream')
    const answer = encodeAnswer(statusCode, this.#parts.responseHeaders.build(headers), body)
    this.#observer.answered(statusCode)
    this.#sayLast(answer)
    this.#end({ ...nothingPassed, bytesOut: body.length })
  }

  /** For what runs in events of the CRM's connection: what it throws refuses the upgrade, and never reaches the process. */
  #orRefuse (step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#refuse(error)
    }
  }

  #join ({ answer, upstream, early, key }: { answer: IncomingMessage, upstream: Duplex, early: Buffer, key: string }): void {
    upstream.on('error', () => { upstream.destroy() })
    if (this.#isOver) return
    if (answer.statusCode !== 101 || !isTrueAccept(answer, key)) throw reasons.fail('forward.badAnswer', 'upstream')
    const { socket } = this.#upgrade
    const accept = encodeAccept(this.#parts.responseHeaders.build(answer.headers))
    this.#timer?.cancel()
    socket.off('data', this.#onEarly)
    socket.off('close', this.#onGone)
    socket.off('end', this.#onGone)
    this.#tunnel = new Tunnel({ client: socket, upstream }, this.#parts.clock, result => { this.#end(result) })
    this.#observer.answered(101)
    socket.write(accept)
    this.#tunnel.start(early)
  }

  #refuse (error: unknown): void {
    if (this.#isOver) return
    const failure = error instanceof Failure ? error : explainFailure(error, this.#stage)
    this.#sayLast(encodeFailure(failure, this.#upgrade.context.id))
    this.#end({ ...nothingPassed, failure })
  }

  #sayLast (answer: Buffer): void {
    const { socket } = this.#upgrade
    socket.off('close', this.#onGone)
    socket.off('end', this.#onGone)
    const limit = this.#parts.clock.after(refusedMs, () => { socket.destroy() })
    socket.once('close', () => { limit.cancel() })
    socket.once('end', () => { socket.destroy() })
    socket.end(answer)
    socket.resume() // the client's end is to be seen; what it sends is thrown away
  }

  #end (result: TunnelResult): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer?.cancel()
    if (this.#tunnel === undefined) this.#call?.destroy()
    // Never within `open`: the caller has to have the closer first.
    queueMicrotask(() => { this.#observer.finished(result) })
  }
}

export interface RelayStation {
  open(upgrade: Upgrade, observer: RelayObserver): (reason: string) => void
  close(): void
}

export function createRelay (parts: RelayParts): RelayStation {
  const relays = new Set<Relay>()
  return {
    open (upgrade, observer) {
      const relay = new Relay(parts, upgrade, {
        answered: status => { observer.answered(status) },
        finished (result) {
          relays.delete(relay)
          observer.finished(result)
        },
      })
      relays.add(relay)
      void relay.open()
      return reason => { relay.close(closeCodes.sessionEnded, reason) }
    },
    close () {
      for (const relay of relays) relay.close(closeCodes.goingAway, 'the gateway stops')
    },
  }
}
