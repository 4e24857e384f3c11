// A process that records as fast as it can until somebody kills it. It says what was acknowledged, and only that: one id a line.
import { writeSync } from 'node:fs'
import { createAuditTrail } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createLogger } from '../../src/shared/log.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { admitted, completed, createConfig, gateway } from './audit.ts'

const [directory, round, key, redisUrl] = process.argv.slice(2) as [string, string, string, string | undefined]
const trail = await createAuditTrail(
  createConfig({ key: new SecretValue(key), segmentSize: '64KiB', ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }) }),
  { clock: createSystemClock(), log: createLogger({ level: 'error', name: gateway, destination: { write: () => undefined } }), directory, gateway },
)
writeSync(1, 'ready\n')

async function work (lane: number): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `${round}-${lane}-${n}`
    await trail.record(admitted(id))
    writeSync(1, `${id}\n`)
    if (n % 3 !== 0) trail.note(completed(id))
  }
}

setInterval(() => undefined, 1000)
await Promise.all(Array.from({ length: 8 }, (_, lane) => work(lane)))
