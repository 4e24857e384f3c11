import { once } from 'node:events'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import WebSocket from 'ws'
import type { Browser } from '../support/browser.ts'
import { nurse, startJourney, type Journey } from '../support/journey.ts'

async function openStream (journey: Journey, browser: Browser, path: string): Promise<IncomingMessage> {
  const outgoing = request({
    host: '127.0.0.1',
    port: journey.port,
    path,
    servername: 'crm.clinic.test',
    ca: journey.authority.caPem,
    agent: false,
    headers: { host: journey.host, cookie: browser.cookies('crm.clinic.test'), 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  }).end()
  const [message] = await once(outgoing, 'response') as [IncomingMessage]
  message.on('error', () => undefined)
  return message
}

async function closedWithin (journey: Journey, closings: ReadonlyArray<Promise<unknown>>): Promise<boolean> {
  // Real sockets close in real time, the sweep that cuts them runs on the moved clock.
  await journey.clock.advance(1000)
  const timeout = new Promise<boolean>(resolve => { setTimeout(() => { resolve(false) }, 5000).unref() })
  return Promise.race([Promise.all(closings).then(() => true), timeout])
}

t.test('signs out: the old cookie is dead, the WebSocket, the event stream and the download are cut, the IdP is told', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const old = browser.cookies('crm.clinic.test')
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const events = await openStream(journey, browser, '/events')
  const download = await openStream(journey, browser, '/api/files/1GiB')
  download.pause()
  events.resume()
  const socketClosed = once(socket, 'close')
  const closings = [socketClosed, new Promise(resolve => { events.on('close', resolve) }), new Promise(resolve => { download.on('close', resolve); download.resume() })]
  const asking = await browser.open(`${journey.url}/_sallyport/sign-out`)
  t.match(asking.body, '<bdi>Nell Nurse</bdi>', 'it says who is signed in')
  t.notMatch((await journey.browser().open(`${journey.url}/_sallyport/sign-out`)).body, 'signed in as', 'and nothing where nobody is')
  const page = await browser.submit(asking)
  t.equal(page.status, 200)
  t.match(page.url, /signed-out/)
  t.match(page.body, /signed out/i)
  t.equal(page.headers['clear-site-data'], '"cache", "storage"')
  t.equal(journey.idp.logoutsSeen.length, 1)
  t.match(journey.idp.logoutsSeen[0], 'nurse-7')
  t.ok(await closedWithin(journey, closings), 'everything open under the session is closed within a second')
  t.equal((await socketClosed)[0], 4401)
  const before = journey.crm.seen().length
  const thief = await journey.browser().fetch(`${journey.url}/api/patients`, { headers: { cookie: old } })
  t.equal(thief.status, 401)
  t.equal(journey.crm.seen().length, before, 'the CRM saw nothing of the old cookie')
  const trail = await journey.trail()
  t.match(trail.find(event => event.kind === 'session.ended'), { who: { id: 'nurse-7' }, facts: { cause: 'signedOut' } })
  const cut = trail.filter(event => event.kind === 'request.abandoned' && event.outcome?.reason === 'session.signedOut')
  t.equal(cut.length, 3, 'the cut WebSocket, stream and download say why')
  t.ok(trail.some(event => event.kind === 'connection.opened'))
  t.match(trail.find(event => event.kind === 'connection.closed'), { outcome: { status: 101 } })
})

t.test('logout at the IdP ends the session here without our cookie', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const elsewhere = journey.browser()
  await elsewhere.ask(journey.idp.logoutRequestUrl(nurse, `${journey.url}/_sallyport/saml/slo`))
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401)
  t.match((await journey.trail()).find(event => event.kind === 'session.ended'), { facts: { cause: 'idpLogout' } })
})

t.test('a sign-out that another site asks for is refused', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    t.equal((await browser.ask(`${journey.url}/_sallyport/sign-out`, { method: 'POST', headers })).status, 403)
  }
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200, 'still signed in')
})

t.test('a WebSocket without a session, or from a foreign page, is refused, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const status = async (socket: WebSocket) => {
    socket.on('error', () => undefined)
    const [, response] = await once(socket, 'unexpected-response') as [unknown, IncomingMessage]
    response.resume()
    return response.statusCode
  }
  t.equal(await status(journey.webSocket(browser)), 401)
  await journey.signIn(browser)
  const before = journey.crm.seen().length
  t.equal(await status(journey.webSocket(browser, { origin: 'https://evil.example' })), 403)
  t.equal(journey.crm.seen().length, before)
})

t.test('an idle session cuts its WebSocket though frames keep flowing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  for (let minute = 0; minute < 14; minute += 1) {
    socket.send(Buffer.from('still here'))
    await journey.clock.advance(60_000)
  }
  t.equal(socket.readyState, WebSocket.OPEN)
  await journey.clock.advance(60_000)
  t.ok(await closedWithin(journey, [closed]))
  t.equal((await closed)[0], 4401)
})

t.test('whoever is led to the signed-out page while signed in loses nothing: no browser data, no other window', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const page = await browser.open(`${journey.url}/_sallyport/signed-out?cause=signedOut`)
  t.equal(page.headers['clear-site-data'], undefined)
  t.notMatch(page.body, 'BroadcastChannel')
  t.equal((await browser.open(`${journey.url}/leads`)).status, 200, 'still signed in')
  const stranger = await journey.browser().open(`${journey.url}/_sallyport/signed-out`)
  t.equal(stranger.headers['clear-site-data'], '"cache", "storage"')
  t.match(stranger.body, 'BroadcastChannel')
})
