// Sends an admitted request to the CRM and its answer back: exactly the canonical target, our identity headers and never the client's, no retries.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../shared/clock.ts'
import type { Failure } from '../../shared/errors.ts'
import { compileRouteTable } from '../../shared/route-pattern.ts'
import { durationMs } from '../../shared/schema.ts'
import { createUpstreamCaller } from './call-upstream.ts'
import type { ChangeOf } from './change-answer.ts'
import type { UpstreamConfig } from './config.ts'
import type { AnswerInspection } from './hold-answer.ts'
import { createIdentityHeaders } from './identity.ts'
import { registerForward } from './plugin.ts'
import { createPublicUrls } from './public-urls.ts'
import { createRelay } from './relay.ts'
import { createRequestHeaders } from './request-headers.ts'
import { createReservedCookies } from './reserved-cookies.ts'
import { createResponseHeaders } from './response-headers.ts'
import type { AnswerRewrite } from './rewrite-answer.ts'
import { readUpstreamAddress } from './upstream-address.ts'
import { createOriginCheck } from './web-socket-origin.ts'

/** What forwarding needs to know of an admitted exchange; the listener hangs it on the request. */
export interface ForwardContext {
  readonly id: string
  /** Canonical path and query. */
  readonly href: string
  readonly method: string
  /** As routes are compared with it. */
  readonly foldedPath?: string | undefined
  readonly clientAddress: string
  readonly person: { readonly id: string, readonly name: string, readonly email: string | undefined, readonly groups: readonly string[] }
  /** Told when the CRM's answer broke off after its headers (`forward.answerCut`): then no error reaches the error handler. */
  readonly failed?: ((failure: Failure) => void) | undefined
  /** Given when the answer has to be looked at before it goes out. */
  readonly inspect?: AnswerInspection | undefined
  /** Given when no byte of the answer may go out before all of it was judged. */
  readonly rewrite?: AnswerRewrite | undefined
  /** Value of `traceparent`, when the request is traced: the client's own does not pass then. */
  readonly traceParent?: string | undefined
  /** What the CRM is asked to pack its answer with, instead of what the client takes. */
  readonly acceptEncoding?: string | undefined
  /** Fields of the request that are not passed on, in small letters. */
  readonly omit?: ReadonlySet<string> | undefined
  /** Given when the content is not the one that came: its length. */
  readonly contentLength?: number | undefined
  /** Given when the answer may have to become another. */
  readonly change?: ChangeOf | undefined
  /** Where nothing has to look at the answer it may take the short way past Fastify's reply, with these headers of the gateway's own added. */
  readonly straight?: (() => Readonly<Record<string, string>>) | undefined
}

/** How a relayed upgrade went; `finished` is called exactly once. */
export interface RelayObserver {
  /** The CRM answered: 101 means the socket is open, any other status was passed on. */
  answered(status: number): void
  finished(result: { readonly bytesIn: number, readonly bytesOut: number, readonly messagesIn: number, readonly messagesOut: number, readonly failure?: Error | undefined }): void
}

export interface ForwardRoom {
  /** Registers @fastify/http-proxy for every path and method that no other route has; contexts come from `contextOf(request)`. */
  register(app: FastifyInstance, contextOf: (request: object) => ForwardContext): Promise<void>
  /** Relays an upgrade that was admitted. Returns a function that closes it with WebSocket code 4401 and the given reason. */
  relay(upgrade: { request: IncomingMessage, socket: Duplex, head: Buffer, context: ForwardContext }, observer: RelayObserver): (reason: string) => void
  /** Throws a Denial `forward.originNotAllowed` (403) when a WebSocket comes from a foreign page. */
  requireOrigin(headers: IncomingHttpHeaders): void
  /** Tells the open WebSockets that the gateway stops (1001). */
  drain(): void
  close(): Promise<void>
}

export interface ForwardDeps {
  readonly clock: Clock
  readonly publicUrl: string
  /** Cookies of the gateway: they never reach the CRM, and the CRM cannot set them. */
  readonly reservedCookieNames: readonly string[]
  /** Bytes. */
  readonly maxBodySize: number
  readonly bodyIdleTimeoutMs: number
}

/** Throws when the authority's file cannot be read or the token's key cannot sign. */
export function createForwardRoom (config: UpstreamConfig, deps: ForwardDeps): ForwardRoom {
  const address = readUpstreamAddress(config)
  const publicUrl = new URL(deps.publicUrl)
  const cookies = createReservedCookies(deps.reservedCookieNames)
  const timeouts = { connectTimeoutMs: durationMs(config.connectTimeout), answerTimeoutMs: durationMs(config.answerTimeout) }
  const caller = createUpstreamCaller(address, { clock: deps.clock, ...timeouts, maxConnections: config.maxConnections })
  const shared = {
    clock: deps.clock,
    identity: createIdentityHeaders(config.identity, { clock: deps.clock, issuer: publicUrl.origin }),
    requestHeaders: createRequestHeaders({ identity: config.identity, cookies, publicUrl, host: config.host === 'public' ? publicUrl.host : address.url.host }),
    responseHeaders: createResponseHeaders({ cookies, urls: createPublicUrls({ upstreamUrl: address.url, publicUrl }) }),
  }
  const cacheable = compileRouteTable(config.cacheable.map(pattern => ({ pattern, value: true })))
  const isCacheable = ({ method, foldedPath }: ForwardContext) => foldedPath !== undefined && cacheable.find(method, foldedPath) === true
  const parts = { ...shared, isCacheable, caller, upstreamUrl: address.url.origin, maxBodySize: deps.maxBodySize, bodyIdleTimeoutMs: deps.bodyIdleTimeoutMs }
  const relay = createRelay({ ...shared, ...timeouts, address })
  return {
    register: (app, contextOf) => registerForward(app, parts, contextOf),
    relay: relay.open,
    requireOrigin: createOriginCheck({ publicUrl, others: config.webSocketOrigins }),
    drain: () => { relay.close() },
    async close () {
      relay.close()
      await caller.close()
    },
  }
}
