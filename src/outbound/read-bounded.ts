// Reads a body whole, bounded in size and time. What is wrong with one that does not come is for the caller to say.
import type { Readable } from 'node:stream'
import type { Clock } from '../shared/clock.ts'

export interface Bounds {
  readonly clock: Clock
  readonly mostBytes: number
  readonly timeoutMs: number
  /** Of Content-Length; 0 when it says nothing. */
  readonly announced: number
  /** Each makes what is thrown. */
  readonly deny: { readonly tooSlow: () => Error, readonly tooLarge: () => Error, readonly brokenOff: () => Error }
}

export function readBounded (stream: Readable, { clock, mostBytes, timeoutMs, announced, deny }: Bounds): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let length = 0
  const timer = clock.after(timeoutMs, () => { reject(deny.tooSlow()) })
  if (announced > mostBytes) reject(deny.tooLarge())
  else {
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > mostBytes) { stream.pause(); reject(deny.tooLarge()) } else chunks.push(chunk)
    })
    stream.once('end', () => { resolve(Buffer.concat(chunks, length)) })
    stream.once('close', () => { reject(deny.brokenOff()) })
    stream.once('error', () => { reject(deny.brokenOff()) })
  }
  return promise.finally(() => { timer.cancel() })
}
