// The idle logout in a real browser, with one clock for the gateway and the page: who only polls is out at 15:00, who reads is not.
import { once } from 'node:events'
import t from 'tap'
import type { WebSocket } from 'ws'
import { html, isCovered, minute, openIdlePlace, patient, signedOut, warning } from '../support/idle-place.ts'

/** Asks every 15 seconds by itself, and moves everything about each time: a mouse that lies still is over something else then. */
const polling = html(`<h1>${patient}</h1><ul id="list"><li>first</li></ul><script>
setInterval(async () => { const answer = await fetch('/api/poll'); if (answer.ok) { const line = document.createElement('li'); line.textContent = await answer.text(); list.prepend(line); scrollBy(0, 7) } }, 15000)
</script><p style="height:4000px"></p>`)
const pages = { '/': polling, '/api/poll': '{"unread":1}' }

t.test('a page that polls, left alone with the mouse on it: in at 14:59, out at 15:00, and nothing of it is left', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/')
  await place.page.mouse.move(60, 120)
  await place.settle()
  await place.advance(14 * minute - 1000, 15_000)
  t.equal(await warning(place.page).count(), 0, 'not before a minute ahead')
  await place.advance(2000, 1000)
  await warning(place.page).waitFor()
  await place.advance(57_000, 15_000)
  await place.advance(1000)
  t.equal(place.now(), 15 * minute - 1000)
  t.ok((await place.page.content()).includes(patient), 'in at 14:59')
  t.equal(await place.page.evaluate(async () => (await fetch('/api/poll')).status), 200)
  await place.advance(1000)
  await place.page.waitForURL(signedOut(place.journey))
  t.notMatch(await place.page.content(), patient)
  await place.page.goto(`${place.journey.url}/`)
  t.notOk(place.page.url().startsWith(place.journey.url), 'the next page asks for a sign-in')
  const polls = place.asked.filter(({ path }) => path === '/api/poll')
  t.ok(polls.length >= 59 && polls.every(({ status, at }) => at === 15 * minute || status === 200), 'every poll until then was answered')
  t.same(place.asked.filter(({ method }) => method === 'POST'), [], 'and nothing was taken for a person')
  await place.journey.clock.advance(1000)
  const ended = (await place.journey.trail()).filter(event => event.kind === 'session.ended')
  t.match(ended, [{ who: { id: 'nurse-7' }, facts: { cause: 'idle' } }])
})

t.test('a laptop that slept wakes up covered, also when the network is not back yet; one that slept briefly is as it was', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, pages)
  await place.open('/')
  await place.context.setOffline(true)
  await place.sleep(10 * minute)
  t.notOk(await isCovered(place.page))
  await place.sleep(3 * 60 * minute)
  t.ok(await isCovered(place.page))
  await place.context.setOffline(false)
  await place.advance(1000)
  await place.page.waitForURL(signedOut(place.journey))
  t.notMatch(await place.page.content(), patient)
})

t.test('a page with a WebSocket: frames keep nobody in, and the socket is cut within a second of the end', { timeout: 60_000 }, async t => {
  const page = html(`<h1>${patient}</h1><p id="state"></p><script>
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/live')
socket.onmessage = ({ data }) => { state.textContent = data; socket.send('seen') }
socket.onclose = ({ code, reason }) => { state.textContent = code + ' ' + reason }
</script>`)
  const place = await openIdlePlace(t, { '/': page })
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
  await place.page.locator('#state', { hasText: '4401 session ended: idle' }).waitFor()
  t.pass('the page was told why')
})
