// How long a request waits at the gate, in each mode of durability, beside plain XADD to the same Redis and the disk's own fdatasync, in rounds that alternate.
import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { createRedisClient } from '../../src/shared/redis.ts'
import { createExchange } from './events.ts'
import { median, quantile, type Figure } from './figures.ts'
import { openTrail } from './place.ts'

export interface GateOptions {
  readonly directory: string
  readonly redisUrl: string
  readonly rounds: number
  /** Of one measurement, milliseconds. */
  readonly forMs: number
}

interface Way { readonly name: string, act (): Promise<void>, close (): void | Promise<void> }

interface Measured { readonly p50: number[], readonly p99: number[], readonly perSecond: number[], readonly cpuMicros: number[] }

const lanes = [1, 16, 64] as const
const throughputLanes = 256
const targetPerSecond = 50_000

export async function measureGate (options: GateOptions): Promise<readonly Figure[]> {
  const ways = [await createXadd(options.redisUrl), ...await Promise.all((['spool', 'redis', 'dual'] as const).map(async durability => await createGate(durability, options)))]
  const results = new Map<string, Measured>()
  for (const way of ways) await measure(way, { parallel: 64, forMs: options.forMs })
  for (let round = 0; round < options.rounds; round += 1) {
    for (const parallel of [...lanes, throughputLanes]) {
      for (const way of ways) {
        if (parallel === throughputLanes && way.name !== 'spool') continue
        add(results, `${way.name} ${parallel}`, await measure(way, { parallel, forMs: options.forMs }))
      }
    }
  }
  for (const way of ways) await way.close()
  const disk = await measureDisk(options.directory)
  const figures: Figure[] = [{ name: 'this disk alone: fdatasync, p50', value: median(disk), unit: 'ms' }, { name: 'this disk alone: fdatasync, p99', value: quantile(disk, 0.99), unit: 'ms' }]
  for (const [name, { p50, p99 }] of results) {
    if (name.endsWith(` ${throughputLanes}`)) continue
    figures.push({ name: `gate, ${name} in parallel, p50`, value: median(p50), unit: 'ms' }, { name: `gate, ${name} in parallel, p99`, value: median(p99), unit: 'ms' })
  }
  const fastest = results.get(`spool ${throughputLanes}`)
  figures.push(
    { name: `records in spool mode, ${throughputLanes} in parallel`, value: median(fastest?.perSecond ?? []), unit: 'a second', target: { atLeast: targetPerSecond } },
    { name: 'CPU a record in spool mode, all threads', value: median(fastest?.cpuMicros ?? []), unit: 'µs' },
  )
  return figures
}

function add (results: Map<string, Measured>, name: string, { p50, p99, perSecond, cpuMicros }: Awaited<ReturnType<typeof measure>>): void {
  const known = results.get(name) ?? { p50: [], p99: [], perSecond: [], cpuMicros: [] }
  known.p50.push(p50)
  known.p99.push(p99)
  known.perSecond.push(perSecond)
  known.cpuMicros.push(cpuMicros)
  results.set(name, known)
}

/** An admitted event is waited for, its ending is not: two records each time. */
async function createGate (durability: 'spool' | 'redis' | 'dual', { directory, redisUrl }: GateOptions): Promise<Way> {
  const trail = await openTrail(join(directory, durability), { durability, ...(durability === 'spool' ? {} : { redis: { url: redisUrl } }) })
  return {
    name: durability,
    async act () {
      const { admitted, completed } = createExchange(Date.now())
      await trail.record(admitted)
      trail.note(completed)
    },
    async close () {
      await trail.flush({ timeoutMs: 20_000, ship: true })
      await trail.close()
    },
  }
}

/** One entry of the size of a record, as anybody would append it. */
async function createXadd (url: string): Promise<Way> {
  const client = createRedisClient({ url }, { commandTimeoutMs: 10_000 })
  await new Promise<void>(resolve => { client.onReady(resolve) })
  const payload = randomBytes(420).toString('base64')
  return {
    name: 'plain XADD',
    async act () { await client.call('XADD', 'bench:plain', '*', 'record', payload) },
    close () { client.close() },
  }
}

async function measure (way: Way, { parallel, forMs }: { readonly parallel: number, readonly forMs: number }) {
  const times: number[] = []
  const end = performance.now() + forMs
  const lane = async () => {
    while (performance.now() < end) {
      const startedAt = performance.now()
      await way.act()
      times.push(performance.now() - startedAt)
    }
  }
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: parallel }, lane))
  const tookMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  const records = times.length * 2
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), perSecond: records / tookMs * 1000, cpuMicros: (user + system) / records }
}

async function measureDisk (directory: string): Promise<readonly number[]> {
  const file = await open(join(directory, 'probe'), 'a')
  const times: number[] = []
  const piece = randomBytes(1300)
  for (let n = 0; n < 500; n += 1) {
    await file.write(piece)
    const startedAt = performance.now()
    await file.datasync()
    times.push(performance.now() - startedAt)
  }
  await file.close()
  return times
}
