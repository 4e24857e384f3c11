// Each part dies while people work, and comes back: what people see meanwhile, and that the trail has everything with one ending each. The table in
// docs/operations.md ("When a part dies") says what is held here.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SecretValue } from '../../src/shared/schema.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import type { JourneyOptions } from '../support/journey.ts'
import { judgeMarks, nothingMissing, startKillableCrm, startLoad } from '../support/load.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'

const atLeast = 200

async function startWork (t: Test, configure: JourneyOptions['configure'] = () => undefined) {
  const crm = await startKillableCrm()
  const place = await createProcessPlace(t, {
    configure (draft) {
      draft['upstream'] = { url: crm.url }
      configure(draft)
    },
  })
  const gateway = await startGatewayProcess(place.configFile)
  t.teardown(async () => { await gateway.kill().catch(() => undefined); await crm.kill().catch(() => undefined) })
  t.equal((await place.browser.submit(await place.browser.open(`${place.url}/`))).status, 200)
  const load = startLoad(place.wire(), { parallel: 8 })
  t.teardown(() => load.stop())
  const healthy = await load.phase(atLeast)
  t.same([...healthy.keys()], [200])
  /** Stops everything and holds the trail to what was seen. */
  const finish = async () => {
    const answered = await load.stop()
    t.equal(await gateway.stop(), 0)
    const trail = await readTrail(join(place.directory, 'data', 'audit'), new SecretValue(readFileSync(join(place.directory, 'audit.key'), 'utf8')))
    t.same(judgeMarks(trail, { answered, reached: crm.marks }), nothingMissing)
    return trail
  }
  return { ...place, crm, gateway, load, finish }
}

const tell = (part: string, counts: ReadonlyMap<number, number>) => { t.comment(`${part}: ${[...counts].map(([status, count]) => `${status === 0 ? 'broken off' : status} × ${count}`).join(', ')}`) }

t.test('the CRM dies: 502 and nothing else, each on record as a failure; at work again as soon as it is back', { timeout: 100_000 }, async t => {
  const { crm, load, finish } = await startWork(t)
  await crm.kill()
  await load.phase(20)
  const away = await load.phase(atLeast)
  tell('CRM away', away)
  t.same([...away.keys()], [502])
  await crm.revive()
  await load.phase(20)
  t.same([...(await load.phase(atLeast)).keys()], [200])
  const trail = await finish()
  t.ok(trail.filter(({ kind, outcome }) => kind === 'request.failed' && outcome?.source === 'upstream').length >= atLeast)
})

t.test('Redis dies, which has sessions and trail: 503 for everybody, and not one request reaches the CRM; what was recorded meanwhile arrives', { timeout: 100_000 }, async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { crm, load, finish } = await startWork(t, draft => {
    draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } }
    draft['audit'] = { ...draft['audit'], redis: { url: redis.url } }
  })
  await redis.kill()
  for (let tries = 0; tries < 100 && (await load.phase(20)).has(200); tries += 1) { /* a session is believed for a second at most without asking the store */ }
  const before = crm.marks.length
  const away = await load.phase(atLeast)
  tell('Redis away', away)
  t.same([...away.keys()], [503])
  t.equal(crm.marks.length, before)
  await redis.revive()
  await load.phase(40)
  for (let tries = 0; tries < 20 && !(await load.phase(20)).has(200); tries += 1) { /* its client waits a little longer each time */ }
  t.same([...(await load.phase(atLeast)).keys()], [200], 'and nobody has to sign in again')
  const trail = await finish()
  t.ok(trail.some(({ kind, decision }) => kind === 'request.denied' && decision?.reason === 'session.storeUnavailable'))
})

t.test('Redis dies, which has the trail only: nobody notices', { timeout: 100_000 }, async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { load, finish } = await startWork(t, draft => { draft['audit'] = { ...draft['audit'], redis: { url: redis.url } } })
  await redis.kill()
  const away = await load.phase(atLeast)
  tell('Redis (trail only) away', away)
  t.same([...away.keys()], [200])
  await redis.revive()
  t.same([...(await load.phase(atLeast)).keys()], [200])
  await finish()
})

t.test('the identity provider dies: whoever is signed in goes on working', { timeout: 100_000 }, async t => {
  const { idp, load, finish, browser, url } = await startWork(t)
  await idp.kill()
  const away = await load.phase(atLeast)
  tell('identity provider away', away)
  t.same([...away.keys()], [200])
  await browser.submit(await browser.open(`${url}/_sallyport/sign-out`)).catch(() => undefined)
  await t.rejects(browser.open(`${url}/work`), 'who has to sign in is sent to an address that does not answer')
  await idp.revive()
  t.equal((await browser.submit(await browser.open(`${url}/`))).status, 200)
  await finish()
})

t.test('the disk takes nothing more: 503 for everybody, nothing reaches the CRM, and it goes on by itself when there is room', { timeout: 100_000 }, async t => {
  const { gateway, crm, load, finish } = await startWork(t)
  // Writes fail (EFBIG) as they do on a full disk (ENOSPC), which needs no disk of its own to be full.
  const limit = (size: string) => { execFileSync('prlimit', ['--pid', String(gateway.child.pid), `--fsize=${size}:unlimited`]) }
  limit('1')
  for (let tries = 0; tries < 20 && (await load.phase(10)).has(200); tries += 1) { /* what is under way */ }
  const before = crm.marks.length
  const away = await load.phase(atLeast)
  tell('disk full', away)
  t.same([...away.keys()], [503])
  t.equal(crm.marks.length, before)
  limit('unlimited')
  for (let tries = 0; tries < 50 && !(await load.phase(20)).has(200); tries += 1) { /* it looks once a second */ }
  t.same([...(await load.phase(atLeast)).keys()], [200])
  const trail = await finish()
  t.match(trail.findLast(({ kind }) => kind === 'gateway.gap'), { facts: { cause: 'disk' } }, 'how many were refused meanwhile is on record')
})
