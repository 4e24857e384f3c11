// One attempt to deliver one message: TLS verified, the address checked, no redirect followed, signed in the form of Standard Webhooks 1.0. It sends the bytes that it is given
// and never looks into them.
import { createHmac } from 'node:crypto'
import { Agent, type Dispatcher } from '../../shared/undici.ts'
import type { Clock } from '../../shared/clock.ts'
import type { StoredMessage } from '../stored-message.ts'
import type { MayConnect } from './addresses.ts'
import { codeOf, createConnector, type DeliveryCode } from './checked-connector.ts'

export type { DeliveryCode } from './checked-connector.ts'

export interface ReceiverAnswer {
  readonly status: number
  readonly type: string | undefined
  readonly body: Buffer
}

export type Attempt =
  /** The receiver has it. */
  | { readonly is: 'delivered', readonly answer: ReceiverAnswer }
  /** Trying again may help. */
  | { readonly is: 'broken', readonly code: DeliveryCode, readonly answer: ReceiverAnswer | undefined, readonly retryAfterMs: number | undefined }
  /** Trying again does not help. */
  | { readonly is: 'refused', readonly code: DeliveryCode, readonly answer: ReceiverAnswer | undefined }

export interface Receiver {
  readonly url: string
  /** PEM file. */
  readonly authority: string | undefined
  /** `whsec_` and base64. */
  readonly signingKey: string
}

export interface MessageSender {
  send (message: StoredMessage): Promise<Attempt>
  close (): Promise<void>
}

const longestAnswer = 1024 * 1024
const longestRetryAfterMs = 3_600_000
const keepAliveMs = 30_000

/** Standard Webhooks 1.0: the time is that of the attempt, the id that of the message. */
export function signMessage (message: Pick<StoredMessage, 'id' | 'body'>, { key, now }: { readonly key: Buffer, readonly now: number }): Readonly<Record<string, string>> {
  const time = Math.floor(now / 1000)
  const signature = createHmac('sha256', key).update(`${message.id}.${time}.`).update(message.body).digest('base64')
  return { 'webhook-id': message.id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${signature}` }
}

/** RFC 9110 section 10.2.3, in seconds or as a date. */
function readRetryAfter (value: unknown, now: number): number | undefined {
  if (typeof value !== 'string') return undefined
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, longestRetryAfterMs) : undefined
}

/** Statuses after which the same message may be accepted later. */
const passing = new Set([408, 425, 429])

function judge (answer: ReceiverAnswer, retryAfterMs: number | undefined): Attempt {
  const { status } = answer
  if (status >= 200 && status < 300) return { is: 'delivered', answer }
  if (status < 400) return { is: 'refused', code: 'delivery.redirected', answer }
  return status >= 500 || passing.has(status) ? { is: 'broken', code: 'delivery.unavailable', answer, retryAfterMs } : { is: 'refused', code: 'delivery.rejected', answer }
}

async function readAnswer (body: Dispatcher.ResponseData['body']): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestAnswer) { body.destroy(); return undefined }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const textOf = (value: string | string[] | undefined) => typeof value === 'string' ? value : undefined

/** The address of a message: the destination's, with the path that the configuration allows behind it. */
export function addressOf (url: string, path: string): { readonly origin: string, readonly path: string } {
  const parsed = new URL(url)
  const behind = path === '' ? '' : `${parsed.pathname.endsWith('/') ? '' : '/'}${path}`
  return { origin: parsed.origin, path: `${parsed.pathname}${behind}${parsed.search}` }
}

export function createMessageSender (receiver: Receiver, options: { readonly clock: Clock, readonly mayConnect: MayConnect, readonly timeoutMs: number }): MessageSender {
  const { clock, mayConnect, timeoutMs } = options
  const key = Buffer.from(receiver.signingKey.replace(/^whsec_/, ''), 'base64')
  const connect = createConnector(mayConnect, { authority: receiver.authority, timeoutMs })
  const agent = new Agent({ connect, keepAliveTimeout: keepAliveMs, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  return {
    async send (message) {
      const cancel = new AbortController()
      let isLate = false
      const timer = clock.after(timeoutMs, () => { isLate = true; cancel.abort() })
      try {
        const { statusCode, headers, body } = await agent.request({
          ...addressOf(receiver.url, message.path),
          method: 'POST',
          headers: { 'content-type': message.type, 'accept-encoding': 'identity', 'user-agent': 'Sallyport', ...signMessage(message, { key, now: clock.now() }) },
          body: message.body,
          signal: cancel.signal,
        })
        // Even of an answer that breaks off, the status says whether the message was taken.
        const content = await readAnswer(body).catch(() => undefined)
        const answer = { status: statusCode, type: textOf(headers['content-type']), body: content ?? Buffer.alloc(0) }
        return judge(answer, readRetryAfter(headers['retry-after'], clock.now()))
      } catch (error) {
        const code = isLate ? 'delivery.tooSlow' : codeOf(error)
        return code === 'delivery.addressRefused' ? { is: 'refused', code, answer: undefined } : { is: 'broken', code, answer: undefined, retryAfterMs: undefined }
      } finally { timer.cancel() }
    },
    close: () => agent.destroy(),
  }
}
