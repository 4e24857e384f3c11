// Masking of answers by itself: megabytes a second of structured JSON, the time for an answer of 20 KB, and memory for a list of 10 MB. `node bench/masking.ts`; about 15 seconds.
// Rates are by the thread's own processor time, so that a busy machine does not count; the clock on the wall stands beside them. Times of one answer are by the wall alone:
// processor time has no finer tick than a few milliseconds. They need a quiet machine.
import { randomBytes } from 'node:crypto'
import { createMaskingRoom, type MaskPlan } from '../src/inbound/masking/masking.ts'
import { createSystemClock } from '../src/shared/clock.ts'

const records = ['patient']
const room = createMaskingRoom({
  rules: [
    { records, fields: ['**.ssn'], selectors: ['.ssn'], action: 'last4', as: 'ssn' },
    { records, fields: ['**.diagnosis'], selectors: ['.diagnosis'], action: 'hide' },
    { records, fields: ['**.birthday'], selectors: ['.birthday'], action: 'generalise', to: 'year' },
    { records, fields: ['data[].contact.phone'], selectors: ['.phone'], action: 'mask', as: 'phone' },
  ],
  searches: [],
  writes: 'refuse',
  opaque: [],
  errors: 'replace',
  maxAnswerSize: '32MiB',
}, { clock: createSystemClock(), tokenKey: randomBytes(32) })
const plan = room.planFor({ roles: ['desk'], needsAll: false, records: [{ type: 'patient', kind: 'list' }], target: { method: 'GET', foldedPath: '/patients' } })?.enforced as MaskPlan

function row (id: number) {
  return {
    id,
    name: `Ann Example ${id}`,
    ssn: `900-00-${String(id % 10_000).padStart(4, '0')}`,
    birthday: '1980-05-06',
    status: 'active',
    balance: id / 100,
    isActive: id % 2 === 0,
    contact: { phone: '555-0100', email: `person-${id}@clinic.example`, address: { street: `${id} Main Street`, city: 'Springfield', zip: '62704' } },
    diagnosis: { code: 'F32.1', text: 'Moderate episode' },
    tags: ['new', 'web', 'spring'],
    note: 'Called about the appointment next week; will call again on Monday.',
  }
}

function listOf (bytes: number): Buffer {
  const rows: string[] = []
  for (let size = 0; size < bytes; size += (rows.at(-1) as string).length + 1) rows.push(JSON.stringify(row(rows.length)))
  return Buffer.from(`{"data":[${rows.join(',')}]}`)
}

async function mask (body: Buffer): Promise<number> {
  const type = body[0] === 0x3c ? 'text/html' : 'application/json'
  const masked = await room.mask({ statusCode: 200, headers: { 'content-type': type } }, body, { plan })
  if (masked.refused !== undefined) throw new Error(masked.refused)
  if (/900-00|F32|05-06|555-0100/.test(masked.body.toString('latin1', 0, 100_000))) throw new Error('a value is still there')
  return masked.body.length
}

function pageOf (bytes: number): Buffer {
  const rows: string[] = []
  for (let size = 0; size < bytes; size += (rows.at(-1) as string).length) {
    const id = rows.length
    rows.push(`<tr><td>${id}</td><td class="name">Ann Example ${id}</td><td class="ssn">900-00-${String(id % 10_000).padStart(4, '0')}</td><td title="row ${id}">nothing of note here</td></tr>\n`)
  }
  return Buffer.from(`<!doctype html><html><body><table>${rows.join('')}</table></body></html>`)
}

interface Spent { readonly cpuMs: number, readonly wallMs: number }

async function measure (body: Buffer): Promise<Spent> {
  const began = performance.now()
  const { user, system } = process.threadCpuUsage()
  await mask(body)
  const now = process.threadCpuUsage()
  return { cpuMs: (now.user + now.system - user - system) / 1000, wallMs: performance.now() - began }
}

const at = (values: readonly number[], share: number) => [...values].sort((one, other) => one - other)[Math.floor(values.length * share)] as number

async function measureSpeed (body: Buffer, seconds: number): Promise<string> {
  const all: Spent[] = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end || all.length < 5) all.push(await measure(body))
  const total = all.reduce((sum, one) => sum + one.cpuMs, 0)
  return `${(all.length * body.length / 1e3 / total).toFixed(0).padStart(5)} MB/s on one core   (wall ${(body.length / 1e3 / at(all.map(one => one.wallMs), 0.5)).toFixed(0)} MB/s)`
}

async function measureTimes (body: Buffer, count: number): Promise<string> {
  const times: number[] = []
  for (let turn = 0; turn < count + 500; turn += 1) {
    const { wallMs } = await measure(body)
    if (turn >= 500) times.push(wallMs)
  }
  return `p50 ${at(times, 0.5).toFixed(3)} ms, p99 ${at(times, 0.99).toFixed(3)} ms`
}

/** Megabytes that the process held: before, after the second list, and the most of the last five. */
async function measureMemory (body: Buffer, rounds: number): Promise<string> {
  const held: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await mask(body)
    held.push(process.memoryUsage().rss / 1e6)
  }
  return `process ${(held[1] as number).toFixed(0)} MB after the second, at most ${Math.max(...held.slice(-5)).toFixed(0)} MB in the last five`
}

const megabyte = listOf(1e6)
const list = listOf(10e6)
const small = listOf(20e3)
await measureSpeed(megabyte, 2)
console.log(`an answer of 20 KB         ${await measureTimes(small, 4000)}`)
console.log(`structured JSON, 1 MB      ${await measureSpeed(megabyte, 3)}`)
console.log(`a page of 200 KB           ${await measureSpeed(pageOf(200e3), 2)}`)
console.log(`before lists of 10 MB      process ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)
console.log(`structured JSON, 10 MB     ${await measureSpeed(list, 3)}`)
console.log(`a list of 10 MB, 20 times  ${await measureMemory(list, 20)}`)
