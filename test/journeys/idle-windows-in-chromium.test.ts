// The idle logout in a real browser with a page that is read for an hour, and several windows.
import t from 'tap'
import { html, isCovered, minute, openIdlePlace, patient, signedOut, warning } from '../support/idle-place.ts'

/** One document for ever: it changes its address and its content itself, and fetches in the background. */
const singlePage = html(`<main></main><script>
const show = async () => { document.querySelector('main').innerHTML = (await (await fetch('/api/record')).text()).repeat(40); history.pushState({}, '', '/records/' + history.length) }
setInterval(show, 300000); show()
</script>`)
const pages = { '/': html(`<h1>${patient}</h1><a href="/next">next</a>`), '/next': html('<h1>Next</h1>'), '/app': singlePage, '/api/record': `<p>${patient} is well.</p><p style="height:600px"></p>` }

t.test('somebody who reads and scrolls a single-page CRM for an hour stays in, and is asked for nothing', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/app')
  await place.page.getByText(patient).first().waitFor()
  const ways = [
    () => place.page.mouse.wheel(0, 300),
    () => place.page.keyboard.press('PageDown'),
    async () => { await place.page.mouse.move(200 + place.now() % 97, 200); await place.page.mouse.move(300, 210) },
  ]
  for (let at = 0; place.now() < 60 * minute; at += 1) {
    await place.advance(10 * minute)
    const reported = place.page.waitForResponse(answer => answer.request().method() === 'POST', { timeout: 5000 })
    await ways[at % ways.length]?.()
    t.equal((await reported).status(), 200, `way ${at % ways.length}`)
  }
  t.ok((await place.page.content()).includes(patient))
  t.equal(await warning(place.page).count(), 0)
  const reports = place.asked.filter(({ method }) => method === 'POST')
  t.equal(reports.length, 6, 'one report for each time that somebody did something')
  t.match(place.page.url(), /\/records\/\d+$/, 'the page went its own ways meanwhile')
  // However much somebody does, it is told at most every thirty seconds.
  for (let times = 0; times < 60; times += 1) { await place.page.mouse.wheel(0, 20); await place.advance(1000) }
  t.ok(place.asked.filter(({ method }) => method === 'POST').length <= 9)
  // A report that is still under way when the hands are taken away counts from when it arrives.
  await place.advance(16 * minute)
  await place.page.waitForURL(signedOut(place.journey))
})

t.test('two tabs: work in one keeps the other, whether it is clicked through or typed in; both end together', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/')
  const other = await place.context.newPage()
  await place.open('/', other)
  await place.page.bringToFront()
  // Each click opens a page, sooner than anything would be reported.
  for (let times = 0; times < 20; times += 1) {
    await place.advance(minute)
    await place.page.goto(`${place.journey.url}/${times % 2 === 0 ? 'next' : ''}`)
    await place.settle()
    t.equal(await warning(other).count() + (await isCovered(other) ? 1 : 0), 0, `minute ${times + 1}`)
  }
  for (let times = 0; times < 3; times += 1) {
    await place.advance(9 * minute)
    await place.page.keyboard.press('Shift')
    await place.settle()
    t.equal(await warning(other).count(), 0)
  }
  await place.advance(15 * minute)
  for (const page of [place.page, other]) {
    await page.waitForURL(signedOut(place.journey))
    t.notMatch(await page.content(), patient)
  }
})
