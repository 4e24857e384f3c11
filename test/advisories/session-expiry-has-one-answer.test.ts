// After a session's end every kind of request used to get an answer of its own kind, and left cookies behind. There is one: 303 to sign-in for a
// top-level navigation, 401 problem JSON for everything else; the CRM sees neither.
import { once } from 'node:events'
import t from 'tap'
import { startJourney } from '../support/journey.ts'

const navigates = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }
const minute = 60_000

t.test('whatever comes after the end gets one of two answers, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const dead = browser.cookies('crm.clinic.test')
  await journey.clock.advance(15 * minute + 1000)
  const before = journey.crm.seen().length
  const ask = (path: string, options: { readonly method?: string, readonly headers?: Record<string, string>, readonly body?: string } = {}) =>
    journey.browser().ask(`${journey.url}${path}`, { ...options, headers: { cookie: dead, ...options.headers } })

  const navigations = [await ask('/patients/1?tab=2', { headers: navigates }), await ask('/', { headers: { ...navigates, 'sec-fetch-user': '?1' } })]
  for (const answer of navigations) {
    t.equal(answer.status, 303)
    t.match(answer.headers.location, /^\/_sallyport\/sign-in\?attempt=/)
    t.equal(answer.body, '')
  }
  const others = [
    await ask('/api/leads', { headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'text/html' } }),
    await ask('/api/leads', { headers: { accept: 'application/json' } }),
    await ask('/logo.png', { headers: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } }),
    await ask('/frame', { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } }),
    await ask('/api/leads', { method: 'POST', headers: { 'content-type': 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, body: '{}' }),
    await ask('/events', { headers: { accept: 'text/event-stream' } }),
  ]
  for (const answer of others) {
    t.equal(answer.status, 401)
    // A frame shows what it gets, so the same refusal is a page there.
    t.equal(answer.headers['content-type']?.split(';')[0], answer.url.endsWith('/frame') ? 'text/html' : 'application/problem+json')
    t.match(answer.headers['www-authenticate'], /./)
  }
  for (const { headers } of [...navigations, ...others]) {
    t.equal(headers['cache-control'], 'no-store')
    const kept = (headers['set-cookie'] ?? []).filter(line => !/max-age=0/i.test(line)).map(line => line.split('=')[0])
    t.same(kept, ['__Host-sallyport-again', '__Host-sallyport-unsent'], 'the dead cookie is taken away; two marks are all that stays: that the IdP must ask anew, and that what comes late may be kept for its person')
  }
  const socket = journey.webSocket(browser)
  const [, refused] = await once(socket, 'unexpected-response') as [unknown, { readonly statusCode: number }]
  t.equal(refused.statusCode, 401)
  t.equal(journey.crm.seen().length, before, 'the CRM saw none of it')
})
