import t from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'
import type { Browser } from '../support/browser.ts'

const minute = 60_000
const signInPath = '/_sallyport/sign-in'

/** The address to which the gateway sends a browser that is not signed in. */
async function prepareIn (journey: Journey, browser: Browser): Promise<string> {
  const { headers } = await browser.ask(`${journey.url}/patients`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } })
  return headers.location as string
}

/** Whoever sits down at the desk opens an address of their choice and is passed through by the IdP, whose own session lives on. */
async function goOnWith (journey: Journey, browser: Browser, path: string) {
  journey.idp.authenticationAgeMs = 20 * minute
  const refused = await browser.submit(await browser.open(`${journey.url}${path}`))
  journey.idp.authenticationAgeMs = 0
  return refused
}

const spellings: ReadonlyArray<readonly [string, (journey: Journey) => Promise<string>]> = [
  ['without an attempt', async () => signInPath],
  ['an attempt that never was', async () => `${signInPath}?attempt=x`],
  ['an empty attempt', async () => `${signInPath}?attempt=`],
  ['two attempts', async () => `${signInPath}?attempt=x&attempt=y`],
  ['the attempt of another browser, which may go on with any sign-in', async journey => prepareIn(journey, journey.browser())],
  ['an attempt whose time is over', async journey => {
    const path = await prepareIn(journey, journey.browser())
    await journey.clock.advance(10 * minute)
    return path
  }],
]

for (const [what, choose] of spellings) {
  t.test(`after an idle end the IdP must ask anew, whatever the address bar says: ${what}`, async t => {
    const journey = await startJourney(t)
    const browser = journey.browser()
    await journey.signIn(browser)
    await journey.clock.advance(15 * minute)
    t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401)
    const refused = await goOnWith(journey, browser, await choose(journey))
    t.match(journey.idp.requestsSeen.at(-1), 'ForceAuthn="true"')
    t.equal(refused.status, 403)
    t.match(refused.body, 'saml.authenticationTooOld')
    t.match(browser.cookies('crm.clinic.test'), '__Host-sallyport-again=1', 'the mark stays')
    t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401, 'not signed in')
    t.equal((await journey.signIn(browser, { path: '/patients' })).status, 200, 'who signs in anew comes in')
    t.notMatch(browser.cookies('crm.clinic.test'), '__Host-sallyport-again')
  })
}

t.test('an attempt that was prepared before a sign-in does not let that sign-in count after the sign-out', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  await journey.clock.advance(15 * minute)
  const kept = await prepareIn(journey, browser)
  await journey.clock.advance(minute)
  await journey.signIn(browser)
  await journey.clock.advance(minute)
  const out = await browser.ask(`${journey.url}/_sallyport/sign-out`, { method: 'POST', body: '', headers: { origin: journey.url } })
  t.equal(out.status, 303)
  await journey.clock.advance(minute)
  journey.idp.authenticationAgeMs = 2 * minute
  const refused = await browser.submit(await browser.open(`${journey.url}${kept}`))
  t.match(refused.body, 'saml.authenticationTooOld')
})

t.test('the first sign-in of the day needs no new password where the IdP has a live session', async t => {
  const journey = await startJourney(t)
  journey.idp.authenticationAgeMs = 20 * minute
  for (const path of ['/', signInPath, `${signInPath}?attempt=x`, `${signInPath}?attempt=`]) {
    const browser = journey.browser()
    t.equal((await journey.signIn(browser, { path })).status, 200, path)
    t.notMatch(journey.idp.requestsSeen.at(-1), 'ForceAuthn')
  }
})

t.test('where fresh sign-ins are off, no address asks for one', async t => {
  const journey = await startJourney(t, {
    configure (draft) { Object.assign((draft['signIn'] as { saml: object }).saml, { freshSignIn: 'off' }) },
  })
  const browser = journey.browser()
  await journey.signIn(browser)
  await journey.clock.advance(15 * minute)
  await browser.fetch(`${journey.url}/api/leads`)
  journey.idp.authenticationAgeMs = 20 * minute
  t.equal((await journey.signIn(browser, { path: signInPath })).status, 200)
  t.notMatch(journey.idp.requestsSeen.at(-1), 'ForceAuthn')
})
