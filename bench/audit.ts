// What a record costs: CPU time and the time at the gate, one after the other and in parallel, beside the disk's own fdatasync. Each exchange is two records,
// an `admitted` that is waited for and a `completed` that is not.
// node bench/audit.ts [directory on the disk to measure]
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { performance as loopTimes } from 'node:perf_hooks'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuditTrail, type AuditEvent, type AuditTrail } from '../src/audit/audit.ts'
import { createSystemClock } from '../src/shared/clock.ts'
import { createLogger } from '../src/shared/log.ts'
import { SecretValue } from '../src/shared/schema.ts'

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'sallyport-bench-'))
const measureMs = 3000
const eventLoopUtilization = loopTimes.eventLoopUtilization.bind(loopTimes)
let made = 0

function createEvent (): AuditEvent {
  const number = made++
  return {
    kind: 'request.admitted',
    time: Date.now(),
    id: number.toString(36).padStart(16, '0'),
    who: { id: `person-${number % 200}@people.example`, name: 'Example Clinician', roles: ['clinician', 'on-call'], idp: 'https://idp.example/metadata', session: `session-${number % 200}`.padEnd(43, 'x') },
    from: { address: `203.0.113.${number % 250}`, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)' },
    what: {
      kind: 'read',
      method: 'GET',
      route: 'GET /patients/*',
      path: `/patients/${number % 5000}`,
      host: 'crm.example',
      protocol: 'HTTP/2',
      record: { type: 'patient', id: String(number % 5000), patient: String(number % 5000) },
    },
    decision: { rule: 'access.roles.clinician.allow[0]' },
  }
}

const quantile = (sorted: readonly number[], share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2)

async function measure (trail: AuditTrail, parallel: number): Promise<void> {
  const latencies: number[] = []
  const end = performance.now() + measureMs
  const lane = async () => {
    while (performance.now() < end) {
      const startedAt = performance.now()
      const event = createEvent()
      await trail.record(event)
      latencies.push(performance.now() - startedAt)
      trail.note({ kind: 'request.completed', time: Date.now(), id: event.id, outcome: { status: 200, bytesIn: 0, bytesOut: 5120, durationMs: 12.5 } })
    }
  }
  const cpu = process.cpuUsage()
  const loop = eventLoopUtilization()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: parallel }, lane))
  const tookMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  const { active } = eventLoopUtilization(loop)
  latencies.sort((a, b) => a - b)
  const count = latencies.length * 2 // an admitted and a completed
  console.log([
    `${String(parallel).padStart(3)} in parallel`,
    `p50 ${quantile(latencies, 0.5)} ms`, `p99 ${quantile(latencies, 0.99)} ms`,
    `${Math.round(count / tookMs * 1000)} records/s`,
    `${((user + system) / count).toFixed(1)} µs CPU a record, all threads`,
    `${(active * 1000 / count).toFixed(1)} µs of the event loop`,
  ].join(' · '))
}

async function measureDisk (): Promise<void> {
  const file = await open(join(directory, 'probe'), 'a')
  const times: number[] = []
  const piece = randomBytes(1300)
  for (let n = 0; n < 500; n++) {
    await file.write(piece)
    const startedAt = performance.now()
    await file.datasync()
    times.push(performance.now() - startedAt)
  }
  await file.close()
  times.sort((a, b) => a - b)
  console.log(`this disk alone: fdatasync p50 ${quantile(times, 0.5)} ms · p99 ${quantile(times, 0.99)} ms`)
}

const redisUrl = process.env['SALLYPORT_BENCH_REDIS_URL']
const trail = await createAuditTrail({
  key: new SecretValue(randomBytes(32).toString('base64')),
  durability: 'spool',
  deadline: '10s',

  segmentSize: '64MiB',
  maxSpoolSize: '64GiB',
  checkpoints: { every: '1m', records: 10000, directories: [], objectStores: [], witnesses: [] },
  ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }),
}, { clock: createSystemClock(), log: createLogger({ level: 'error', name: 'bench' }), directory: join(directory, 'spool'), gateway: 'bench' })
try {
  await measureDisk()
  await measure(trail, 64) // warm
  for (const parallel of [1, 16, 64, 256]) await measure(trail, parallel)
} finally {
  await trail.close()
  rmSync(directory, { recursive: true, force: true })
}
