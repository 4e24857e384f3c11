// Who a page belongs to, in a real browser: another person signs in, the session is used from elsewhere, one window signs out.
import t from 'tap'
import { html, minute, openIdlePlace, patient } from '../support/idle-place.ts'
import { frontDesk } from '../support/journey.ts'

t.test('somebody else signs in in another window: what the one before was looking at is gone at once', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>`) })
  await place.open('/')
  const other = await place.context.newPage()
  place.journey.idp.person = frontDesk
  await other.goto(`${place.journey.url}/_sallyport/sign-in`)
  await other.waitForURL(`${place.journey.idp.signOnUrl}**`)
  await other.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
  await other.waitForURL(`${place.journey.url}/`)
  await place.page.waitForURL('**/_sallyport/signed-out?cause=replaced')
  t.notMatch(await place.page.content(), patient)
  t.match(await place.page.locator('h1').innerText(), 'You are signed in', 'nobody is told that their session ended whose session goes on')
  t.match(await other.content(), patient, 'who signed in works on')
  await place.advance(minute)
  t.equal(other.url(), `${place.journey.url}/`)
})

t.test('the same person signs in anew in another window: what is half written in the first one stays', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1><input id="text">`) })
  await place.open('/')
  await place.page.locator('#text').fill('half a note')
  const other = await place.context.newPage()
  await other.goto(`${place.journey.url}/_sallyport/sign-in`)
  await other.waitForURL(`${place.journey.idp.signOnUrl}**`)
  await other.evaluate(() => { HTMLFormElement.prototype.submit.call(document.forms[0]) })
  await other.waitForURL(`${place.journey.url}/`)
  await place.advance(2 * minute)
  t.equal(await place.page.locator('#text').inputValue(), 'half a note')
})

t.test('one window signs out: the others say the same cause', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>`) })
  await place.open('/')
  const other = await place.context.newPage()
  await place.open('/', other)
  await other.evaluate(async () => { await fetch('/_sallyport/sign-out', { method: 'POST', redirect: 'manual' }) })
  // Where the way back from the identity provider leads.
  await other.goto(`${place.journey.url}/_sallyport/signed-out?cause=signedOut`)
  await place.page.waitForURL('**/_sallyport/signed-out?cause=signedOut')
  t.notMatch(await place.page.content(), patient)
})

for (const onMismatch of ['refuse', 'end', 'report'] as const) {
  t.test(`a page that moves to another network, with session.binding.onMismatch: ${onMismatch}`, { timeout: 60_000 }, async t => {
    const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>`) }, {
      configure (draft) {
        draft['clientIp'] = { allow: ['203.0.113.0/24', '198.51.100.0/24'], trustedProxies: ['127.0.0.1'] }
        draft['session'] = { ...draft['session'], binding: { to: 'network', onMismatch } }
      },
    })
    const move = (address: string) => place.context.setExtraHTTPHeaders({ 'x-forwarded-for': address })
    await move('203.0.113.7')
    await place.open('/')
    await place.advance(minute)
    await move('203.0.113.8')
    await place.page.keyboard.press('Shift')
    await place.settle()
    t.match(place.asked.at(-1), { method: 'POST', status: 200 }, 'within the network the script works')
    await place.advance(minute)
    await move('198.51.100.7')
    const before = place.crm.received.length
    await place.page.keyboard.press('Shift')
    if (onMismatch === 'report') {
      await place.settle()
      t.match(place.asked.at(-1), { method: 'POST', status: 200 })
      t.match(await place.page.content(), patient)
      return
    }
    await place.page.waitForURL('**/_sallyport/signed-out?cause=*')
    await place.page.locator('h1').waitFor()
    t.match(await place.page.locator('h1').innerText(), onMismatch === 'refuse' ? 'You signed in somewhere else' : 'Your session was ended')
    t.notMatch(await place.page.content(), patient)
    t.equal(place.crm.received.length, before, 'the CRM saw nothing')
    await move('203.0.113.7')
    await place.page.goto(`${place.journey.url}/`)
    if (onMismatch === 'refuse') t.match(await place.page.content(), patient, 'where it began it goes on')
    else t.notMatch(await place.page.content(), patient)
  })
}
