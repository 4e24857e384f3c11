// What the idle script costs: documents of 40 KiB through two gateways that differ in nothing but `session.idleScript`, in alternating rounds on the same core. Every answer is
// checked for its length. The target: at most 5 % of the throughput.
import { rmSync } from 'node:fs'
import { get } from 'node:https'
import { measureWindows } from './cpu-windows.ts'
import { measureLoad, median, type LoadResult } from './load.ts'
import { startGatewayPeer, startUpstream, type GatewayPeer } from './peers.ts'
import { makeDirectory, requirePrograms } from './processes.ts'

/** `negotiated`: as the CRM is asked, in Brotli if it may. `br`: in Brotli whatever it is asked. */
const paths = { identity: '/document', gzip: '/document/gzip', negotiated: '/document/negotiated', br: '/document/br' } as const
const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html', 'accept-encoding': 'gzip, deflate, br, zstd' }
const target = 0.95

function lengthOf (peer: GatewayPeer, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(`https://127.0.0.1:${peer.port}${path}`, { headers: { host: `${peer.host}:${peer.port}`, ...peer.headers, ...navigation }, ca: peer.caPem, servername: 'crm.clinic.test' }, async message => {
      let length = 0
      for await (const chunk of message as AsyncIterable<Buffer>) length += chunk.length
      resolve(length)
    }).on('error', reject)
  })
}

const middle = (results: readonly LoadResult[], key: 'requestsPerSecond' | 'cpuMicros') => median(results.map(result => result[key]))

export async function benchInsertion ({ isJson, rounds, seconds }: { readonly isJson: boolean, readonly rounds: number, readonly seconds: number }): Promise<void> {
  requirePrograms({ wrk: 'wrk', taskset: 'util-linux' })
  const directory = makeDirectory()
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => { rmSync(directory, { recursive: true, force: true }) })
  const upstream = await startUpstream()
  cleanup.defer(() => upstream.stop())
  const start = async (name: string, idleScript: boolean) => {
    const peer = await startGatewayPeer({ directory, upstreamUrl: upstream.url, variant: { name, configure (draft) { draft['session'] = { ...draft['session'], idleScript } } } })
    cleanup.defer(() => peer.stop())
    return peer
  }
  const peers = [await start('without the script', false), await start('with the script', true)] as const
  const figures: Record<string, unknown> = {}
  for (const [coding, path] of Object.entries(paths)) {
    const results: readonly LoadResult[][] = [[], []]
    const run = async (peer: GatewayPeer, forSeconds: number) => {
      const expected = await lengthOf(peer, path)
      const slack = coding === 'identity' ? 1 : 500
      return measureLoad({ ...peer, url: `https://127.0.0.1:${peer.port}${path}`, headers: { ...peer.headers, ...navigation } }, {
        seconds: forSeconds, connections: 32, directory, length: { from: expected - slack, to: expected + slack },
      })
    }
    for (const peer of peers) await run(peer, 2)
    for (let round = 0; round < rounds; round += 1) {
      // Each is first as often as last.
      for (const at of round % 2 === 0 ? [0, 1] as const : [1, 0] as const) results[at]?.push(await run(peers[at], seconds))
    }
    const [without = [], withScript = []] = results
    const ratioOf = (key: 'requestsPerSecond' | 'cpuMicros') => median(without.map((each, at) => (withScript[at] as LoadResult)[key] / each[key]))
    const ratio = ratioOf('requestsPerSecond')
    const cpuRatio = ratioOf('cpuMicros')
    const windows = await measureWindows(peers, { path, headers: navigation, windows: rounds * 10, requests: 64, connections: 16 })
    figures[coding] = { ratio, cpuRatio, windows, without: middle(without, 'requestsPerSecond'), with: middle(withScript, 'requestsPerSecond'), cpuWithout: middle(without, 'cpuMicros'), cpuWith: middle(withScript, 'cpuMicros') }
    if (isJson) continue
    console.log(`${coding.padEnd(10)} ${middle(without, 'requestsPerSecond').toFixed(0)} without, ${middle(withScript, 'requestsPerSecond').toFixed(0)} with the script: ${((1 - ratio) * 100).toFixed(1)} % less` +
      ` (${middle(without, 'cpuMicros').toFixed(0)} and ${middle(withScript, 'cpuMicros').toFixed(0)} µs of CPU a request, ${((cpuRatio - 1) * 100).toFixed(1)} % more in the middle round)` +
      `, in windows ${((windows.ratio - 1) * 100).toFixed(1)} % (half of them ${windows.quartiles.map(each => ((each - 1) * 100).toFixed(1)).join(' to ')} %)` +
      `, ${ratio >= target ? 'holds' : 'MISSED'}; by CPU time in windows ${1 / windows.ratio >= target ? 'holds' : 'MISSED'}`)
  }
  if (isJson) console.log(JSON.stringify(figures))
}
