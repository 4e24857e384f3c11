// How long a client may leave an answer of ours untaken. HTTP/2 lets it say that it has no room for a single byte; the stream, and with it the
// connection, would stay open for ever. HTTP/1.1 needs no limit: a short answer is in the kernel's hands at once.
import type { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import type { Clock } from '../shared/clock.ts'

/** To be called before a short answer goes out. */
export function limitTaking (response: ServerResponse | Http2ServerResponse, { clock, withinMs }: { readonly clock: Clock, readonly withinMs: number }): void {
  if (!('stream' in response)) return
  const { stream } = response
  if (stream === undefined || stream.destroyed) return
  const timer = clock.after(withinMs, () => {
    stream.close(constants.NGHTTP2_CANCEL)
    stream.destroy()
  })
  stream.once('close', () => { timer.cancel() })
}
