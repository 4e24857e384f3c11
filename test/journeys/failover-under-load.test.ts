// Two gateways share one Redis behind a Sentinel, and its primary dies while people work through both: nobody has to sign in again, and spools and
// streams hold the same records.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openRedisTrail, readSpool, type TrailEntry } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import type { JourneyOptions } from '../support/journey.ts'
import { judgeMarks, nothingMissing, startKillableCrm, startLoad } from '../support/load.ts'
import { createProcessPlace, type ProcessPlace } from '../support/process-place.ts'
import { startSentinelGroup, untilTrue } from '../support/redis-group.ts'

const nameOf = ({ epoch, seq, record }: TrailEntry) => `${epoch}/${seq} ${record?.hash}`

async function collect (entries: AsyncIterable<TrailEntry>): Promise<readonly TrailEntry[]> {
  const all: TrailEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

t.test('two gateways, one Redis, its primary dies under load: nothing is lost, and whoever is signed in stays so', { timeout: 110_000 }, async t => {
  const { sentinel, primary, replica } = await startSentinelGroup(t)
  const redis = { sentinel: { name: 'mymaster', addresses: [sentinel.address] } }
  const crm = await startKillableCrm()
  t.teardown(() => crm.kill())
  const configure: JourneyOptions['configure'] = draft => {
    draft['upstream'] = { url: crm.url }
    draft['session'] = { ...draft['session'], store: { kind: 'redis', redis } }
    draft['audit'] = { ...draft['audit'], redis }
  }
  const one = await createProcessPlace(t, { configure })
  const two = await createProcessPlace(t, { configure, beside: one })
  const gateways = [await startGatewayProcess(one.configFile), await startGatewayProcess(two.configFile)]
  t.teardown(async () => { for (const gateway of gateways) await gateway.kill().catch(() => undefined) })
  t.equal((await one.browser.submit(await one.browser.open(`${one.url}/`))).status, 200)
  const { headers } = one.wire()
  const loads = [one, two].map((place, at) => startLoad({ ...place.wire(), headers }, { parallel: 4, prefix: `${at}-` }))
  t.teardown(async () => { for (const load of loads) await load.stop() })
  for (const load of loads) t.same([...(await load.phase(100)).keys()], [200])

  await primary.kill()
  await untilTrue(async () => (await replica.ask('ROLE')).startsWith('master'))
  for (const load of loads) {
    const seen = new Set<number>()
    for (let tries = 0; tries < 300; tries += 1) {
      const counts = await load.phase(20)
      for (const status of counts.keys()) seen.add(status)
      if (counts.size === 1 && counts.has(200)) break
    }
    t.comment(`while another primary was elected: ${[...seen].sort().join(', ')}`)
    t.same([...seen].filter(status => status !== 200 && status !== 503), [], 'at work or asked to wait, never signed out')
    t.same([...(await load.phase(100)).keys()], [200])
  }
  const answered = (await Promise.all(loads.map(load => load.stop()))).flat()
  for (const gateway of gateways) t.equal(await gateway.stop(), 0)

  const key = new SecretValue(readFileSync(join(one.directory, 'audit.key'), 'utf8'))
  const spoolOf = ({ directory }: ProcessPlace) => collect(readSpool({ directory: join(directory, 'data', 'audit'), key }))
  const spools = [...await spoolOf(one), ...await spoolOf(two)]
  const trail = await openRedisTrail({ redis, gateway: 'journey', key, clock: createSystemClock() })
  const writers = await trail.writers()
  t.equal(writers.length, 2)
  const streams = (await Promise.all(writers.map(writer => collect(trail.read(writer))))).flat()
  trail.close()
  t.same([...spools, ...streams].flatMap(({ problems }) => problems), [])
  t.same(streams.map(nameOf).sort(), spools.map(nameOf).sort(), 'spools and streams hold the same')
  t.same(judgeMarks(streams.flatMap(({ event }) => event ?? []), { answered, reached: crm.marks }), nothingMissing)
})
