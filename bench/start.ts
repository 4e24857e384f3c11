// `npm run bench -- start`: from the command to the first connection that is taken, and the memory then and after a sign-in, beside what Node.js needs for nothing at
// all and for a bare Fastify. In turns, because the machine's other work changes from second to second.
import { once } from 'node:events'
import { median } from './load.ts'
import { readMemory } from './memory.ts'
import { startGatewayPeer, startUpstream } from './peers.ts'
import { end, makeDirectory, proxyCore, spawnOn } from './processes.ts'

const settleMs = 1500
const fastifyScript = "const app = (await import('fastify')).default(); app.get('/', async () => 'x'); await app.listen({ port: 0, host: '127.0.0.1' }); console.log('listening')"

interface Start { readonly startMs: number, readonly residentMib: number }

/** From the command to the first line of output; without one, to the end. */
async function startNode (args: readonly string[], says: boolean): Promise<Start> {
  const began = performance.now()
  const child = spawnOn(proxyCore, [process.execPath, ...args])
  await (says ? once(child.stdout as NonNullable<typeof child.stdout>, 'data') : once(child, 'exit'))
  const startMs = performance.now() - began
  if (!says) return { startMs, residentMib: Number.NaN }
  await new Promise(resolve => { setTimeout(resolve, settleMs) })
  const { residentMib } = readMemory(child.pid as number)
  await end(child)
  return { startMs, residentMib }
}

async function startGateway (upstreamUrl: string): Promise<Start> {
  const gateway = await startGatewayPeer({ directory: makeDirectory(), upstreamUrl })
  await new Promise(resolve => { setTimeout(resolve, settleMs) })
  const { residentMib } = readMemory(gateway.pid)
  await gateway.stop()
  return { startMs: gateway.coldStartMs, residentMib }
}

/** The gateway's memory is that after a sign-in, 1.5 s later. The first start of each fills caches and does not count. */
export async function benchStart ({ rounds, isJson }: { readonly rounds: number, readonly isJson: boolean }): Promise<void> {
  const upstream = await startUpstream()
  const kinds: Readonly<Record<string, () => Promise<Start>>> = {
    'node -e 0': () => startNode(['-e', '0'], false),
    'bare fastify': () => startNode(['--input-type=module', '-e', fastifyScript], true),
    sallyport: () => startGateway(upstream.url),
  }
  const starts = new Map<string, Start[]>(Object.keys(kinds).map(name => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, start] of Object.entries(kinds)) {
      const measured = await start()
      if (round > 0) starts.get(name)?.push(measured)
    }
  }
  await upstream.stop()
  const rows = [...starts].map(([name, all]) => ({ name, startMs: median(all.map(one => one.startMs)), residentMib: median(all.map(one => one.residentMib)) }))
  if (isJson) { console.log(JSON.stringify({ node: process.version, rounds, rows })); return }
  console.log(`starts, medians of ${rounds} in turns (target: under 1000 ms, 120 MB)`)
  for (const { name, startMs, residentMib } of rows) console.log(`${name.padEnd(16)}${startMs.toFixed(0).padStart(6)} ms${Number.isNaN(residentMib) ? '' : `  ${residentMib.toFixed(0)} MiB`}`)
}
