// The idle logout in a real browser with several windows, a page that is read for an hour, and what the browser still shows afterwards.
import { once } from 'node:events'
import t from 'tap'
import type { WebSocket } from 'ws'
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
    await ways[at % ways.length]?.()
    await place.settle()
  }
  t.ok((await place.page.content()).includes(patient))
  t.equal(await warning(place.page).count(), 0)
  const reports = place.asked.filter(({ method }) => method === 'POST')
  t.equal(reports.length, 6, 'one report for each time that somebody did something')
  t.match(place.page.url(), /\/records\/\d+$/, 'the page went its own ways meanwhile')
  // However much somebody does, it is told at most every thirty seconds.
  for (let times = 0; times < 60; times += 1) { await place.page.mouse.wheel(0, 20); await place.advance(1000) }
  t.ok(place.asked.filter(({ method }) => method === 'POST').length <= 9)
  await place.advance(15 * minute, 1000)
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
  await place.advance(15 * minute, 1000)
  for (const page of [place.page, other]) {
    await page.waitForURL(signedOut(place.journey))
    t.notMatch(await page.content(), patient)
  }
})

t.test('the back button shows no patient, neither from the browser\'s memory nor from anywhere else', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/')
  await place.page.getByRole('link').click()
  await place.page.waitForURL('**/next')
  await place.page.goBack()
  t.ok((await place.page.content()).includes(patient), 'while signed in, going back is as it always was')
  await place.page.goForward()
  await place.advance(15 * minute, 1000)
  await place.page.waitForURL(signedOut(place.journey))
  for (let steps = 1; steps <= 4; steps += 1) {
    await place.page.goBack({ waitUntil: 'load' }).catch(() => null)
    t.notMatch(await place.page.content(), patient, `${steps} back: ${place.page.url()}`)
  }
})

t.test('a page that asks whether one really wants to leave is left all the same', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1><input><script>window.onbeforeunload = () => 'stay'; addEventListener('beforeunload', event => event.preventDefault())</script>`) })
  const asked: string[] = []
  place.page.on('dialog', dialog => { asked.push(dialog.type()); void dialog.dismiss() })
  await place.open('/')
  await place.page.locator('input').fill('half a note')
  await place.page.locator('input').press('x')
  await place.advance(16 * minute, 1000)
  await place.page.waitForURL(signedOut(place.journey))
  t.same(asked, [])
})

t.test('a page with a WebSocket: frames keep nobody in, and the socket is cut within a second of the end', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1><p id="state"></p><script>
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/live')
socket.onmessage = ({ data }) => { state.textContent = data; socket.send('seen') }
socket.onclose = ({ code, reason }) => { localStorage.closed = state.textContent = code + ' ' + reason }
</script>`) })
  const sockets: WebSocket[] = []
  place.crm.onSocket(socket => { sockets.push(socket) })
  await place.open('/')
  for (let tries = 0; tries < 500 && sockets.length === 0; tries += 1) await new Promise(resolve => { setTimeout(resolve, 10) })
  const [socket] = sockets as [WebSocket]
  for (let second = 0; second < 14; second += 1) {
    socket.send(`minute ${second}`)
    await once(socket, 'message')
    await place.advance(minute)
  }
  await place.advance(59_000)
  socket.send('still open')
  await place.page.locator('#state', { hasText: 'still open' }).waitFor()
  const closed = once(socket, 'close')
  // The script cannot be what ends it: the page does not run any more.
  await place.journey.clock.advance(1000)
  await place.journey.clock.advance(1000)
  await closed
  t.match(await place.page.locator('#state').innerText(), /^4401 session ended: idle/)
})
