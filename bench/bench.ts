// `npm run bench`: the gateway with every control on beside the bare @fastify/http-proxy and nginx, in one interleaved run, as ratios of medians.
// `npm run bench -- audit`: the trail by itself. `npm run bench -- insertion`: what the idle script costs. `npm run bench -- redaction`: the redaction engine beside what npm has.
// `npm run bench -- outbound`: the queue of messages.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SecretValue } from '../src/shared/schema.ts'
import { readSpool } from '../src/audit/audit.ts'
import { benchAudit } from './audit/bench-audit.ts'
import { benchOutbound } from './outbound/bench-outbound.ts'
import { benchRedaction } from './redaction/bench-redaction.ts'
import { benchInsertion } from './insertion.ts'
import { measureLoad, median, type LoadResult } from './load.ts'
import { readMemory, streamThrough, type StreamResult } from './memory.ts'
import { requirePrograms, startBareHttpProxy, startGatewayPeer, startNginx, startUpstream, writeCertificate, type GatewayPeer, type Peer } from './peers.ts'

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { scale: { type: 'string', default: '1' }, json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' } } })
const connections = 64
const warmSeconds = 3
const streamBytes = 1024 ** 3

interface Row { readonly name: string, readonly requestsPerSecond: number, readonly cpuMicros: number, readonly p50Ms: number, readonly p99Ms: number }

const say = (text: string) => { if (!flags.json) console.log(text) }

async function measurePeers (peers: readonly Peer[], directory: string): Promise<{ readonly rows: Row[], readonly sent: Map<string, number> }> {
  const results = new Map<string, LoadResult[]>(peers.map(peer => [peer.name, []]))
  const sent = new Map<string, number>()
  const run = async (peer: Peer, seconds: number) => {
    const result = await measureLoad(peer, { seconds, connections, directory })
    sent.set(peer.name, (sent.get(peer.name) ?? 0) + result.requests)
    return result
  }
  for (const peer of peers) await run(peer, warmSeconds)
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    for (const peer of peers) results.get(peer.name)?.push(await run(peer, Number(flags.seconds)))
    say(`round ${round + 1} of ${flags.rounds}`)
  }
  const rows = [...results].map(([name, all]) => ({
    name,
    requestsPerSecond: median(all.map(result => result.requestsPerSecond)),
    cpuMicros: median(all.map(result => result.cpuMicros)),
    p50Ms: median(all.map(result => result.p50Ms)),
    p99Ms: median(all.map(result => result.p99Ms)),
  }))
  return { rows, sent }
}

/** Every request that the load generator got an answer to has its record and its ending. */
async function checkTrail (gateway: GatewayPeer, answered: number): Promise<{ readonly admitted: number, readonly ended: number }> {
  const key = new SecretValue(readFileSync(join(gateway.directory, 'audit.key'), 'utf8'))
  let admitted = 0
  let ended = 0
  for await (const { event, problems } of readSpool({ directory: join(gateway.directory, 'data', 'audit'), key })) {
    if (event === undefined || problems.length > 0) throw new Error(`the trail is damaged: ${problems.join(', ')}`)
    if (event.kind === 'request.admitted') admitted += 1
    if (event.kind === 'request.completed' || event.kind === 'request.failed' || event.kind === 'request.abandoned') ended += 1
  }
  if (admitted < answered) throw new Error(`${answered} answers, but only ${admitted} on record`)
  if (admitted !== ended) throw new Error(`${admitted} admitted, but ${ended} endings`)
  return { admitted, ended }
}

function printRows (rows: readonly Row[], base: Row): void {
  say(`\n${'4 KiB JSON, TLS, 64 connections'.padEnd(34)}requests/s   ratio   CPU µs   p50 ms   p99 ms`)
  for (const row of rows) {
    say(row.name.padEnd(34) + row.requestsPerSecond.toFixed(0).padStart(10) + (row.requestsPerSecond / base.requestsPerSecond).toFixed(2).padStart(8) +
      row.cpuMicros.toFixed(0).padStart(9) + row.p50Ms.toFixed(2).padStart(9) + row.p99Ms.toFixed(2).padStart(9))
  }
}

async function main (): Promise<void> {
  requirePrograms({ wrk: 'wrk', nginx: 'nginx', taskset: 'util-linux' })
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => { rmSync(directory, { recursive: true, force: true }) })
  const upstream = await startUpstream()
  cleanup.defer(() => upstream.stop())
  const files = await writeCertificate(directory)
  const gateway = await startGatewayPeer({ directory, upstreamUrl: upstream.url })
  cleanup.defer(() => gateway.stop())
  const idle = readMemory(gateway.pid)
  const bare = await startBareHttpProxy(upstream.url, files)
  cleanup.defer(() => bare.stop())
  const nginx = await startNginx(upstream.url, files, directory)
  cleanup.defer(() => nginx.stop())
  const { rows, sent } = await measurePeers([gateway, bare, nginx], directory)
  const base = rows.find(row => row.name === bare.name) as Row
  printRows(rows, base)
  const streams: Record<string, StreamResult> = {}
  for (const direction of ['down', 'up'] as const) streams[direction] = await streamThrough(gateway, direction, streamBytes)
  await gateway.stop()
  const trail = await checkTrail(gateway, sent.get(gateway.name) ?? 0)
  say(`\nstarted in ${gateway.coldStartMs.toFixed(0)} ms, idle memory ${idle.residentMib.toFixed(0)} MiB`)
  for (const [direction, result] of Object.entries(streams)) say(`1 GiB ${direction}: ${result.mibPerSecond.toFixed(0)} MiB/s, at most ${result.peakMib.toFixed(0)} MiB of memory (after the load above)`)
  say(`${sent.get(gateway.name)} answers, ${trail.admitted} admitted and ${trail.ended} endings on record`)
  const ratioToBare = (rows[0] as Row).requestsPerSecond / base.requestsPerSecond
  if (flags.json) console.log(JSON.stringify({ rows, ratioToBare, coldStartMs: gateway.coldStartMs, idleMib: idle.residentMib, streams, trail }))
}

if (positionals[0] === 'audit') await benchAudit({ isJson: flags.json, scale: Number(flags.scale) })
else if (positionals[0] === 'redaction') await benchRedaction({ isJson: flags.json, scale: Number(flags.scale) })
else if (positionals[0] === 'insertion') await benchInsertion({ isJson: flags.json, rounds: Number(flags.rounds), seconds: Number(flags.seconds) })
else if (positionals[0] === 'outbound') await benchOutbound({ isJson: flags.json, scale: Number(flags.scale) })
else await main()
