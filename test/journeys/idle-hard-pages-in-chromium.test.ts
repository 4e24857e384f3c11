// Pages that the idle script used to miss, or that kept the person: a service worker between, pages in <object>, routers that take every address for their own.
import t from 'tap'
import { html, isCovered, minute, openIdlePlace, patient, signedOut, type IdlePlace } from '../support/idle-place.ts'
import type { Answer } from '../support/upstream.ts'

const reports = (place: IdlePlace) => place.asked.filter(({ method, path, status }) => method === 'POST' && path === '/_sallyport/session' && status === 200)

const worker: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/javascript' }).end(`addEventListener('install', () => skipWaiting())
addEventListener('activate', event => event.waitUntil(clients.claim()))
addEventListener('fetch', event => event.respondWith(fetch(event.request)))`)
}

t.test('a service worker that asks the CRM for each page: pages have the script, downloads have not, and the end leads to sign-in', { timeout: 60_000 }, async t => {
  const report = html('<h1>Report</h1>')
  const page = html(`<h1>${patient}</h1><textarea id="text"></textarea><iframe src="/inner"></iframe><a download="report.html" href="/report">report</a><script>navigator.serviceWorker.register('/worker.js')</script>`)
  const place = await openIdlePlace(t, { '/': page, '/inner': html('<input>'), '/report': report, '/worker.js': worker }, { browserArgs: ['--ignore-certificate-errors'] })
  await place.open('/')
  await place.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await place.open('/')
  t.match(place.crm.received.filter(({ target }) => target === '/').at(-1)?.headers, { 'sec-fetch-dest': 'empty' }, 'the worker asked')
  for (const frame of place.page.frames()) t.equal(await frame.locator('script[data-idle]').count(), 1, frame.url())
  const [download] = await Promise.all([place.page.waitForEvent('download'), place.page.getByRole('link').click()])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  t.equal(Buffer.concat(chunks).toString(), report, 'a file is what the CRM sent')
  // What the worker asks is not among what the page asked: the trail knows.
  const reported = async () => (await place.journey.trail()).filter(({ kind, what }) => kind === 'request.admitted' && what?.method === 'POST' && what.path === '/_sallyport/session').length
  const before = await reported()
  await place.journey.clock.advance(minute)
  await place.context.clock.runFor(minute)
  await place.page.locator('#text').press('x')
  for (let tries = 0; tries < 100 && await reported() === before; tries += 1) await new Promise(resolve => { setTimeout(resolve, 20) })
  t.equal(await reported(), before + 1)
  await place.journey.clock.advance(16 * minute)
  await place.page.goto(`${place.journey.url}/`)
  t.equal(place.page.url().startsWith(place.journey.idp.signOnUrl), true, place.page.url())
})

t.test('pages in <object> and <embed> are pages: who writes there is at work', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html('<object data="/inner" type="text/html" width="400" height="200"></object><embed src="/inner" type="text/html" width="400" height="200">'), '/inner': html('<textarea id="text"></textarea>') })
  await place.open('/')
  const inner = place.page.frames().filter(frame => frame.url().endsWith('/inner'))
  t.equal(inner.length, 2)
  for (const frame of inner) {
    await place.advance(minute)
    const before = reports(place).length
    await frame.locator('#text').press('x')
    await place.settle()
    t.equal(reports(place).length, before + 1)
  }
})

t.test('a router that takes every address for its own does not keep the page', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, {
    '/': html(`<h1>${patient}</h1><script>
navigation.addEventListener('navigate', event => { if (event.canIntercept) event.intercept({ async handler () { document.title = 'routed' } }) })
navigation.onnavigate = event => event.preventDefault()</script>`),
  })
  await place.open('/')
  await place.advance(16 * minute)
  // In small steps: a page that is asked for while the clock jumps over the deadlines of store and trail is answered 503.
  await place.advance(3000, 50)
  await place.page.getByRole('heading', { name: 'You were signed out' }).waitFor()
  t.equal(place.page.url(), signedOut(place.journey))
})

t.test('covered by what another window said, without a network: it asks until it is told, and uncovers by itself', { timeout: 60_000 }, async t => {
  const place = await openIdlePlace(t, { '/': html(`<h1>${patient}</h1>`) })
  await place.open('/')
  const other = await place.context.newPage()
  await place.open('/', other)
  await place.context.setOffline(true)
  await other.evaluate(() => { new BroadcastChannel('_sallyport').postMessage('revoked') })
  await place.advance(10_000, 1000)
  t.ok(await isCovered(place.page))
  await place.context.setOffline(false)
  await place.advance(10_000, 1000)
  t.notOk(await isCovered(place.page), 'nobody had to do anything')
  await place.context.close()
})
