// CPU time a request of two gateways, by turns in windows of a few milliseconds: what else the machine does meets both alike, and the middle window is hardly touched by it.
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import type { GatewayPeer } from './peers.ts'
import { median } from './load.ts'

/** CPU time of all threads of a process so far, in microseconds (Linux; to the nanosecond, where /proc/<id>/stat counts hundredths of a second). */
function threadMicros (pid: number): number {
  let nanos = 0
  for (const id of readdirSync(`/proc/${pid}/task`)) nanos += Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0])
  return nanos / 1000
}

export interface WindowOptions {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly windows: number
  /** In one window, of each gateway. */
  readonly requests: number
  /** At once. */
  readonly connections: number
}

export interface WindowResult {
  /** Of the second to the first, in the middle window. */
  readonly ratio: number
  /** Half of the windows lie between. */
  readonly quartiles: readonly [number, number]
  /** Microseconds of CPU a request, in the middle window of each. */
  readonly micros: readonly number[]
}

/** Throws when an answer is not 200. */
export async function measureWindows (peers: readonly [GatewayPeer, GatewayPeer], options: WindowOptions): Promise<WindowResult> {
  const clients = peers.map(peer => createClient(peer, options))
  try {
    for (const client of clients) await client.run(options.requests * 20)
    const micros: number[][] = [[], []]
    for (let window = 0; window < options.windows; window += 1) {
      for (const at of window % 2 === 0 ? [0, 1] : [1, 0]) {
        const { pid } = peers[at] as GatewayPeer
        const before = threadMicros(pid)
        await clients[at]?.run(options.requests)
        micros[at]?.push((threadMicros(pid) - before) / options.requests)
      }
    }
    const [first = [], second = []] = micros
    const ratios = first.map((each, at) => second[at] as number / each).sort((a, b) => a - b)
    const at = (share: number) => ratios[Math.floor(ratios.length * share)] as number
    return { ratio: at(0.5), quartiles: [at(0.25), at(0.75)], micros: [median(first), median(second)] }
  } finally { for (const client of clients) client.close() }
}

function createClient (peer: GatewayPeer, { path, headers, connections }: WindowOptions) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: peer.caPem, servername: peer.host })
  const ask = () => new Promise<void>((resolve, reject) => {
    request(`https://127.0.0.1:${peer.port}${path}`, { agent, headers: { host: `${peer.host}:${peer.port}`, ...peer.headers, ...headers } }, message => {
      if (message.statusCode !== 200) reject(new Error(`${peer.name} answered ${message.statusCode}`))
      message.on('error', reject).on('end', resolve).resume()
    }).on('error', reject).end()
  })
  return {
    async run (requests: number) {
      let left = requests
      await Promise.all(Array.from({ length: connections }, async () => {
        for (; left > 0;) {
          left -= 1
          await ask()
        }
      }))
    },
    close () { agent.destroy() },
  }
}
