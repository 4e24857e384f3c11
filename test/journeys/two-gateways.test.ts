import { once } from 'node:events'
import t from 'tap'
import { nurse, startJourney } from '../support/journey.ts'
import { startRedis } from '../support/redis.ts'

t.test('two gateways on one Redis: revoked on one, out on the other within a second, its WebSocket too', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const configure = (draft: Record<string, Record<string, unknown>>) => { draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } } }
  const first = await startJourney(t, { configure })
  const second = await startJourney(t, { configure, beside: first })
  const browser = second.browser()
  await first.signIn(browser)
  t.equal((await browser.fetch(`${first.url}/api/leads`)).status, 200, 'signed in on the second gateway')
  const onFirst = first.browser()
  t.equal((await onFirst.fetch(`${first.url}/api/leads`, { headers: { cookie: browser.cookies('crm.clinic.test') } })).status, 200, 'and known on the first')
  const socket = second.webSocket(browser)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  const ended = await first.gateway.rooms.session.end({ by: 'person', id: nurse.id }, 'revoked')
  t.equal(ended.length, 1)
  await first.clock.advance(1000)
  const [code] = await closed as [number]
  t.equal(code, 4401)
  t.equal((await browser.fetch(`${first.url}/api/leads`)).status, 401)
  const trails = [...await first.trail(), ...await second.trail()].filter(event => event.kind === 'session.ended')
  t.equal(trails.length, 1, 'on record once in the cluster')
  t.match(trails[0], { facts: { cause: 'revoked' } })
})
