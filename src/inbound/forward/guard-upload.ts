// Watches a request's body on its way to the CRM: too large or stalled, and the call is broken off. It holds no more than one stream
// buffer, and never destroys the client's connection, because an answer is still to be sent on it.
import { Transform, type Readable } from 'node:stream'
import type { Clock, Timer } from '../../shared/clock.ts'
import { countPassed } from '../../shared/young-memory.ts'
import { reasons } from './reasons.ts'

export interface UploadLimits {
  readonly clock: Clock
  readonly maxBytes: number
  /** The client may be silent for so long. Time in which the CRM does not take what is there does not count. */
  readonly idleMs: number
}

/** The stream to send. It fails with `forward.bodyTooLarge`, `forward.uploadStalled` or `forward.clientGone`. */
export function guardUpload (source: Readable, limits: UploadLimits): Readable {
  let received = 0
  let idle: Timer
  const guard = new Transform({
    transform (chunk: Buffer, _encoding, done) {
      received += chunk.length
      countPassed(chunk.length)
      idle.cancel()
      idle = limits.clock.after(limits.idleMs, onIdle)
      if (received > limits.maxBytes) done(reasons.fail('forward.bodyTooLarge', 'client'))
      else done(null, chunk)
    },
  })
  const onIdle = () => {
    const clientIsWaiting = guard.writableNeedDrain || guard.readableLength > 0
    if (clientIsWaiting) idle = limits.clock.after(limits.idleMs, onIdle)
    else guard.destroy(reasons.fail('forward.uploadStalled', 'client'))
  }
  const onGone = () => { if (!source.readableEnded) guard.destroy(reasons.fail('forward.clientGone', 'client')) }
  idle = limits.clock.after(limits.idleMs, onIdle)
  source.once('close', onGone)
  source.on('error', onGone)
  guard.on('error', () => { /* whoever reads the guard learns of it; when nobody reads it any more, the answer is out already */ })
  guard.once('close', () => {
    idle.cancel()
    source.removeListener('close', onGone)
    source.unpipe(guard)
    // What the client still sends is read and thrown away until the answer is out (RFC 9112 section 9.6).
    if (!source.readableEnded) source.resume()
  })
  source.pipe(guard)
  return guard
}
