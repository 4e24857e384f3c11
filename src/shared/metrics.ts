// What can be counted, with bounded labels: never a path, a person or an address.
import { Counter, Gauge, Histogram, Registry, type CounterConfiguration, type GaugeConfiguration } from 'prom-client'

export interface Metrics {
  readonly contentType: string
  exchangeOpened(): void
  /** `routeClass` is one of a few words, never a path. */
  exchangeClosed(routeClass: string, end: { readonly ending: string, readonly status: number, readonly durationMs: number }): void
  denied(code: string): void
  gate(durationMs: number): void
  connectionRefused(reason: string): void
  sessionEnded(cause: string): void
  /** A page that the idle script cannot do its work in; `by` is one of a few words. */
  idleScriptHindered(by: string): void
  /** Of the outbound door: `released`, `held`, `delivered`, `failed`. */
  message(destination: string, what: string): void
  /** What SPF, DKIM or DMARC found about a mail from outside; words of their RFCs. */
  verdict(check: 'spf' | 'dkim' | 'dmarc', result: string): void
  /** What was taken out of a message, by kind of identifier. */
  redacted(kinds: Readonly<Partial<Record<string, number>>>): void
  /** A value that is read when somebody asks for the metrics. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
  /** The text form for Prometheus. */
  render(): Promise<string>
}

export function createMetrics (): Metrics {
  const registry = new Registry()
  const registers = [registry]
  // What every request counts is counted in numbers of our own, and handed over when somebody asks: the library works its labels out anew each time.
  let open = 0
  const endings = new Map<string, { readonly labels: Record<'class' | 'ending' | 'status', string>, untold: number }>()
  addGauge(registers, { name: 'sallyport_exchanges_open', help: 'Admitted exchanges that have not ended.', collect () { this.set(open) } })
  addCounter(registers, {
    name: 'sallyport_exchanges_total',
    help: 'Exchanges by class of route, how they ended and class of status.',
    labelNames: ['class', 'ending', 'status'],
    collect () {
      for (const ending of endings.values()) {
        this.inc(ending.labels, ending.untold)
        ending.untold = 0
      }
    },
  })
  const durations = new Histogram({
    name: 'sallyport_exchange_seconds', help: 'Time from decision to ending, by class of route.', labelNames: ['class'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60], registers,
  })
  const denials = new Counter({ name: 'sallyport_refusals_total', help: 'Refused requests by reason.', labelNames: ['reason'], registers })
  const gate = new Histogram({ name: 'sallyport_audit_gate_seconds', help: 'Time until an event is durable.', buckets: [0.0005, 0.001, 0.005, 0.02, 0.1, 1], registers })
  const refused = new Counter({ name: 'sallyport_connections_refused_total', help: 'Connections closed before a request.', labelNames: ['reason'], registers })
  const ended = new Counter({ name: 'sallyport_sessions_ended_total', help: 'Sessions by cause of their end.', labelNames: ['cause'], registers })
  const hindered = new Counter({ name: 'sallyport_idle_script_hindered_total', help: 'Pages in which the idle script cannot do its work, by what hinders it.', labelNames: ['by'], registers })
  const messages = new Counter({ name: 'sallyport_messages_total', help: 'Messages of the outbound door by destination and what became of them.', labelNames: ['destination', 'what'], registers })
  const verdicts = new Counter({ name: 'sallyport_shield_verdicts_total', help: 'What SPF, DKIM and DMARC found about mail from outside.', labelNames: ['check', 'result'], registers })
  const redactions = new Counter({ name: 'sallyport_redactions_total', help: 'Identifiers that were taken out of messages, by kind (45 CFR 164.514(b)(2)).', labelNames: ['kind'], registers })
  return {
    contentType: registry.contentType,
    exchangeOpened () { open += 1 },
    exchangeClosed (routeClass, { ending, status, durationMs }) {
      open -= 1
      const key = `${routeClass} ${ending} ${Math.floor(status / 100)}`
      let counted = endings.get(key)
      if (counted === undefined) endings.set(key, counted = { labels: { class: routeClass, ending, status: `${Math.floor(status / 100)}xx` }, untold: 0 })
      counted.untold += 1
      durations.observe({ class: routeClass }, durationMs / 1000)
    },
    denied (code) { denials.inc({ reason: code }) },
    gate (durationMs) { gate.observe(durationMs / 1000) },
    connectionRefused (reason) { refused.inc({ reason }) },
    sessionEnded (cause) { ended.inc({ cause }) },
    idleScriptHindered (by) { hindered.inc({ by }) },
    message (destination, what) { messages.inc({ destination, what }) },
    verdict (check, result) { verdicts.inc({ check, result }) },
    redacted (kinds) { for (const [kind, count] of Object.entries(kinds)) redactions.inc({ kind }, count) },
    gauge (name, help, read) {
      addGauge(registers, { name, help, async collect () { this.set(await read()) } })
    },
    render: () => registry.metrics(),
  }
}

/* eslint-disable no-new -- registering is the whole effect */
function addGauge (registers: Registry[], options: GaugeConfiguration<string>): void {
  new Gauge({ ...options, registers })
}

function addCounter (registers: Registry[], options: CounterConfiguration<string>): void {
  new Counter({ ...options, registers })
}
