// What the gate costs on a request's way: the gateway beside the same gateway that records nothing, in rounds that alternate.
import { measureLoad } from '../load.ts'
import { startGatewayPeer, startUpstream, type Peer } from '../peers.ts'
import { requirePrograms } from '../processes.ts'
import { median, type Figure } from './figures.ts'

const connections = 64
const targetPercent = 10

export interface PathOptions { readonly directory: string, readonly rounds: number, readonly seconds: number }

export async function measureRequestPath ({ directory, rounds, seconds }: PathOptions): Promise<readonly Figure[]> {
  requirePrograms({ wrk: 'wrk', taskset: 'util-linux' })
  await using cleanup = new AsyncDisposableStack()
  const upstream = await startUpstream()
  cleanup.defer(() => upstream.stop())
  const peers: Peer[] = []
  for (const isUngated of [false, true]) {
    const peer = await startGatewayPeer({ directory, upstreamUrl: upstream.url, isUngated })
    cleanup.defer(() => peer.stop())
    peers.push(peer)
  }
  const [gated, ungated] = peers as [Peer, Peer]
  const rates = new Map<Peer, number[]>(peers.map(peer => [peer, []]))
  for (const peer of peers) await measureLoad(peer, { seconds, connections, directory })
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of round % 2 === 0 ? peers : peers.toReversed()) rates.get(peer)?.push((await measureLoad(peer, { seconds, connections, directory })).requestsPerSecond)
  }
  const [withGate, without] = [median(rates.get(gated) ?? []), median(rates.get(ungated) ?? [])]
  return [
    { name: 'requests with every record durable', value: withGate, unit: 'a second' },
    { name: 'requests with nothing recorded', value: without, unit: 'a second' },
    { name: 'cost of the gate on the request path', value: (1 - withGate / without) * 100, unit: '%', target: { atMost: targetPercent } },
  ]
}
