// OpenTelemetry traces: one for each request, with how long its judgement and the CRM took. Only words of a closed list and the request's number are
// told, never a path, an address, a person or a record. The libraries are loaded when traces are configured, and nowhere else.
import { readFileSync } from 'node:fs'
import type { Context, Span, TextMapGetter } from '@opentelemetry/api'
import type { Logger } from './log.ts'
import type { TracesConfig } from './traces-config.ts'

export interface Trace {
  /** The request was let in; from now on the CRM has it. Returns the value of `traceparent` for it (W3C Trace Context). */
  admitted(): string
  /** Counts once. `routeClass`, `ending` and `reason` are words of closed lists. */
  end(how: { readonly routeClass: string, readonly ending: string, readonly status: number | undefined, readonly reason?: string | undefined }): void
}

export interface Traces {
  /** `traceparent` is what the client sent; it counts only where the configuration says so. */
  begin(request: { readonly id: string, readonly method: string, readonly protocol: string, readonly traceparent: string | undefined }): Trace
  /** Sends what is waiting, at most for a few seconds. Never throws. */
  close(): Promise<void>
}

const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'QUERY'])
const sendWithinMs = 3000

/** Throws when the authority's file cannot be read. */
export async function createTraces (config: TracesConfig, { name, version, log }: { readonly name: string, readonly version: string, readonly log: Logger }): Promise<Traces> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }, { W3CTraceContextPropagator }] = await Promise.all([
    import('@opentelemetry/api'), import('@opentelemetry/sdk-trace'), import('@opentelemetry/exporter-trace-otlp-http'), import('@opentelemetry/resources'), import('@opentelemetry/core'),
  ])
  // A collector that is away is no reason to say more than that, once in a while.
  api.diag.setLogger({ error: () => { log.warn('traces.notSent') }, warn: () => undefined, info: () => undefined, debug: () => undefined, verbose: () => undefined }, { logLevel: api.DiagLogLevel.ERROR, suppressOverrideMessage: true })
  const exporter = new OTLPTraceExporter({
    url: config.endpoint,
    timeoutMillis: sendWithinMs,
    ...(config.authorization === undefined ? {} : { headers: { authorization: config.authorization.reveal() } }),
    ...(config.authority === undefined ? {} : { httpAgentOptions: { ca: readFileSync(config.authority), keepAlive: true } }),
  })
  const byShare = new sdk.TraceIdRatioBasedSampler(config.share)
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': name, 'service.version': version }),
    sampler: config.continueClients ? new sdk.ParentBasedSampler({ root: byShare }) : byShare,
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, exportTimeoutMillis: sendWithinMs })],
  })
  const tracer = provider.getTracer('sallyport', version)
  const propagator = new W3CTraceContextPropagator()
  const getter: TextMapGetter<string> = { keys: () => ['traceparent'], get: (text, key) => key === 'traceparent' ? text : undefined }
  const parentOf = (text: string | undefined): Context =>
    config.continueClients && text !== undefined ? propagator.extract(api.ROOT_CONTEXT, text, getter) : api.ROOT_CONTEXT
  return {
    begin ({ id, method, protocol, traceparent }) {
      const known = knownMethods.has(method) ? method : '_OTHER'
      const root = tracer.startSpan(known, { kind: api.SpanKind.SERVER, attributes: { 'http.request.method': known, 'network.protocol.version': protocol, 'sallyport.request': id } }, parentOf(traceparent))
      const within = api.trace.setSpan(api.ROOT_CONTEXT, root)
      return createTrace(root, {
        method: known,
        failed: api.SpanStatusCode.ERROR,
        judgement: tracer.startSpan('judge', { kind: api.SpanKind.INTERNAL }, within),
        callCrm: () => tracer.startSpan('crm', { kind: api.SpanKind.CLIENT, attributes: { 'http.request.method': known } }, within),
      })
    },
    async close () {
      await provider.shutdown().catch(() => { log.warn('traces.notSent') })
    },
  }
}

function createTrace (root: Span, steps: { readonly method: string, readonly failed: number, readonly judgement: Span, callCrm(): Span }): Trace {
  let crm: Span | undefined
  let hasEnded = false
  return {
    admitted () {
      steps.judgement.end()
      crm = steps.callCrm()
      const { traceId, spanId, traceFlags } = crm.spanContext()
      return `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`
    },
    end ({ routeClass, ending, status, reason }) {
      if (hasEnded) return
      hasEnded = true
      root.updateName(`${steps.method} ${routeClass}`)
      root.setAttributes({ 'sallyport.class': routeClass, 'sallyport.ending': ending })
      if (status !== undefined) root.setAttribute('http.response.status_code', status)
      if (reason !== undefined) root.setAttribute('error.type', reason)
      if (ending === 'request.failed') root.setStatus({ code: steps.failed })
      if (crm === undefined) steps.judgement.end()
      crm?.end()
      root.end()
    },
  }
}
