// The gateway with every control on, beside (a) the bare @fastify/http-proxy, (b) a bare undici proxy, (c) nginx, (d) HAProxy and (e) Apache with
// mod_auth_mellon: requests over HTTP/1.1 and HTTP/2, added latency at half load, WebSockets, streams, idle connections, and growth.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis } from './audit/place.ts'
import { startApache } from './apache.ts'
import { checkTrail, type TrailCount } from './check-trail.ts'
import { measureGrowth, type GrowthFigure } from './growth.ts'
import { measureIdle, type IdleResult } from './idle-connections.ts'
import { measureAdded, type AddedLatency } from './latency.ts'
import { measureLoad, measureStreams, median } from './load.ts'
import { readMemory, streamThrough, type StreamResult } from './memory.ts'
import { bareName, startBareHttpProxy, startBareUndici, startGatewayPeer, startUpstream, writeCertificate, type GatewayPeer, type Peer, type PeerFiles } from './peers.ts'
import { hasPrograms, makeDirectory, requirePrograms } from './processes.ts'
import { formatRows, runRounds, type Row, type Sent } from './rounds.ts'
import { measureWebSockets } from './web-sockets.ts'
import { startHaproxy, startNginx } from './web-servers.ts'

export const partNames = ['http1', 'http2', 'latency', 'websockets', 'streams', 'idle', 'growth'] as const
export type PartName = typeof partNames[number]

export interface BenchOptions {
  readonly isJson: boolean
  /** Of times and sizes: 0.1 for a quick look. */
  readonly scale: number
  readonly rounds: number
  readonly seconds: number
  readonly parts: readonly PartName[]
}

interface Report {
  coldStartMs?: number
  idleMib?: number
  http1?: readonly Row[]
  http2?: readonly Row[]
  latency?: AddedLatency
  webSockets?: ReadonlyArray<{ readonly name: string } & Awaited<ReturnType<typeof measureWebSockets>>>
  streams?: ReadonlyArray<{ readonly name: string, readonly direction: 'down' | 'up' } & StreamResult>
  idle?: { readonly gateway: IdleResult, readonly bareUndici: IdleResult }
  growth?: readonly GrowthFigure[]
  trail?: TrailCount
  /** Peers that could not take part, and why. */
  missing: string[]
}

interface Bench {
  readonly options: BenchOptions
  readonly directory: string
  readonly upstreamUrl: string
  readonly files: PeerFiles
  readonly gateway: GatewayPeer
  readonly http1: readonly Peer[]
  readonly http2: readonly Peer[]
  readonly undici: Peer
  readonly sent: Sent
  readonly report: Report
  readonly say: (text: string) => void
}

const connections = 64
const streamBytes = 1024 ** 3
const idleConnections = 10_000

export async function benchGateway (options: BenchOptions): Promise<void> {
  requirePrograms({ wrk: 'wrk', taskset: 'util-linux' })
  const directory = makeDirectory()
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => { rmSync(directory, { recursive: true, force: true }) })
  const bench = await startAll(options, directory, cleanup)
  const { report, gateway, say } = bench
  const parts: Readonly<Record<PartName, (bench: Bench) => Promise<void>>> = {
    http1: runHttp1, http2: runHttp2, latency: runLatency, websockets: runWebSockets, streams: runStreams, idle: runIdle, growth: runGrowth,
  }
  for (const name of options.parts) await parts[name](bench)
  await gateway.stop()
  report.trail = await checkTrail(gateway, bench.sent.get(gateway.name) ?? 0)
  say(`\n${report.trail.answered} answers of ${gateway.name}, ${report.trail.admitted} admitted and ${report.trail.ended} endings on record`)
  for (const sentence of report.missing) say(sentence)
  if (options.isJson) console.log(JSON.stringify(report))
}

async function startAll (options: BenchOptions, directory: string, cleanup: AsyncDisposableStack): Promise<Bench> {
  const say = (text: string) => { if (!options.isJson) console.log(text) }
  const report: Report = { missing: [] }
  const keep = async <P extends { stop (): Promise<void> }>(started: Promise<P>): Promise<P> => {
    const peer = await started
    cleanup.defer(() => peer.stop())
    return peer
  }
  const upstream = await keep(startUpstream())
  const files = await writeCertificate(directory)
  const gateway = await keep(startGatewayPeer({ directory, upstreamUrl: upstream.url }))
  report.coldStartMs = gateway.coldStartMs
  report.idleMib = readMemory(gateway.pid).residentMib
  say(`started in ${gateway.coldStartMs.toFixed(0)} ms, idle memory ${report.idleMib.toFixed(0)} MiB`)
  const offer = async (name: string, programs: Readonly<Record<string, string>>, start: () => Promise<Peer>): Promise<readonly Peer[]> => {
    if (!hasPrograms(programs)) { report.missing.push(`${name} took no part: apt-get install ${Object.values(programs).join(' ')}`); return [] }
    try { return [await keep(start())] } catch (error) {
      report.missing.push(`${name} took no part: ${error instanceof Error ? error.message : 'it did not start'}`)
      return []
    }
  }
  const onRedis = async () => {
    const redis = await keep(startRedis(join(directory, 'redis')))
    return startGatewayPeer({ directory, upstreamUrl: upstream.url, redisUrl: redis.url })
  }
  const needs = (...parts: readonly PartName[]) => parts.some(part => options.parts.includes(part))
  const others = needs('http1', 'http2', 'websockets')
    ? [
        ...await offer('nginx', { nginx: 'nginx' }, () => startNginx(upstream.url, files)),
        ...await offer('HAProxy', { haproxy: 'haproxy' }, () => startHaproxy(upstream.url, files)),
        ...await offer('Apache', { apache2: 'apache2 libapache2-mod-auth-mellon' }, () => startApache(upstream.url, files)),
      ]
    : []
  const undici = await keep(startBareUndici(upstream.url, files))
  return {
    options,
    directory,
    upstreamUrl: upstream.url,
    files,
    gateway,
    undici,
    http1: [gateway, ...needs('http1') ? await offer('sallyport with Redis', { 'redis-server': 'redis-server' }, onRedis) : [], await keep(startBareHttpProxy(upstream.url, files)), undici, ...others],
    http2: needs('http2') ? [gateway, await keep(startBareHttpProxy(upstream.url, files, true)), await keep(startBareUndici(upstream.url, files, true)), ...others] : [],
    sent: new Map(),
    report,
    say,
  }
}

async function runHttp1 ({ options, directory, http1, sent, report, say }: Bench): Promise<void> {
  const measure = (peer: Peer, phase: 'warm' | 'measured') => measureLoad(peer, { seconds: Math.max(1, Math.round((phase === 'warm' ? 2 : options.seconds) * options.scale)), connections, directory })
  report.http1 = await runRounds(http1, { rounds: options.rounds, base: bareName, measure, sent })
  say(formatRows(`HTTP/1.1, ${connections} connections`, report.http1))
}

async function runHttp2 ({ options, directory, http2, sent, report, say }: Bench): Promise<void> {
  if (!hasPrograms({ h2load: 'nghttp2-client' })) { report.missing.push('HTTP/2 was not measured: apt-get install nghttp2-client'); return }
  const requests = new Map<Peer, number>()
  // h2load is told how many: as many as the peer answered in the time, by its first run.
  const measure = async (peer: Peer, phase: 'warm' | 'measured') => {
    const result = await measureStreams(peer, { requests: Math.round(phase === 'warm' ? 5000 * options.scale : requests.get(peer) ?? 5000), connections: 8, streams: 8, directory })
    if (phase === 'warm') requests.set(peer, Math.min(100_000, Math.max(1000, result.requestsPerSecond * options.seconds * options.scale)))
    return result
  }
  report.http2 = await runRounds(http2, { rounds: options.rounds, base: bareName, measure, sent })
  say(formatRows('HTTP/2, 8 connections of 8 streams', report.http2))
}

async function runLatency ({ options, directory, gateway, upstreamUrl, sent, report, say }: Bench): Promise<void> {
  if (!hasPrograms({ h2load: 'nghttp2-client' })) return
  const { answered, ...added } = await measureAdded(gateway, upstreamUrl, { seconds: Math.max(1, options.seconds * options.scale), rounds: options.rounds, directory })
  sent.set(gateway.name, (sent.get(gateway.name) ?? 0) + answered)
  report.latency = added
  say(`\nat half load, ${added.requestsPerSecond.toFixed(0)} requests/s: direct ${added.direct.p50Ms.toFixed(2)} / ${added.direct.p99Ms.toFixed(2)} ms, through the gateway ${added.through.p50Ms.toFixed(2)} / ${added.through.p99Ms.toFixed(2)} ms; ` +
    `added p50 ${added.addedP50Ms.toFixed(2)} ms (target 0.5), p99 ${added.addedP99Ms.toFixed(2)} ms (target 2)`)
}

async function runWebSockets ({ options, http1, report, say }: Bench): Promise<void> {
  const rows: Array<NonNullable<Report['webSockets']>[number]> = []
  for (const peer of http1.filter(each => each.hasWebSockets === true)) {
    const runs: Array<Awaited<ReturnType<typeof measureWebSockets>>> = []
    for (let round = 0; round < Math.min(3, options.rounds); round += 1) runs.push(await measureWebSockets(peer, Math.max(1, options.seconds * options.scale)))
    const of = (field: keyof typeof runs[number]) => median(runs.map(run => run[field]))
    rows.push({ name: peer.name, messages: of('messages'), messagesPerSecond: of('messagesPerSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), cpuMicros: of('cpuMicros') })
  }
  report.webSockets = rows
  say('\nWebSockets, 32 connections, 512 bytes there and back')
  for (const row of rows) say(`${row.name.padEnd(34)}${row.messagesPerSecond.toFixed(0).padStart(8)} messages/s, CPU ${row.cpuMicros.toFixed(0)} µs, p50 ${row.p50Ms.toFixed(2)} ms, p99 ${row.p99Ms.toFixed(2)} ms`)
}

async function runStreams ({ options, gateway, undici, report, say }: Bench): Promise<void> {
  const rows: Array<NonNullable<Report['streams']>[number]> = []
  const bytes = Math.round(streamBytes * Math.min(1, options.scale) / 65_536) * 65_536
  for (const direction of ['down', 'up'] as const) {
    for (const peer of [gateway, undici, gateway, undici]) rows.push({ name: peer.name, direction, ...await streamThrough(peer, direction, bytes) })
    const best = (peer: Peer, field: keyof StreamResult) => Math.max(...rows.filter(row => row.name === peer.name && row.direction === direction).map(row => row[field]))
    say(`\n${(bytes / 1024 ** 2).toFixed(0)} MiB ${direction}: gateway ${best(gateway, 'mibPerSecond').toFixed(0)} MiB/s, at most ${best(gateway, 'peakMib').toFixed(0)} MiB of memory; ` +
      `bare undici ${best(undici, 'mibPerSecond').toFixed(0)} MiB/s, ${best(undici, 'peakMib').toFixed(0)} MiB; ratio ${(best(gateway, 'mibPerSecond') / best(undici, 'mibPerSecond')).toFixed(2)} (target 0.9)`)
  }
  report.streams = rows
}

async function runIdle ({ options, directory, files, upstreamUrl, report, say }: Bench): Promise<void> {
  const peer = await startGatewayPeer({
    directory,
    upstreamUrl,
    variant: { name: 'many idle', configure (draft) { Object.assign(draft['listeners']?.['public'] as object, { limits: { keepAliveTimeout: '10m', maxConnectionsPerAddress: 20_000 } }) } },
  })
  const undici = await startBareUndici(upstreamUrl, files)
  const wanted = Math.round(idleConnections * Math.min(1, options.scale))
  try {
    const gateway = await measureIdle(peer, wanted)
    const bareUndici = await measureIdle(undici, wanted)
    report.idle = { gateway, bareUndici }
    say(`\n${gateway.connections} idle connections: ${gateway.kibEach.toFixed(0)} KiB each (target 30); with bare undici ${bareUndici.kibEach.toFixed(0)} KiB each`)
  } finally {
    await peer.stop()
    await undici.stop()
  }
}

async function runGrowth ({ options, directory, upstreamUrl, gateway, report, say }: Bench): Promise<void> {
  const plain = await startGatewayPeer({ directory, upstreamUrl, variant: { name: 'plain', configure () { /* as it is */ } } })
  try {
    const seconds = Math.max(1, Math.round(options.seconds * options.scale / 2))
    report.growth = await measureGrowth(plain, upstreamUrl, { rounds: options.rounds, seconds, connections, directory })
  } finally { await plain.stop() }
  say(`\nCPU time a request, against ${gateway.name} as it is`)
  for (const { name, percent, targetPercent } of report.growth) say(`${name.padEnd(34)}${percent >= 0 ? '+' : ''}${percent.toFixed(1)} % (target ${targetPercent} %)`)
}
