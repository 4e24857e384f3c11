import t from 'tap'
import { advanceWhile, startJourney } from '../support/journey.ts'
import { startRedis } from '../support/redis.ts'

t.test('the session store is away: a 503 page that says so, for people with and without a session, and the CRM saw nothing', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const journey = await startJourney(t, { configure (draft) { draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  await redis.kill()
  await journey.clock.advance(1000)
  journey.crm.forget()
  for (const person of [browser, journey.browser()]) {
    const page = await advanceWhile(person.ask(`${journey.url}/leads`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } }), journey.clock)
    t.equal(page.status, 503)
    t.match(page.headers['content-type'], 'text/html')
    t.match(page.headers['cache-control'], 'no-store')
    t.match(page.body, 'session.storeUnavailable')
  }
  const signedOut = await advanceWhile(browser.ask(`${journey.url}/_sallyport/signed-out?cause=revoked`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } }), journey.clock)
  t.equal(signedOut.status, 503, 'nobody knows whether it is over')
  t.match(signedOut.body, 'session.storeUnavailable')
  t.notOk(signedOut.headers['clear-site-data'], 'and nothing of a session that may be live is forgotten')
  t.notMatch(signedOut.body, 'postMessage', 'no other window is told anything')
  t.same(journey.crm.seen(), [])
  t.equal((await fetch(`${journey.healthUrl}/ready`)).status, 503)
})
