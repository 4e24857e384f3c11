// The idle script in frames and pop-ups, in a real browser: what is done in one counts for all, there is one warning, and nothing of any is left.
import type { Frame } from 'playwright-core'
import t from 'tap'
import { html, isCovered, minute, openIdlePlace, patient, signedOut, warning } from '../support/idle-place.ts'

t.test('a page in a frame: typing there counts, the warning stands above everything, and nothing of either is left', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html('<h1>Outer</h1><iframe src="/inner" width="600" height="300"></iframe>'), '/inner': html(`<h2>${patient}</h2><input>`) })
  await place.open('/')
  const inner = place.page.frames().find(frame => frame.url().endsWith('/inner')) as Frame
  await place.advance(14 * minute - 1000)
  await inner.locator('input').click()
  await place.settle()
  await place.advance(14 * minute - 1000)
  t.equal(await warning(place.page).count(), 0)
  await place.advance(2000, 1000)
  t.equal(await warning(place.page).count(), 1)
  t.equal(await inner.getByRole('dialog').count(), 0, 'one warning')
  await warning(place.page).getByRole('button').click()
  await warning(place.page).waitFor({ state: 'detached' })
  await place.context.setOffline(true)
  await place.advance(15 * minute)
  t.ok(await isCovered(place.page))
  t.ok(await isCovered(inner), 'the frame by itself too')
  await place.advance(minute + 1000, 10_000)
  t.equal(place.page.frames().length, 1, 'emptied, though nobody answers')
  t.notMatch(await place.page.content(), 'Outer')
  await place.context.setOffline(false)
  await place.advance(2000, 1000)
  await place.page.waitForURL(signedOut(place.journey))
})

t.test('frames in a frameset, and a frame in a sandbox', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, {
    '/': '<!doctype html public "-//W3C//DTD HTML 4.01 Frameset//EN"><html><head><title>Old</title></head><frameset cols="50%,50%"><frame src="/inner"><frame src="/boxed"></frameset></html>',
    '/inner': html(`<h2>${patient}</h2><input>`),
    '/boxed': html('<iframe sandbox="allow-scripts" src="/inner" width="300" height="200"></iframe>'),
  })
  await place.open('/')
  await place.advance(14 * minute)
  await warning(place.page).getByRole('button').click()
  await warning(place.page).waitFor({ state: 'detached' })
  t.equal((await place.page.frames().find(frame => frame.url().endsWith('/inner'))?.locator('frameset, h2').count()), 1, 'as it was')
  await place.advance(13 * minute)
  for (const frame of place.page.frames()) t.notOk(await isCovered(frame), frame.url())
  await place.advance(2 * minute, 10_000)
  await place.page.waitForURL(signedOut(place.journey))
})

t.test('a frame in a page of another address warns by itself, and is emptied', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h2>${patient}</h2>`) })
  await place.open('/')
  const portal = `https://portal.clinic.test:${place.journey.port}/`
  // The browser takes what the test puts in for a page of the internet.
  await place.context.grantPermissions(['local-network-access'])
  await place.context.route(portal, route => route.fulfill({ contentType: 'text/html', body: html(`<iframe src="${place.journey.url}/" width="700" height="500"></iframe>`) }))
  await place.page.goto(portal)
  const inner = place.page.frames().find(frame => frame.url().startsWith(place.journey.url)) as Frame
  await inner.getByText(patient).waitFor()
  await place.settle()
  await place.advance(14 * minute + 1000)
  await inner.getByRole('button', { name: 'Stay signed in' }).click()
  await place.settle()
  await inner.getByRole('dialog').waitFor({ state: 'detached' })
  await place.advance(16 * minute)
  for (const frame of place.page.frames()) t.notMatch(await frame.content(), patient)
})

t.test('a pop-up: what is typed there counts for the window that opened it, and it is left with it', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1><button onclick="window.open('/popup', 'record', 'popup,width=400,height=300')">open</button>`), '/popup': html(`<h2>${patient}</h2><input>`) })
  await place.open('/')
  const opened = place.page.waitForEvent('popup')
  await place.page.getByRole('button').click()
  const popup = await opened
  await popup.waitForLoadState()
  await place.settle()
  for (let times = 0; times < 3; times += 1) {
    await place.advance(13 * minute)
    await popup.locator('input').press('x')
    await place.settle()
  }
  t.equal(await warning(place.page).count(), 0)
  await place.advance(16 * minute)
  for (const page of [popup, place.page]) {
    await page.waitForURL(signedOut(place.journey))
    t.notMatch(await page.content(), patient)
  }
})
