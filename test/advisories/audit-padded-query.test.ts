// Padding in front of what matters: a path or query that the trail cannot hold whole is refused, and what passes is recorded whole.
import t from 'tap'
import { startJourney } from '../support/journey.ts'

t.test('what the CRM gets is what the trail has, to the last character; longer is 414', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const query = `pad=${'A'.repeat(3900)}&patient=P-4711`
  t.equal((await browser.fetch(`${journey.url}/api/patients?${query}`)).status, 200)
  t.ok((await journey.trail()).some(event => event.kind === 'request.admitted' && event.what?.query === query))
  journey.crm.forget()
  for (const target of [`/api/patients?pad=${'A'.repeat(4100)}&patient=P-4711`, `/api/patients?pad=${'\\'.repeat(3000)}&patient=P-4711`, `/api/${'a'.repeat(2100)}`]) {
    t.equal((await browser.fetch(`${journey.url}${target}`)).status, 414)
  }
  t.same(journey.crm.seen(), [])
})
