// Readiness and metrics of a whole gateway that people used.
import t from 'tap'
import { advanceWhile, startJourney, stranger, type Journey } from '../support/journey.ts'
import { sendRaw } from '../support/raw.ts'
import { startRedis } from '../support/redis.ts'

interface Ready { readonly status: string, readonly parts: ReadonlyArray<{ readonly name: string, readonly ok: boolean, readonly detail: string }> }

async function askReady (journey: Journey): Promise<{ readonly status: number, readonly body: Ready }> {
  const answer = await fetch(`${journey.healthUrl}/ready`)
  return { status: answer.status, body: await answer.json() as Ready }
}

/** Name and labels of each sample with its value. */
async function readMetrics (journey: Journey): Promise<Map<string, number>> {
  const text = await (await fetch(`${journey.healthUrl}/metrics`)).text()
  return new Map(text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

/** A counter settles at `close` of a real socket. */
async function metricsOnce (journey: Journey, holds: (metrics: Map<string, number>) => boolean): Promise<Map<string, number>> {
  for (let tries = 0; ; tries += 1) {
    const metrics = await readMetrics(journey)
    if (holds(metrics) || tries > 200) return metrics
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
}

t.test('ready: every part says in words that it works', async t => {
  const journey = await startJourney(t)
  const { status, body } = await askReady(journey)
  t.equal(status, 200)
  t.equal(body.status, 'ready')
  t.same(body.parts.map(({ name, ok }) => [name, ok]), [['gateway', true], ['audit', true], ['sessions', true], ['signIn', true]])
  for (const part of body.parts) t.match(part.detail, /\w/, part.name)
})

t.test('a session store that is away: 503, and only that part is red', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const journey = await startJourney(t, { configure (draft) { draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } } } })
  t.equal((await askReady(journey)).status, 200)
  await redis.kill()
  for (let tries = 0; tries < 200 && (await askReady(journey)).status === 200; tries += 1) {
    await journey.clock.advance(500)
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
  const { status, body } = await askReady(journey)
  t.equal(status, 503)
  t.same(body.parts.filter(part => !part.ok).map(({ name, detail }) => [name, detail]), [['sessions', 'unreachable']])
  t.equal((await fetch(`${journey.healthUrl}/live`)).status, 200)
})

t.test('while the gateway stops it is not ready, and says so', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['listeners'] = { ...draft['listeners'], public: { ...draft['listeners']?.['public'] as object, drainTimeout: '10s' } } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  const live = journey.webSocket(browser)
  await new Promise(resolve => { live.once('open', resolve) })
  const closing = journey.gateway.close()
  const { status, body } = await askReady(journey)
  t.equal(status, 503)
  t.match(body.parts[0], { name: 'gateway', ok: false, detail: 'closing' })
  await advanceWhile(closing, journey.clock)
})

t.test('metrics after a journey: endings, refusals, gate, sessions; no label comes from outside', async t => {
  const journey = await startJourney(t, {
    configure (draft) { draft['access'] = { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'], deny: ['* /admin'] } } } },
  })
  const fresh = await readMetrics(journey)
  t.equal(fresh.get('sallyport_sessions'), 0)
  const browser = journey.browser()
  await journey.signIn(browser)
  const signedIn = await metricsOnce(journey, metrics => metrics.get('sallyport_exchanges_open') === 0)
  for (let round = 0; round < 5; round += 1) await browser.fetch(`${journey.url}/api/leads?name=Zyxwina${round}`)
  t.equal((await browser.fetch(`${journey.url}/nothing-here-${journey.port}`)).status, 404)
  t.equal((await browser.fetch(`${journey.url}/admin`)).status, 403)
  t.equal((await journey.browser().fetch(`${journey.url}/api/leads`)).status, 401)
  await journey.signIn(journey.browser(), { person: stranger })
  await browser.fetch(`${journey.url}/x%2fZyxwina`)
  await sendRaw(journey, 'Zyxwina\r\n\r\n')
  // What was noted last may still be on its way to the disk.
  const metrics = await metricsOnce(journey, now => now.get('sallyport_exchanges_open') === 0 && now.get('sallyport_audit_waiting') === 0)
  const grown = (name: string) => (metrics.get(name) ?? 0) - (signedIn.get(name) ?? 0)
  const of = (ending: string, status: string) => grown(`sallyport_exchanges_total{class="read",ending="${ending}",status="${status}"}`)
  t.equal(of('request.completed', '2xx'), 5)
  t.ok(grown('sallyport_exchanges_total{class="own",ending="request.completed",status="3xx"}') >= 1)
  t.ok(of('request.completed', '4xx') >= 1)
  for (const [reason, count] of [['access.notAllowed', 1], ['session.missing', 2], ['canonical.pathCharacter', 1], ['inbound.badRequest', 1]] as const) {
    t.equal(grown(`sallyport_refusals_total{reason="${reason}"}`), count, reason)
  }
  t.equal(metrics.get('sallyport_sessions'), 1)
  t.equal(metrics.get('sallyport_ready'), 1)
  t.equal(metrics.get('sallyport_audit_waiting'), 0)
  t.ok(grown('sallyport_audit_gate_seconds_count') >= 6, 'each admitted one waited at the gate')
  t.ok((metrics.get('sallyport_audit_gate_seconds_sum') ?? -1) >= 0)
  t.ok((metrics.get('sallyport_certificate_expires_seconds') ?? 0) > journey.clock.now() / 1000)
  const allowed = new Set(['class', 'ending', 'status', 'reason', 'cause', 'le'])
  for (const name of metrics.keys()) {
    for (const [, label] of name.matchAll(/([a-z_]+)="/g)) t.ok(allowed.has(label as string), name)
    t.notMatch(name, /zyxwina|nurse|127\.0\.0|nothing-here/i)
  }
})

t.test('sessions that end are counted by their cause, in words that there are few of', async t => {
  const journey = await startJourney(t)
  const [left, idle] = [journey.browser(), journey.browser()]
  await journey.signIn(left)
  await journey.signIn(idle)
  t.equal((await readMetrics(journey)).get('sallyport_sessions'), 2)
  await left.submit(await left.open(`${journey.url}/_sallyport/sign-out`))
  await journey.clock.advance(16 * 60_000)
  t.equal((await idle.fetch(`${journey.url}/api/leads`)).status, 401)
  const metrics = await metricsOnce(journey, now => now.get('sallyport_sessions') === 0)
  t.equal(metrics.get('sallyport_sessions_ended_total{cause="signedOut"}'), 1)
  t.equal(metrics.get('sallyport_sessions_ended_total{cause="idle"}'), 1)
  t.equal(metrics.get('sallyport_refusals_total{reason="session.idle"}'), 1)
  t.equal(metrics.get('sallyport_sessions'), 0)
})
