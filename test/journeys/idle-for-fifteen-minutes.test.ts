import t from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'
import type { Browser } from '../support/browser.ts'

const minute = 60_000

async function poll (journey: Journey, browser: Browser) {
  return browser.fetch(`${journey.url}/api/notifications`)
}

t.test('a page that polls for fifteen minutes without being touched is out at 15:00', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  for (let second = 0; second < 14 * 60 + 45; second += 15) {
    t.equal((await poll(journey, browser)).status, 200, `poll at ${second} s`)
    await journey.clock.advance(15_000)
  }
  await journey.clock.advance(14_000)
  t.equal((await poll(journey, browser)).status, 200, 'in at 14:59')
  await journey.clock.advance(1000)
  const out = await poll(journey, browser)
  t.equal(out.status, 401, 'out at 15:00')
  t.match(JSON.parse(out.body), { code: 'session.idle' })
  const before = journey.crm.seen().length
  await poll(journey, browser)
  t.equal(journey.crm.seen().length, before, 'the CRM saw nothing after the end')
  await journey.clock.advance(1000)
  const ended = (await journey.trail()).filter(entry => entry.kind === 'session.ended')
  t.equal(ended.length, 1)
  t.match(ended[0], { who: { id: 'nurse-7' }, facts: { cause: 'idle' } })
})

t.test('somebody who works at 14:59 stays, again and again, until the absolute end', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const rounds = Math.floor((12 * 60) / 15)
  for (let round = 0; round < rounds; round += 1) {
    await journey.clock.advance(15 * minute - 1000)
    t.equal((await browser.open(`${journey.url}/leads`)).status, 200, `round ${round}`)
  }
  await journey.clock.advance(minute)
  const page = await browser.ask(`${journey.url}/leads`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } })
  t.equal(page.status, 303)
  const ended = (await journey.trail()).filter(entry => entry.kind === 'session.ended')
  t.match(ended[0], { facts: { cause: 'absolute' } })
})

t.test('after the idle end a person signs in again and lands where they were; the dead cookie is taken away', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  await journey.clock.advance(15 * minute)
  const refused = await browser.fetch(`${journey.url}/api/leads`)
  t.equal(refused.status, 401)
  t.notMatch(browser.cookies('crm.clinic.test'), '__Host-sallyport=')
  const page = await journey.signIn(browser, { path: '/patients?page=1' })
  t.equal(page.url, `${journey.url}/patients?page=1`)
  t.equal(page.status, 200)
})

t.test('after the idle end a live session at the IdP is not enough: it is asked to sign the person in anew, and must have done so', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  t.notMatch(journey.idp.requestsSeen.at(-1), 'ForceAuthn')
  await journey.clock.advance(15 * minute)
  await poll(journey, browser) // the page's own poll learns of the end first
  journey.idp.authenticationAgeMs = 16 * minute
  const refused = await journey.signIn(browser, { path: '/patients' })
  t.match(journey.idp.requestsSeen.at(-1), 'ForceAuthn="true"')
  t.equal(refused.status, 403)
  t.match(refused.body, 'saml.authenticationTooOld')
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401, 'not signed in')
  journey.idp.authenticationAgeMs = 0
  const page = await journey.signIn(browser, { path: '/patients' })
  t.equal(page.status, 200)
  t.equal(page.url, `${journey.url}/patients`)
  t.notMatch(journey.crm.seen().at(-1)?.headers.cookie ?? '', 'sallyport')
})
