// PHI and people in the trail are tokens and sealed bytes: values planted in every field of an event are nowhere in the clear, on disk, in Redis or in the log.
import t from 'tap'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { connectClient, createFaultyDisk, listStreams, openTrail, readStream, systemError } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'

let planted = 0
const canaries: string[] = []
const plant = () => {
  const value = `Canary${String(planted++).padStart(3, '0')}Value`
  canaries.push(value)
  return value
}

const full = (kind: AuditEvent['kind']): AuditEvent => ({
  kind,
  time: Date.now(),
  id: plant(),
  who: { id: plant(), name: plant(), roles: [plant(), plant()], idp: plant(), session: plant() },
  from: { address: plant(), peer: plant(), userAgent: plant() },
  what: {
    kind: 'read',
    method: plant(),
    route: plant(),
    path: `/${plant()}`,
    query: `q=${plant()}`,
    host: plant(),
    protocol: plant(),
    record: { type: plant(), id: plant(), patient: plant(), fields: [plant()] },
  },
  decision: { rule: plant(), reason: `${plant()} with a blank` },
  outcome: { status: 200, reason: `${plant()}, a sentence`, source: plant() },
  facts: { [plant()]: plant() },
})

/** The value itself, and how it would look in the encodings that are used here. */
function spellings (value: string): string[] {
  const bytes = Buffer.from(value)
  // Base64 of a text inside a longer one: the three ways it can fall, without the letters at the edges that depend on the neighbours.
  const shifted = [0, 1, 2].map(shift => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url').slice(shift === 0 ? 0 : shift + 1, -2))
  return [value, bytes.toString('hex'), ...shifted]
}

t.test('nothing that was planted is readable in the spool, in Redis or in the log; with the key all of it is', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const disk = createFaultyDisk()
  const { trail, directory, key, log } = await openTrail(t, { config: { redis: { url: redis.url }, segmentSize: '8KiB' }, deps: { disk } })
  for (const kind of ['request.admitted', 'request.completed', 'request.failed', 'session.began', 'connection.opened', 'operation.run'] as const) await trail.record(full(kind))
  for (let n = 0; n < 30; n++) trail.note(full('request.denied'))
  // Failures are where values leak: a disk that throws, an event that cannot be written, a Redis that refuses.
  disk.faults = { append: async () => { disk.faults = {}; throw systemError('EIO') } }
  await trail.record(full('request.admitted'))
  trail.note({ ...full('request.failed'), facts: { [plant()]: (() => 1) as unknown as string } })
  await trail.flush({ timeoutMs: 5000, ship: true })
  const client = await connectClient(t, redis.url)
  const inRedis = JSON.stringify([await client.call('HGETALL', 'audit:{test-gateway}:streams'), ...(await Promise.all((await listStreams(client)).map(name => readStream(client, name)))).flat(2).map(String)])
  const onDisk = readdirSync(directory).map(name => `${name} ${readFileSync(join(directory, name), 'latin1')}`).join('\n')
  const leaks = canaries.flatMap(value => spellings(value).filter(text => onDisk.includes(text) || inRedis.includes(text) || JSON.stringify(log.lines).includes(text)))
  t.same(leaks, [])
  const read = JSON.stringify(await readTrail(directory, key))
  t.ok(canaries.length > 700 && canaries.filter(value => read.includes(value)).length > 150, `${canaries.length} planted`)
  t.ok(spellings('Canary000Value').some(text => Buffer.from('xxCanary000Valuexx').toString('base64url').includes(text)), 'the search itself finds what is there')
})

t.test('the clear fields are the ones that are meant to be', async t => {
  const { trail, directory } = await openTrail(t)
  await trail.record(full('request.admitted'))
  const text = readFileSync(join(directory, readdirSync(directory).find(name => name.endsWith('.audit')) ?? ''), 'latin1')
  const record = JSON.parse(text.split('\n')[2] ?? '') as Record<string, unknown>
  t.same(Object.keys(record), ['v', 'n', 't', 'k', 'person', 'session', 'address', 'patient', 'record', 'leaf', 'hash', 'mac', 'seal'])
})
