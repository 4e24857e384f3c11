// Requests that are refused after sign-in (a narrower allowlist, a role) must not keep a session alive: they are nobody's doing here.
import t from 'tap'
import { startJourney } from '../support/journey.ts'

t.test('sixty refused navigations later the session is idle', async t => {
  const journey = await startJourney(t, {
    configure (draft) { draft['clientIp'] = { allow: ['127.0.0.0/29'], restrict: [{ people: ['nurse-7'], allow: ['127.0.0.1'] }] } },
  })
  const browser = journey.browser()
  await journey.signIn(browser)
  const thief = journey.browser('127.0.0.2')
  const cookie = browser.cookies('crm.clinic.test')
  for (let minute = 0; minute < 15; minute += 1) {
    const answer = await thief.ask(`${journey.url}/leads`, { headers: { cookie, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' } })
    t.equal(answer.status, 403)
    await journey.clock.advance(60_000)
  }
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401)
})
