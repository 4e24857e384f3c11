// Where WebSocket frames begin and end in a stream of bytes (RFC 6455 section 5.2), and how a Close frame is written. It reads no content.
import { randomBytes } from 'node:crypto'

const maxHeaderLength = 14
const maxReasonBytes = 123

/** Follows one direction of a connection, however its bytes are cut into chunks. */
export class FrameTracker {
  readonly #header = Buffer.alloc(maxHeaderLength)
  #headerBytes = 0
  #payloadLeft = 0
  #messages = 0

  /** Nothing of a frame is under way: a control frame may be put in here, between the fragments of a message too. */
  get atBoundary (): boolean {
    return this.#headerBytes === 0 && this.#payloadLeft === 0
  }

  /** Text and binary messages whose last frame has begun. */
  get messages (): number {
    return this.#messages
  }

  /** Follows `chunk`; with `stopAtBoundary` only to the end of the frame that is under way. Returns how many bytes it followed. */
  follow (chunk: Buffer, options: { readonly stopAtBoundary: boolean }): number {
    let at = 0
    while (at < chunk.length) {
      if (options.stopAtBoundary && this.atBoundary) break
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= taken
        at += taken
      } else {
        this.#takeHeaderByte(chunk[at] as number)
        at += 1
      }
    }
    return at
  }

  #takeHeaderByte (byte: number): void {
    this.#header[this.#headerBytes] = byte
    this.#headerBytes += 1
    if (this.#headerBytes < 2 || this.#headerBytes < this.#headerLength()) return
    this.#payloadLeft = this.#payloadLength()
    this.#headerBytes = 0
    const first = this.#header[0] as number
    const isData = (first & 0x0f) <= 2
    if (isData && (first & 0x80) !== 0) this.#messages += 1
  }

  #headerLength (): number {
    const second = this.#header[1] as number
    const short = second & 0x7f
    return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4)
  }

  #payloadLength (): number {
    const short = (this.#header[1] as number) & 0x7f
    if (short === 126) return this.#header.readUInt16BE(2)
    return short === 127 ? Number(this.#header.readBigUInt64BE(2)) : short
  }
}

/** `text` cut to what a control frame can hold, at a character. */
function fitReason (text: string): Buffer {
  const letters = [...text.toWellFormed()]
  while (Buffer.byteLength(letters.join('')) > maxReasonBytes) letters.pop()
  return Buffer.from(letters.join(''))
}

/** A Close frame (RFC 6455 section 5.5.1). What goes to a server is masked (section 5.3). */
export function encodeClose (code: number, reason: string, options: { readonly masked: boolean }): Buffer {
  const text = fitReason(reason)
  const payload = Buffer.alloc(2 + text.length)
  payload.writeUInt16BE(code)
  text.copy(payload, 2)
  if (!options.masked) return Buffer.concat([Buffer.from([0x88, payload.length]), payload])
  const key = randomBytes(4)
  const masked = payload.map((byte, index) => byte ^ (key[index % 4] as number))
  return Buffer.concat([Buffer.from([0x88, 0x80 | payload.length]), key, masked])
}
