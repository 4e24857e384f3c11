// Two sockets after the CRM agreed to a WebSocket: bytes pass both ways as they are, at the speed of the slower side, and are counted.
// It can be closed from outside with a Close frame that the browser understands. It reads no message.
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../shared/clock.ts'
import type { Failure } from '../../shared/errors.ts'
import { explainFailure } from './explain-failure.ts'
import { encodeClose, FrameTracker } from './frames.ts'

/** After a closing was asked for, both sockets are gone at the latest. */
const closeDeadlineMs = 500
/** One side has ended: the other has so long to end too. */
const halfCloseMs = 10_000

export interface TunnelResult {
  readonly bytesIn: number
  readonly bytesOut: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly failure: Failure | undefined
}

interface Side {
  readonly socket: Duplex
  /** Frames that are written to this side. */
  readonly frames: FrameTracker
  bytes: number
}

export class Tunnel {
  readonly #client: Side
  readonly #upstream: Side
  readonly #clock: Clock
  readonly #onEnd: (result: TunnelResult) => void
  #failure: Failure | undefined
  #closing: { readonly code: number, readonly reason: string } | undefined
  readonly #deadlines: Timer[] = []
  #open = 2

  constructor (sockets: { readonly client: Duplex, readonly upstream: Duplex }, clock: Clock, onEnd: (result: TunnelResult) => void) {
    this.#client = { socket: sockets.client, frames: new FrameTracker(), bytes: 0 }
    this.#upstream = { socket: sockets.upstream, frames: new FrameTracker(), bytes: 0 }
    this.#clock = clock
    this.#onEnd = onEnd
  }

  /** `early` is what the CRM sent right behind its 101. */
  start (early: Buffer): void {
    this.#connect(this.#client, this.#upstream)
    this.#connect(this.#upstream, this.#client)
    this.#upstream.socket.on('error', error => { this.#failure ??= explainFailure(error, 'answering') })
    if (early.length > 0) this.#pass(early, this.#upstream, this.#client)
  }

  /** Cuts the traffic at once, tells both ends why where a frame ends, and destroys both sockets. */
  close (code: number, reason: string): void {
    if (this.#closing !== undefined) return
    this.#closing = { code, reason }
    this.#destroyAfter(closeDeadlineMs)
    if (this.#upstream.frames.atBoundary) this.#upstream.socket.write(encodeClose(code, reason, { masked: true }))
    if (this.#client.frames.atBoundary) this.#sayClose()
    else this.#upstream.socket.resume()
  }

  #connect (from: Side, to: Side): void {
    from.socket.on('data', (chunk: Buffer) => { this.#pass(chunk, from, to) })
    from.socket.on('end', () => {
      if (this.#closing === undefined) to.socket.end()
      this.#destroyAfter(halfCloseMs)
    })
    to.socket.on('drain', () => { from.socket.resume() })
    from.socket.on('error', () => { to.socket.destroy() })
    from.socket.on('close', () => {
      this.#open -= 1
      if (this.#open === 0) this.#finish()
      else if (this.#closing === undefined) to.socket.end()
      this.#destroyAfter(halfCloseMs)
    })
    from.socket.resume()
  }

  #pass (chunk: Buffer, from: Side, to: Side): void {
    if (this.#closing !== undefined) {
      this.#passLast(chunk, from)
      return
    }
    if (!to.socket.writable) return // it has ended: nobody is there to read this
    to.frames.follow(chunk, { stopAtBoundary: false })
    to.bytes += chunk.length
    if (!to.socket.write(chunk)) from.socket.pause()
  }

  /** While closing, only the rest of the frame that the browser is in the middle of still passes. */
  #passLast (chunk: Buffer, from: Side): void {
    const { frames, socket } = this.#client
    if (from !== this.#upstream || frames.atBoundary) return
    const length = frames.follow(chunk, { stopAtBoundary: true })
    this.#client.bytes += length
    socket.write(chunk.subarray(0, length))
    if (frames.atBoundary) this.#sayClose()
  }

  #sayClose (): void {
    if (this.#closing === undefined) return
    this.#client.socket.end(encodeClose(this.#closing.code, this.#closing.reason, { masked: false }))
    this.#upstream.socket.end(() => { this.#upstream.socket.destroy() })
  }

  #destroyAfter (delayMs: number): void {
    if (this.#open > 0) this.#deadlines.push(this.#clock.after(delayMs, () => { this.#destroy() }))
  }

  #destroy (): void {
    this.#client.socket.destroy()
    this.#upstream.socket.destroy()
  }

  #finish (): void {
    for (const deadline of this.#deadlines) deadline.cancel()
    this.#onEnd({
      bytesIn: this.#upstream.bytes,
      bytesOut: this.#client.bytes,
      messagesIn: this.#upstream.frames.messages,
      messagesOut: this.#client.frames.messages,
      failure: this.#failure,
    })
  }
}
