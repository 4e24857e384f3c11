// The idle logout in a real browser: what it still shows when the session is over, by the back button, by restored tabs, by pages that do not want to be left.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import { html, launchOptions, minute, openIdlePlace, patient, serve, signedOut } from '../support/idle-place.ts'
import { startJourney } from '../support/journey.ts'
import { startUpstream } from '../support/upstream.ts'

const pages = { '/': html(`<h1>${patient}</h1><a href="/next">next</a>`), '/next': html('<h1>Next</h1>') }

t.test('the back button shows no patient, neither from the browser\'s memory nor from anywhere else', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/')
  await place.page.getByRole('link').click()
  await place.page.waitForURL('**/next')
  await place.page.goBack({ waitUntil: 'commit' })
  await place.page.getByText(patient).waitFor()
  t.ok((await place.page.content()).includes(patient), 'while signed in, going back is as it always was')
  await place.page.goForward({ waitUntil: 'commit' })
  await place.page.getByText('Next').waitFor()
  await place.advance(15 * minute)
  await place.page.waitForURL(signedOut(place.journey))
  for (let steps = 1; steps <= 4; steps += 1) {
    await place.page.goBack({ waitUntil: 'commit', timeout: 3000 }).catch(() => null)
    t.notMatch(await place.page.content(), patient, `${steps} back: ${place.page.url()}`)
  }
})

t.test('a page that asks whether one really wants to leave is left all the same', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1><input><script>window.onbeforeunload = () => 'stay'; for (const isFirst of [true, false]) addEventListener('beforeunload', event => event.preventDefault(), isFirst)</script>`) })
  const asked: string[] = []
  place.page.on('dialog', dialog => { asked.push(dialog.type()); void dialog.dismiss() })
  await place.open('/')
  await place.page.locator('input').fill('half a note')
  await place.page.locator('input').press('x')
  await place.advance(16 * minute)
  await place.page.waitForURL(signedOut(place.journey))
  t.same(asked, [])
})

t.test('a browser that was closed and opened again brings its tabs back, and no patient', { timeout: 60_000 }, async t => {
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  crm.answer(serve(pages))
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url } } })
  const profile = mkdtempSync(join(tmpdir(), 'sallyport-profile-'))
  t.teardown(() => { rmSync(profile, { recursive: true, force: true }) })
  const options = launchOptions(['--restore-last-session', '--hide-crash-restore-bubble'])
  const launch = () => chromium.launchPersistentContext(profile, { ...options, ignoreHTTPSErrors: true })
  const first = await launch()
  const [page] = first.pages() as [Page]
  await page.goto(`${journey.url}/`)
  await page.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
  await page.getByText(patient).waitFor()
  await page.evaluate(() => { localStorage.setItem('draft', 'of the page') })
  await first.close()
  const seen = () => crm.received.filter(({ target }) => target === '/').length
  const before = seen()
  const files = readdirSync(profile, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  t.same(files.filter(file => readFileSync(file).includes(patient)), [], 'nothing of the page lies on the disk')
  await journey.clock.advance(15 * minute)
  const second = await launch()
  t.teardown(() => second.close())
  const restored = () => second.pages().find(each => !each.url().startsWith('about:') && !each.url().startsWith('chrome:'))
  for (let tries = 0; tries < 300 && restored()?.url().startsWith(journey.idp.signOnUrl) !== true; tries += 1) await new Promise(resolve => { setTimeout(resolve, 20) })
  t.ok(restored()?.url().startsWith(journey.idp.signOnUrl), `the tab came back, to the sign-in: ${second.pages().map(each => each.url()).join(' ')}`)
  t.notMatch(await restored()?.content(), patient)
  t.equal(seen(), before, 'the CRM was not asked')
})
