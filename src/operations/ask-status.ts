// Asks a running gateway how it is, by its health listener: readiness and metrics, read into figures that a person understands. It changes nothing
// and opens no store.
import { loadConfigToAsk } from '../config/config.ts'
import { describeCode, OperationError } from './operation-error.ts'

export interface GatewayStatus {
  readonly isReady: boolean
  readonly parts: ReadonlyArray<{ readonly name: string, readonly ok: boolean, readonly detail: string }>
  readonly sessions: number
  readonly connections: number
  readonly openExchanges: number
  /** Since the start, by class of route. */
  readonly exchanges: ReadonlyArray<{ readonly routeClass: string, readonly count: number, readonly failed: number, readonly averageMs: number }>
  readonly gate: { readonly count: number, readonly averageMs: number, /** The bucket that 99 % are below; undefined beyond the last one. */ readonly p99Ms: number | undefined }
  readonly refusals: ReadonlyArray<{ readonly reason: string, readonly count: number }>
  /** Pages in which the idle script cannot do its work, by what hinders it. */
  readonly pagesWithoutIdleScript: ReadonlyArray<{ readonly by: string, readonly count: number }>
  readonly spool: { readonly waiting: number, readonly unshipped: number }
  readonly certificateDaysLeft: number
}

interface Sample { readonly name: string, readonly labels: Readonly<Record<string, string>>, readonly value: number }

/** The text form for Prometheus, as far as ours goes: our labels hold neither quotes nor braces. */
export function readSamples (text: string): readonly Sample[] {
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    return { name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', word = '']) => [label, word])), value: value === '+Inf' ? Infinity : Number(value) }
  })
}

const healthTimeoutMs = 3000

async function ask (url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(healthTimeoutMs), redirect: 'error' })
  } catch (error) {
    throw new OperationError(`No gateway answers at ${url}${describeCode((error as Error).cause)}: is it running, and is this where listeners.health listens? --url names another address.`)
  }
}

/** From this machine: a listener on all addresses is reached by loopback. */
async function findHealth (configFile: string): Promise<string> {
  const { config } = await loadConfigToAsk(configFile)
  const { host, port } = config.listeners.health
  const near = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`
}

function sum (samples: readonly Sample[], name: string, holds: (labels: Sample['labels']) => boolean = () => true): number {
  return samples.filter(sample => sample.name === name && holds(sample.labels)).reduce((total, { value }) => total + value, 0)
}

function readGate (samples: readonly Sample[]): GatewayStatus['gate'] {
  const count = sum(samples, 'sallyport_audit_gate_seconds_count')
  const within = samples.filter(({ name }) => name === 'sallyport_audit_gate_seconds_bucket').map(({ labels, value }) => ({ limit: Number(labels['le']), value }))
  const limit = within.find(({ limit: at, value }) => Number.isFinite(at) && value >= count * 0.99)?.limit
  return { count, averageMs: count === 0 ? 0 : sum(samples, 'sallyport_audit_gate_seconds_sum') / count * 1000, p99Ms: limit === undefined ? undefined : limit * 1000 }
}

function readExchanges (samples: readonly Sample[]): GatewayStatus['exchanges'] {
  const classes = new Set(samples.filter(({ name }) => name === 'sallyport_exchanges_total').map(({ labels }) => labels['class'] ?? ''))
  return [...classes].sort().map(routeClass => {
    const isOfClass = (labels: Sample['labels']) => labels['class'] === routeClass
    const count = sum(samples, 'sallyport_exchanges_total', isOfClass)
    return {
      routeClass,
      count,
      failed: sum(samples, 'sallyport_exchanges_total', labels => isOfClass(labels) && labels['ending'] === 'request.failed'),
      averageMs: sum(samples, 'sallyport_exchange_seconds_sum', isOfClass) / count * 1000,
    }
  })
}

/** Throws a ConfigurationError or an OperationError. */
export async function askStatus (options: { readonly configFile: string, readonly url: string | undefined, readonly now: number }): Promise<GatewayStatus> {
  const base = options.url ?? await findHealth(options.configFile)
  const ready = await ask(`${base}/ready`)
  const body = await ready.json().catch(() => undefined) as Partial<{ parts: GatewayStatus['parts'] }> | undefined
  const samples = readSamples(await (await ask(`${base}/metrics`)).text())
  if (samples.every(({ name }) => name !== 'sallyport_ready')) throw new OperationError(`What answers at ${base} is not a Sallyport gateway: listeners.health in the configuration says where it listens.`)
  return {
    isReady: ready.status === 200,
    parts: body?.parts ?? [],
    sessions: sum(samples, 'sallyport_sessions'),
    connections: sum(samples, 'sallyport_connections_open'),
    openExchanges: sum(samples, 'sallyport_exchanges_open'),
    exchanges: readExchanges(samples),
    gate: readGate(samples),
    refusals: samples.filter(({ name }) => name === 'sallyport_refusals_total').map(({ labels, value }) => ({ reason: labels['reason'] ?? '', count: value })).sort((one, other) => other.count - one.count),
    pagesWithoutIdleScript: samples.filter(({ name }) => name === 'sallyport_idle_script_hindered_total').map(({ labels, value }) => ({ by: labels['by'] ?? '', count: value })),
    spool: { waiting: sum(samples, 'sallyport_audit_waiting'), unshipped: sum(samples, 'sallyport_audit_unshipped') },
    certificateDaysLeft: Math.floor((sum(samples, 'sallyport_certificate_expires_seconds') - options.now / 1000) / 86_400),
  }
}
