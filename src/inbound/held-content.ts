// The body of a request that has to be judged by it, because its record is named there or fields are masked: read once, and what was read, or what stands instead of it, given
// to whoever forwards it.
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { Readable } from 'node:stream'

export interface HeldContent {
  /** The whole body, one character for each byte. */
  read(): Promise<string>
  /** From now on this is what was read. */
  replace(text: string): void
  /** Its length when it was replaced: what the headers say is about other bytes. */
  replacedLength(): number | undefined
  /** What was read, for forwarding; undefined when nothing was, and the request itself still has it. */
  replay(): Readable | undefined
}

type Message = IncomingMessage | Http2ServerRequest

/** `readWhole` keeps a size, a time and a share of memory; `invite` answers `Expect: 100-continue`. */
export function holdContent (message: Message, { readWhole, invite }: { readonly readWhole: (message: Message) => Promise<string>, readonly invite: () => void }): HeldContent {
  let held: string | undefined
  let isReplaced = false
  return {
    async read () {
      if (held !== undefined) return held
      if (message.headers.expect !== undefined) invite()
      held = await readWhole(message)
      return held
    },
    replace (text) {
      held = text
      isReplaced = true
    },
    replacedLength: () => isReplaced ? held?.length : undefined,
    replay: () => held === undefined ? undefined : Readable.from([Buffer.from(held, 'latin1')], { objectMode: false }),
  }
}
