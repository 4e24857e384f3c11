// Rounds in which every peer has its turn, forwards and backwards, so that what else the machine does meets all of them; and the table of what came out.
import { median, type LoadResult } from './load.ts'
import type { Peer } from './peers.ts'

export interface Row {
  readonly name: string
  readonly requestsPerSecond: number
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Requests a second, as a share of the peer that all are measured against. */
  readonly ratio: number
  /** That peer's CPU time a request as a share of this one's: what the ratio would be if both had the machine to themselves. */
  readonly cpuRatio: number
}

export type Sent = Map<string, number>

export interface RoundsOptions {
  readonly rounds: number
  /** Whose figures are 1. */
  readonly base: string
  readonly measure: (peer: Peer, phase: 'warm' | 'measured') => Promise<LoadResult>
  /** How many answers each peer gave in all is added here. */
  readonly sent: Sent
}

export async function runRounds (peers: readonly Peer[], { rounds, base, measure, sent }: RoundsOptions): Promise<readonly Row[]> {
  const results = new Map<Peer, LoadResult[]>(peers.map(peer => [peer, []]))
  const run = async (peer: Peer, phase: 'warm' | 'measured') => {
    const result = await measure(peer, phase)
    sent.set(peer.name, (sent.get(peer.name) ?? 0) + result.requests)
    return result
  }
  for (const peer of peers) await run(peer, 'warm')
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of round % 2 === 0 ? peers : peers.toReversed()) results.get(peer)?.push(await run(peer, 'measured'))
  }
  const of = (peer: Peer | undefined, field: keyof LoadResult) => peer === undefined ? Number.NaN : median((results.get(peer) ?? []).map(result => result[field]))
  const against = peers.find(peer => peer.name === base)
  return peers.map(peer => ({
    name: peer.name,
    requestsPerSecond: of(peer, 'requestsPerSecond'),
    cpuMicros: of(peer, 'cpuMicros'),
    p50Ms: of(peer, 'p50Ms'),
    p99Ms: of(peer, 'p99Ms'),
    ratio: of(peer, 'requestsPerSecond') / of(against, 'requestsPerSecond'),
    cpuRatio: of(against, 'cpuMicros') / of(peer, 'cpuMicros'),
  }))
}

export function formatRows (title: string, rows: readonly Row[]): string {
  const cell = (value: number, digits: number) => value.toFixed(digits).padStart(10)
  return [
    `\n${title.padEnd(34)}requests/s     ratio    CPU µs CPU ratio    p50 ms    p99 ms`,
    ...rows.map(row =>
      row.name.padEnd(34) + cell(row.requestsPerSecond, 0) + cell(row.ratio, 2) + cell(row.cpuMicros, 0) + cell(row.cpuRatio, 2) + cell(row.p50Ms, 2) + cell(row.p99Ms, 2)),
  ].join('\n')
}
