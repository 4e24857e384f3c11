// The warning of the idle logout in a real browser: who answers it stays, who does not sees nothing any more.
import t from 'tap'
import { html, isCovered, minute, openIdlePlace, patient, signedOut, warning } from '../support/idle-place.ts'

const pages = { '/': html(`<h1>${patient}</h1>`) }

t.test('the warning is not looked at: covered, emptied, and left even when nothing answers any more', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>`, `<title>${patient}</title>`) })
  await place.open('/')
  await place.advance(14 * minute)
  await warning(place.page).waitFor()
  t.match(await place.page.getByRole('status').innerText(), /signed out in 60 seconds/)
  await place.context.setOffline(true)
  await place.advance(minute, 10_000)
  t.ok(await isCovered(place.page), 'whether somebody is signed in is not known: covered')
  for (let times = 0; times < 3; times += 1) await place.page.keyboard.press('Escape')
  t.ok(await isCovered(place.page), 'no key takes the cover away')
  await place.context.setOffline(false)
  await place.advance(2000, 1000)
  await place.page.waitForURL(signedOut(place.journey))
})

t.test('the warning is clicked, with mouse or keyboard: the page stays, and the time begins anew', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/')
  const ways = [
    async () => { await place.page.getByRole('button', { name: 'Stay signed in' }).click() },
    async () => { await place.page.keyboard.press('Enter') },
    async () => { await place.page.keyboard.press('Escape') },
    // Chromium lets a second Escape close what the page wants to keep open.
    async () => { await place.page.keyboard.press('Escape'); await place.page.keyboard.press('Escape') },
  ]
  for (const [at, stay] of ways.entries()) {
    await place.advance(14 * minute + 30_000)
    await warning(place.page).waitFor()
    await stay()
    await place.settle()
    await warning(place.page).waitFor({ state: 'detached', timeout: 8000 })
    t.ok((await place.page.content()).includes(patient), `way ${at}`)
  }
  await place.advance(13 * minute)
  t.equal(await warning(place.page).count(), 0)
  await place.advance(2 * minute + 10_000, 10_000)
  await place.page.waitForURL(signedOut(place.journey))
})
