// Reads the small forms of the gateway's own pages, within a size, a time and a share of memory that all forms being read have together.
// It never interprets them: what they say is the room's to judge.
import type { IncomingMessage } from 'node:http'
import { constants, type Http2ServerRequest } from 'node:http2'
import type { Clock } from '../shared/clock.ts'
import { inboundReasons } from './reasons.ts'

const smallestBuffer = 16 * 1024

export interface FormLimits {
  /** Of one form, bytes. */
  readonly longest: number
  /** Of all that are being read, bytes. */
  readonly mostBytes: number
  readonly deadlineMs: number
}

/** Memory: room for two thousand sign-ins of the usual size in one moment. */
const usualLimits: FormLimits = { longest: 512 * 1024, mostBytes: 32 * 1024 * 1024, deadlineMs: 15_000 }
/** Of forms that files come with: a scan of some pages, over a slow line. */
export const fileFormLimits: FormLimits = { longest: 16 * 1024 * 1024, mostBytes: 64 * 1024 * 1024, deadlineMs: 60_000 }

type Message = IncomingMessage | Http2ServerRequest

/** Memory that forms being read hold, together. */
interface Budget { held: number, readonly limits: FormLimits }

/** The returned function resolves with the whole body, one character for each byte. It throws `inbound.*`, and then reads nothing more. */
export function createFormReader ({ clock, ...change }: { readonly clock: Clock } & Partial<FormLimits>): (message: Message) => Promise<string> {
  const limits: FormLimits = { ...usualLimits, ...change }
  const budget: Budget = { held: 0, limits }
  return async message => {
    if (Number(message.headers['content-length'] ?? 0) > limits.longest) throw inboundReasons.deny('inbound.formTooLarge')
    const form = openBuffer(budget)
    try {
      await receive(message, form.add, { clock, deadlineMs: limits.deadlineMs })
      return form.text()
    } finally {
      form.release()
    }
  }
}

/** Hands every chunk to `add` until the end; whatever `add` throws ends it. */
async function receive (message: Message, add: (chunk: Buffer) => void, { clock, deadlineMs }: { readonly clock: Clock, readonly deadlineMs: number }): Promise<void> {
  if (message.aborted || message.destroyed) throw inboundReasons.fail('inbound.clientGone', 'client')
  await new Promise<void>((resolve, reject) => {
    let isSettled = false
    const timer = clock.after(deadlineMs, () => { settle(inboundReasons.deny('inbound.formTimeout')) })
    const settle = (error?: Error) => {
      if (isSettled) return
      isSettled = true
      timer.cancel()
      message.off('data', take).off('end', end).off('aborted', abort).off('close', abort)
      message.pause()
      if (error === undefined) resolve()
      else reject(error)
    }
    const abort = () => { settle(inboundReasons.fail('inbound.clientGone', 'client')) }
    // An HTTP/2 request that was reset ends as well.
    const end = () => { if (message.aborted) abort(); else settle() }
    const take = (chunk: Buffer) => {
      try { add(chunk) } catch (error) { settle(error as Error) }
    }
    // `error` is listened to for good: a body that breaks off after we stopped reading concerns nobody.
    message.on('error', abort).on('aborted', abort).on('close', abort).on('end', end).on('data', take)
  })
}

/**
 * One growing buffer, so that what a form holds is what is counted: chunks are slices of larger blocks, and a client chooses how small they are.
 */
function openBuffer (budget: Budget) {
  let bytes = Buffer.alloc(0)
  let size = 0
  const grow = (needed: number) => {
    const capacity = Math.min(budget.limits.longest, Math.max(smallestBuffer, 2 ** Math.ceil(Math.log2(needed))))
    const more = capacity - bytes.length
    if (budget.held + more > budget.limits.mostBytes) throw inboundReasons.deny('inbound.tooBusy', { retryAfterSeconds: 5 })
    budget.held += more
    const larger = Buffer.alloc(capacity)
    bytes.copy(larger, 0, 0, size)
    bytes = larger
  }
  return {
    add (chunk: Buffer) {
      const needed = size + chunk.length
      if (needed > budget.limits.longest) throw inboundReasons.deny('inbound.formTooLarge')
      if (needed > bytes.length) grow(needed)
      chunk.copy(bytes, size)
      size = needed
    },
    text: () => bytes.toString('latin1', 0, size),
    release () { budget.held -= bytes.length; bytes = Buffer.alloc(0) },
  }
}

/**
 * To be called before an answer goes out: what is left of the body then is read by nobody. An HTTP/2 stream is reset without an error after
 * the answer (RFC 9113 section 8.1); true means that an HTTP/1.1 connection has to close after it. Else a client could keep either open for as
 * long as it goes on sending.
 */
export function leaveRest (message: Message): boolean {
  if (!('stream' in message)) return !message.complete
  const { stream } = message
  stream?.once('finish', () => { if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR) })
  return false
}
