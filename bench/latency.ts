// What the gateway adds to the time of an answer at half of its load: the same fixed rate of requests straight to the CRM and through the gateway, in rounds
// that alternate.
import { measureLoad, measureStreams, median, type LoadTarget } from './load.ts'
import type { GatewayPeer } from './peers.ts'

export interface Times { readonly p50Ms: number, readonly p99Ms: number }

export interface AddedLatency {
  readonly requestsPerSecond: number
  readonly direct: Times
  readonly through: Times
  readonly addedP50Ms: number
  readonly addedP99Ms: number
}

const connections = 16

interface LatencyOptions { readonly seconds: number, readonly rounds: number, readonly directory: string }

/** `answered`: how many answers of the gateway's that took. */
export async function measureAdded (gateway: GatewayPeer, upstreamUrl: string, options: LatencyOptions): Promise<AddedLatency & { readonly answered: number }> {
  const { seconds, rounds, directory } = options
  const { hostname, port } = new URL(upstreamUrl)
  const direct: LoadTarget = { url: `${upstreamUrl}/`, host: hostname, port: Number(port), headers: {}, processIds: [] }
  const full = await measureLoad(gateway, { seconds: Math.max(1, Math.round(seconds)), connections: 64, directory })
  const rate = full.requestsPerSecond / 2
  const requests = Math.max(connections, Math.round(rate * seconds))
  const times = new Map<LoadTarget, Times[]>([[direct, []], [gateway, []]])
  let answered = full.requests
  for (let round = 0; round < rounds; round += 1) {
    for (const target of round % 2 === 0 ? [direct, gateway] : [gateway, direct]) {
      times.get(target)?.push(await measureStreams(target, { requests, connections, streams: 0, rate, directory }))
      if (target === gateway) answered += requests
    }
  }
  const of = (target: LoadTarget, field: keyof Times) => median((times.get(target) ?? []).map(each => each[field]))
  const timesOf = (target: LoadTarget): Times => ({ p50Ms: of(target, 'p50Ms'), p99Ms: of(target, 'p99Ms') })
  const [alone, through] = [timesOf(direct), timesOf(gateway)]
  return { requestsPerSecond: rate, direct: alone, through, addedP50Ms: through.p50Ms - alone.p50Ms, addedP99Ms: through.p99Ms - alone.p99Ms, answered }
}
