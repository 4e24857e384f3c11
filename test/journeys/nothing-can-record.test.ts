import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { advanceWhile, startJourney, type Journey } from '../support/journey.ts'
import type { Answer, Browser } from '../support/browser.ts'
import { startRedis } from '../support/redis.ts'

const deadlineMs = 1000

async function start (t: Test, audit: object) {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const journey = await startJourney(t, { configure (draft) { draft['audit'] = { ...draft['audit'], redis: { url: redis.url }, ...audit } } })
  const browser = journey.browser()
  await advanceWhile(journey.signIn(browser), journey.clock)
  // Somebody else is at the identity provider's page already: nothing but the gateway's record stands between them and a session.
  const newcomer = journey.browser()
  const atIdp = await advanceWhile(newcomer.open(journey.url), journey.clock)
  t.match(atIdp.body, /<form/)
  journey.crm.forget()
  return { redis, journey, browser, newcomer, atIdp }
}

/** The next event that somebody waits for has come to the gate. */
function nextAtGate (journey: Journey): Promise<void> {
  const { audit } = journey.gateway.rooms
  const record = audit.record.bind(audit)
  return new Promise(resolve => {
    audit.record = event => {
      audit.record = record
      const recorded = record(event)
      resolve()
      return recorded
    }
  })
}

/** Asks, and moves the clock no further than the deadline until the answer is there. */
async function askWithinDeadline (journey: Journey, browser: Browser): Promise<{ readonly answer: Answer, readonly movedMs: number }> {
  const isAtGate = nextAtGate(journey)
  const state = { isAnswered: false }
  const asked = browser.fetch(`${journey.url}/api/patients`).finally(() => { state.isAnswered = true })
  await isAtGate
  let movedMs = 0
  while (!state.isAnswered && movedMs < deadlineMs) {
    await fetch(`${journey.healthUrl}/live`) // real sockets and the disk have their turn
    if (state.isAnswered) break
    await journey.clock.advance(50)
    movedMs += 50
  }
  return { answer: await asked, movedMs }
}

async function requireRed (t: Test, journey: Journey): Promise<void> {
  const ready = await fetch(`${journey.healthUrl}/ready`)
  t.equal(ready.status, 503)
  const { status, parts } = await ready.json() as { status: string, parts: Array<{ name: string, ok: boolean, detail: string }> }
  t.equal(status, 'not ready')
  t.match(parts.filter(part => !part.ok), [{ name: 'audit', detail: /\w+ \w+.*\./ }])
}

async function requireNobodyGetsIn (t: Test, { journey, newcomer, atIdp }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const signedIn = await advanceWhile(newcomer.submit(atIdp), journey.clock)
  t.equal(signedIn.status, 503, 'a sign-in that the identity provider has proven is refused')
  t.equal((await advanceWhile(newcomer.fetch(`${journey.url}/api/patients`), journey.clock)).status, 401, 'and has made no session')
  t.equal((await advanceWhile(journey.browser().open(journey.url), journey.clock)).status, 503, 'nobody begins to sign in')
  t.same(journey.crm.seen(), [])
}

t.test('Redis must have the record and is gone: the deadline itself refuses, at 1000 ms of the clock and not before', async t => {
  const parts = await start(t, { durability: 'redis' })
  const { redis, journey, browser } = parts
  await redis.kill()
  const isAtGate = nextAtGate(journey)
  let isAnswered = false
  const asked = browser.fetch(`${journey.url}/api/patients`).finally(() => { isAnswered = true })
  await isAtGate
  await journey.clock.advance(deadlineMs / 2)
  await fetch(`${journey.healthUrl}/live`) // real sockets had their turn
  t.notOk(isAnswered, 'half the deadline: still waiting')
  t.same(journey.crm.seen(), [], 'the CRM is not asked before')
  await journey.clock.advance(deadlineMs / 2)
  const answer = await asked // the clock stands still from here on
  t.equal(answer.status, 503)
  t.match(JSON.parse(answer.body), { code: 'audit.unavailable' })
  t.ok(Number(answer.headers['retry-after']) >= 1)
  t.match(journey.log.filter(line => line.includes('audit.gateClosed')), [/./], 'the operator is told once')
  await requireRed(t, journey)
  const again = await browser.fetch(`${journey.url}/api/patients`)
  t.equal(again.status, 503, 'the next one is refused at once, without moving the clock')
  await requireNobodyGetsIn(t, parts)
})

t.test('spool and Redis both gone: 503 within a second of the clock, readiness red, nobody gets in, the CRM saw nothing', async t => {
  const parts = await start(t, { segmentSize: '64KiB' })
  const { redis, journey, browser } = parts
  await redis.kill()
  // The directory is taken away under the running gateway and a file stands in its place: nothing can be written where the records belong.
  const spool = join(journey.directory, 'data', 'audit')
  rmSync(spool, { recursive: true })
  writeFileSync(spool, '')
  // Until the spool looks after its file, four times a second, it writes to the one that it holds open.
  let passed = 0
  let asked = await askWithinDeadline(journey, browser)
  for (; asked.answer.status === 200 && passed < 20; passed += 1) {
    await journey.clock.advance(50)
    asked = await askWithinDeadline(journey, browser)
  }
  t.equal(asked.answer.status, 503, `after ${passed} requests and ${asked.movedMs} ms`)
  t.ok(asked.movedMs <= deadlineMs)
  t.ok(passed <= 6, `${passed} requests in a quarter of a second`)
  t.equal(journey.crm.seen().length, passed)
  journey.crm.forget()
  for (let round = 0; round < 3; round += 1) {
    const { answer } = await askWithinDeadline(journey, browser)
    t.equal(answer.status, 503)
    t.ok(answer.headers['retry-after'])
  }
  await requireRed(t, journey)
  await requireNobodyGetsIn(t, parts)
})
