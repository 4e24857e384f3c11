// Sends one redacted request of the CRM to its host, once: TLS verified, the address checked, no redirect followed, nothing tried again. It sends the bytes that it is given and
// never looks into them; the answer goes back as it comes.
import type { Readable } from 'node:stream'
import { Agent } from '../../shared/undici.ts'
import type { Clock } from '../../shared/clock.ts'
import type { MayConnect } from './addresses.ts'
import { codeOf, createConnector, type DeliveryCode } from './checked-connector.ts'

export interface OutgoingCall {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type CallEnd =
  | { readonly is: 'answered', readonly status: number, readonly headers: Readonly<Record<string, string | string[]>>, readonly body: Readable }
  | { readonly is: 'broken', readonly code: DeliveryCode }

export interface CallSender {
  /** Never throws. `signal`: the CRM is gone. */
  send (call: OutgoingCall, signal?: AbortSignal): Promise<CallEnd>
  /** Resolves when what is under way has ended. */
  drain (): Promise<void>
  close (): Promise<void>
}

const keepAliveMs = 30_000
const longestSilenceMs = 120_000
/** RFC 9110 section 7.6.1, and what would lead the CRM past the gateway (RFC 7838). */
const stays = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'alt-svc'])

function readHeaders (headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string | string[]>> {
  const named = String(headers['connection'] ?? '').toLowerCase().split(',').map(name => name.trim())
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => value === undefined || stays.has(name) || named.includes(name) ? [] : [[name, value]]))
}

export interface CallSenderOptions {
  readonly clock: Clock
  readonly mayConnect: MayConnect
  /** Until the answer begins. */
  readonly timeoutMs: number
  /** PEM file. */
  readonly authority: string | undefined
  /** Instead of what the name service says. */
  readonly pinned: string | undefined
}

/** `origin`: scheme, host and port. */
export function createCallSender (origin: string, { clock, mayConnect, timeoutMs, authority, pinned }: CallSenderOptions): CallSender {
  const connect = createConnector(mayConnect, { authority, timeoutMs, pinned })
  const agent = new Agent({ connect, keepAliveTimeout: keepAliveMs, pipelining: 1, headersTimeout: 0, bodyTimeout: longestSilenceMs })
  return {
    async send ({ method, target, headers, body }, signal) {
      const cancel = new AbortController()
      let isLate = false
      const timer = clock.after(timeoutMs, () => { isLate = true; cancel.abort() })
      try {
        const answer = await agent.request({
          origin,
          path: target,
          method: method as 'GET',
          headers: { 'accept-encoding': 'identity', ...headers, 'user-agent': 'Sallyport' },
          body: body.length === 0 && method !== 'POST' && method !== 'PUT' && method !== 'PATCH' ? null : body,
          signal: signal === undefined ? cancel.signal : AbortSignal.any([signal, cancel.signal]),
        })
        return { is: 'answered', status: answer.statusCode, headers: readHeaders(answer.headers), body: answer.body }
      } catch (error) {
        return { is: 'broken', code: isLate ? 'delivery.tooSlow' : codeOf(error) }
      } finally { timer.cancel() }
    },
    drain: () => agent.close(),
    close: () => agent.destroy(),
  }
}
