// `npm run bench -- audit`: every figure that is asked of the trail, with its target, in one run. A missed target is printed as one.
import { rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { makeDirectory, requirePrograms } from '../processes.ts'
import { formatFigure, holds, type Figure } from './figures.ts'
import { measureGate } from './gate.ts'
import { startRedis } from './place.ts'
import { measureRequestPath } from './request-path.ts'
import { measureRedisSize } from './sizes.ts'
import { measureYears } from './six-years.ts'

/** `scale`: 1 for the figures that are quoted; less for a quick look, which says less. */
export async function benchAudit ({ isJson, scale }: { readonly isJson: boolean, readonly scale: number }): Promise<void> {
  requirePrograms({ 'redis-server': 'redis-server' })
  const say = (text: string) => { if (!isJson) console.log(text) }
  const sized = (full: number, least: number) => Math.max(least, Math.round(full * scale))
  const directory = makeDirectory()
  const figures: Figure[] = []
  const take = (title: string, found: readonly Figure[]) => {
    say(`\n${title}`)
    for (const figure of found) say(`  ${formatFigure(figure)}`)
    figures.push(...found)
  }
  try {
    say(`Node ${process.versions.node}, ${cpus().length} cores${scale === 1 ? '' : `; scaled by ${scale}: the figures say little`}`)
    const redis = await startRedis(join(directory, 'redis-data'))
    try {
      const forMs = sized(2000, 200)
      take('The gate, beside plain XADD and this disk (appendfsync always)', await measureGate({ directory, redisUrl: redis.url, rounds: sized(5, 1), forMs }))
      take('Size in Redis', await measureRedisSize({ directory, redisUrl: redis.url, exchanges: sized(20_000, 200) }))
    } finally { await redis.stop() }
    take('The request path, one core, 64 connections, 4 KiB', await measureRequestPath({ directory, rounds: sized(6, 1), seconds: sized(4, 1) }))
    const exchanges = sized(6000, 20)
    take('Six years in small', await measureYears({ directory: join(directory, 'years'), exchanges, questions: sized(25, 2), say }))
    const missed = figures.filter(figure => holds(figure) === false)
    say(missed.length === 0 ? '\nEvery target holds.' : `\n${missed.length} missed: ${missed.map(({ name }) => name).join('; ')}`)
    if (isJson) console.log(JSON.stringify({ node: process.versions.node, cores: cpus().length, scale, figures: figures.map(figure => ({ ...figure, holds: holds(figure) })) }))
  } finally { rmSync(directory, { recursive: true, force: true }) }
}
