// What somebody sends after their session ended: kept for them alone, in their browser, for ten minutes, for one use; sent as a request like any other.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { barUnsent } from '../../src/inbound/unsent/unsent.ts'
import type { Browser } from '../support/browser.ts'
import { frontDesk, nurse, startJourney, type Journey, type JourneyOptions } from '../support/journey.ts'
import { startRedis } from '../support/redis.ts'

const minute = 60_000
const secret = 'Zyxwina Invented'
const form = `name=${encodeURIComponent(secret)}&note=a&note=b&_token=t-1`
const formHeaders = {
  'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1', 'sec-fetch-site': 'same-origin', accept: 'text/html',
}

interface Got { readonly method: string, readonly url: string, readonly headers: IncomingHttpHeaders, readonly body: string }

/** A CRM that says what it got. */
async function startEcho (t: Test) {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      got.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') })
      response.writeHead(method === 'GET' ? 200 : 201, { 'content-type': 'text/html' }).end(`<!doctype html><title>CRM</title><p>${method} ${url}</p>`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, changes: () => got.filter(({ method }) => method !== 'GET') }
}

type Configure = NonNullable<JourneyOptions['configure']>

async function start (t: Test, configure: Configure = () => undefined) {
  const echo = await startEcho(t)
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: echo.url }; configure(draft) } })
  const browser = journey.browser()
  await journey.signIn(browser)
  return { journey, browser, echo }
}

interface Post { readonly path?: string, readonly method?: string, readonly body?: string | Buffer, readonly headers?: Record<string, string> }

const post = (journey: Journey, browser: Browser, more: Post = {}) =>
  browser.ask(`${journey.url}${more.path ?? '/patients/7/notes?tab=2'}`, { method: more.method ?? 'POST', body: more.body ?? form, headers: { ...formHeaders, origin: journey.url, ...more.headers } })

const page = (journey: Journey, browser: Browser) => browser.open(`${journey.url}/_sallyport/unsent`)
const idOf = ({ body }: { readonly body: string }) => /name="id" value="([\w-]{43})"/.exec(body)?.[1] ?? ''

/** Presses a button of the page; the redirect is not followed. */
const press = (journey: Journey, browser: Browser, id: string, { what = 'send', origin = journey.url }: { readonly what?: 'send' | 'drop', readonly origin?: string } = {}) =>
  browser.ask(`${journey.url}/_sallyport/unsent`, { method: 'POST', body: `id=${id}&do=${what}`, headers: { ...formHeaders, origin, referer: `${journey.url}/_sallyport/unsent` } })

/** What a browser does with a 307. */
const repeat = (journey: Journey, browser: Browser, id: string, path: string) =>
  browser.ask(`${journey.url}${path}`, { method: 'POST', body: `id=${id}&do=send`, headers: { ...formHeaders, origin: journey.url, referer: `${journey.url}/_sallyport/unsent` } })

async function endIdle (journey: Journey): Promise<void> { await journey.clock.advance(15 * minute) }

for (const kind of ['embedded', 'redis'] as const) {
  t.test(`${kind}: a form is kept, offered to its person after the sign-in, and sent once as it was`, async t => {
    const redis = kind === 'redis' ? await startRedis() : undefined
    if (redis !== undefined) t.teardown(() => redis.stop())
    const { journey, browser, echo } = await start(t, draft => {
      if (redis !== undefined) draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } }
    })
    await endIdle(journey)
    // A poll of the page finds it over first, and the browser loses its session cookie.
    t.equal((await browser.fetch(`${journey.url}/api/notifications`)).status, 401)
    t.notOk(browser.jar.has('crm.clinic.test __Host-sallyport'))
    const refused = await post(journey, browser, { headers: { 'x-csrf-token': 'c-1' } })
    t.match(refused, { status: 401, body: /kept for ten minutes[\s\S]*href="\/_sallyport\/sign-in"/ })
    t.same(echo.changes(), [], 'the CRM has nothing')
    const offered = await journey.signIn(browser)
    t.equal(offered.url, `${journey.url}/_sallyport/unsent`)
    t.match(offered.body, 'POST /patients/7/notes')
    t.match(offered.body, 'name, note (2 times), and _token')
    t.notMatch(offered.body, /Zyxwina|t-1|tab=2/, 'no values')
    const id = idOf(offered)
    const sent = await press(journey, browser, id)
    t.match(sent, { status: 307, headers: { location: '/patients/7/notes?tab=2' } })
    t.same(echo.changes(), [], 'not before the browser comes with it')
    const answer = await repeat(journey, browser, id, '/patients/7/notes?tab=2')
    t.match(answer, { status: 201, body: 'POST /patients/7/notes' })
    const [got, ...more] = echo.changes()
    t.same(more, [])
    t.match(got, { method: 'POST', url: '/patients/7/notes?tab=2', body: form, headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-csrf-token': 'c-1', 'content-length': String(form.length) } })
    t.notMatch(String(got?.headers['cookie']), 'sallyport')
    t.match(got?.headers['x-forwarded-for'], '127.0.0.1')
    const trail = await journey.trail()
    const again = trail.filter(event => event.facts?.['keptFrom'] !== undefined)
    t.match(again, [{ kind: 'request.admitted', who: { id: nurse.id }, what: { method: 'POST', path: '/patients/7/notes' } }])
    t.ok(trail.some(event => event.kind === 'request.denied' && event.id === again[0]?.facts?.['keptFrom']), 'it names the refused one')
    // Reloaded, pressed again, asked again: nothing.
    t.match(await repeat(journey, browser, id, '/patients/7/notes?tab=2'), { status: 410 })
    t.match(await press(journey, browser, id), { status: 410 })
    t.match(await page(journey, browser), { status: 200, body: 'Nothing is waiting' })
    t.equal(echo.changes().length, 1)
  })
}

t.test('a fetch is told how to go on; its method and content come as they were', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  const body = JSON.stringify({ diagnosis: secret, tags: ['a'] })
  const headers = { 'content-type': 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-user': '', accept: 'application/json' }
  const refused = await post(journey, browser, { path: '/api/patients/7', method: 'PUT', body, headers })
  t.equal(refused.status, 401)
  t.match(JSON.parse(refused.body), { code: 'session.idle', kept: true, signIn: '/_sallyport/sign-in', confirm: '/_sallyport/unsent', detail: /kept for ten minutes/ })
  const offered = await journey.signIn(browser, { path: '/patients' })
  t.match(offered.body, 'PUT /api/patients/7')
  t.match(offered.body, 'diagnosis and tags')
  t.notMatch(offered.body, 'Zyxwina')
  await press(journey, browser, idOf(offered))
  t.equal((await repeat(journey, browser, idOf(offered), '/api/patients/7')).status, 201)
  t.match(echo.changes(), [{ method: 'PUT', url: '/api/patients/7', body, headers: { 'content-type': 'application/json' } }])
})

t.test('a form with a file comes byte for byte', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
  const body = Buffer.concat([Buffer.from('--b1\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--b1\r\nContent-Disposition: form-data; name="scan"; filename="zyxwina.png"\r\nContent-Type: image/png\r\n\r\n'), bytes, Buffer.from('\r\n--b1--\r\n')])
  t.equal((await post(journey, browser, { path: '/files', body, headers: { 'content-type': 'multipart/form-data; boundary=b1' } })).status, 401)
  const offered = await journey.signIn(browser)
  t.match(offered.body, /title and scan<\/dd><dt>Files<\/dt><dd>1<\/dd>/)
  t.notMatch(offered.body, 'zyxwina.png')
  await press(journey, browser, idOf(offered))
  await repeat(journey, browser, idOf(offered), '/files')
  t.ok(Buffer.from(echo.changes()[0]?.body ?? '', 'latin1').equals(body))
})

t.test('somebody else who signs in in that browser does not get it, and then it is gone for its person too', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  await post(journey, browser)
  const cookies = browser.cookies('crm.clinic.test')
  t.match(cookies, '__Host-sallyport-unsent=')
  const landed = await journey.signIn(browser, { person: frontDesk })
  t.notMatch(landed.url, 'unsent')
  t.match(await page(journey, browser), { body: 'Nothing is waiting' })
  await browser.ask(`${journey.url}/_sallyport/sign-out`, { method: 'POST', headers: { origin: journey.url } })
  for (const pair of cookies.split('; ')) browser.jar.set(`crm.clinic.test ${pair.slice(0, pair.indexOf('='))}`, pair.slice(pair.indexOf('=') + 1))
  t.notMatch((await journey.signIn(browser)).url, 'unsent')
  t.match(await page(journey, browser), { body: 'Nothing is waiting' })
  t.same(echo.changes(), [])
})

t.test('an id and the cookie are worth nothing to another person, and the person gets nothing in another browser', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  await post(journey, browser)
  const mark = browser.jar.get('crm.clinic.test __Host-sallyport-unsent') ?? ''
  const other = journey.browser()
  await journey.signIn(other, { person: frontDesk })
  other.jar.set('crm.clinic.test __Host-sallyport-unsent', mark)
  t.match(await page(journey, other), { body: 'Nothing is waiting' })
  const id = idOf(await journey.signIn(browser))
  t.not(id, '')
  t.match(await press(journey, other, id), { status: 410 })
  other.jar.set('crm.clinic.test __Host-sallyport-send', id)
  t.match(await repeat(journey, other, id, '/patients/7/notes?tab=2'), { status: 410 })
  const elsewhere = journey.browser()
  await journey.signIn(elsewhere)
  t.match(await press(journey, elsewhere, id), { status: 410 })
  // A mark that was made up from what stands in the trail opens nothing.
  elsewhere.jar.set('crm.clinic.test __Host-sallyport-unsent', `${mark.split('.')[0] ?? ''}.${'A'.repeat(43)}`)
  t.match(await page(journey, elsewhere), { body: 'Nothing is waiting' })
  t.same(echo.changes(), [])
})

t.test('it is not sent without the button, from another site, to another route, or by another session of the person', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  await post(journey, browser)
  const id = idOf(await journey.signIn(browser))
  for (const origin of ['https://evil.example', 'null', '']) t.match(await press(journey, browser, id, { origin }), { status: 403 }, origin)
  browser.jar.set('crm.clinic.test __Host-sallyport-send', id)
  t.match(await repeat(journey, browser, id, '/patients/7/notes?tab=2'), { status: 410 }, 'nobody pressed')
  t.equal((await press(journey, browser, id)).status, 307)
  t.match(await repeat(journey, browser, id, '/patients/8/notes?tab=2'), { status: 410 }, 'another route')
  t.equal((await press(journey, browser, id)).status, 307)
  const send = browser.jar.get('crm.clinic.test __Host-sallyport-send') ?? ''
  const second = journey.browser()
  await journey.signIn(second)
  for (const name of ['send', 'unsent']) second.jar.set(`crm.clinic.test __Host-sallyport-${name}`, name === 'send' ? send : browser.jar.get('crm.clinic.test __Host-sallyport-unsent') ?? '')
  t.match(await repeat(journey, second, id, '/patients/7/notes?tab=2'), { status: 410 }, 'another session')
  t.same(echo.changes(), [])
  t.match(await press(journey, browser, id, { what: 'drop' }), { status: 303 })
  t.match(await page(journey, browser), { body: 'Nothing is waiting' })
})

t.test('ten minutes: nothing is kept later than that after the end, and nothing is there later than that after it was kept', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  await journey.clock.advance(10 * minute - 1000)
  await post(journey, browser)
  const late = idOf(await journey.signIn(browser))
  t.not(late, '', 'kept at the last moment')
  await journey.clock.advance(9 * minute)
  t.match(await page(journey, browser), { body: late })
  await journey.clock.advance(minute)
  t.match(await page(journey, browser), { body: 'Nothing is waiting' })
  t.match(await press(journey, browser, late), { status: 410 })
  await endIdle(journey)
  await journey.clock.advance(10 * minute)
  await post(journey, browser)
  t.notMatch((await journey.signIn(browser)).url, 'unsent')
  t.same(echo.changes(), [])
})

t.test('too large, an excepted route, too many: not kept, and a fetch is told so', async t => {
  const { journey, browser } = await start(t, draft => { draft['unsent'] = { maxSize: '1KiB', except: ['POST /exports/**'] } })
  await endIdle(journey)
  const fetch = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' }
  t.match(await post(journey, browser, { body: 'x'.repeat(1025), headers: fetch }), { status: 401, body: /"kept":false/ })
  t.match(await post(journey, browser, { path: '/exports/1', headers: fetch }), { status: 401, body: /"kept":false/ })
  for (const status of [true, true, true, true, false, false]) t.match(await post(journey, browser, { headers: fetch }), { body: `"kept":${status}` })
  t.equal((await journey.signIn(browser)).body.split('Send it now').length, 5)
})

t.test('one person who sends and sends takes nobody else\'s room, nor by deleting and sending again', { timeout: 110_000 }, async t => {
  const { journey, browser } = await start(t)
  const desk = journey.browser()
  await journey.signIn(desk, { person: frontDesk })
  await endIdle(journey)
  const fetch = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' }
  const big = 'x'.repeat(512 * 1024)
  const dead = new Map(browser.jar)
  for (let times = 0; times < 4; times += 1) t.match(await post(journey, browser, { body: big, headers: fetch }), { body: '"kept":true' })
  // 64 MiB are 128 of these.
  await Promise.all(Array.from({ length: 70 }, () => post(journey, browser, { body: big, headers: fetch })))
  let offered = await journey.signIn(browser)
  const again = journey.browser()
  for (const [name, value] of dead) again.jar.set(name, value)
  for (let round = 0; round < 16; round += 1) {
    for (const [, id] of offered.body.matchAll(/name="id" value="([\w-]{43})"/g)) await press(journey, browser, id as string, { what: 'drop' })
    for (let times = 0; times < 4; times += 1) t.match(await post(journey, again, { body: big, headers: fetch }), { body: '"kept":true' }, `round ${round}`)
    offered = await page(journey, browser)
  }
  t.match(await post(journey, desk, { body: big, headers: fetch }), { body: '"kept":true' }, 'somebody else has room')
})

t.test('a form of a page that names no referrer is kept too; one that a sandbox sends is not', async t => {
  const { journey, browser } = await start(t)
  await endIdle(journey)
  t.notMatch(await post(journey, browser, { headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } }), { body: /kept it for you/ })
  t.notMatch(await post(journey, browser, { headers: { origin: 'null', 'sec-fetch-site': '' } }), { body: /kept it for you/ })
  const refused = await post(journey, browser, { headers: { origin: 'null' } })
  t.match(refused, { status: 401, body: 'Not sent: please sign in again' })
  t.not(idOf(await journey.signIn(browser)), '')
})

t.test('what other windows send while a kept form is on its way is theirs, and reaches the CRM as it is', async t => {
  const { journey, browser, echo } = await start(t)
  await endIdle(journey)
  await post(journey, browser)
  const id = idOf(await journey.signIn(browser))
  t.equal((await press(journey, browser, id)).status, 307)
  const fetch = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' }
  const send = browser.jar.get('crm.clinic.test __Host-sallyport-send') ?? ''
  for (const [path, headers] of [['/autosave', fetch], ['/patients/9/notes', { referer: `${journey.url}/patients/9` }], ['/patients/7/notes?tab=2', fetch]] as const) {
    t.match(await post(journey, browser, { path, body: 'note=mine', headers }), { status: 201 }, path)
    t.equal(browser.jar.get('crm.clinic.test __Host-sallyport-send'), send, 'what is on its way stays so')
  }
  t.match(echo.changes().map(({ url, body }) => [url, body]), [['/autosave', 'note=mine'], ['/patients/9/notes', 'note=mine'], ['/patients/7/notes?tab=2', 'note=mine']])
  t.match(await repeat(journey, browser, id, '/patients/7/notes?tab=2'), { status: 201 })
  t.equal(echo.changes().at(-1)?.body, form)
})

t.test('of whoever signed out, was signed out by an administrator, or is a stranger, nothing is read', async t => {
  const { journey, browser } = await start(t)
  const fetch = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'application/json' }
  const jar = new Map(browser.jar)
  const restore = () => { for (const [name, value] of jar) browser.jar.set(name, value) }
  await journey.gateway.rooms.session.end({ by: 'person', id: nurse.id }, 'revoked')
  t.notMatch((await post(journey, browser, { headers: fetch })).body, '"kept":true')
  restore()
  await endIdle(journey)
  t.notMatch((await post(journey, browser, { headers: fetch })).body, '"kept":true', 'time does not make it another end')
  t.notMatch((await post(journey, journey.browser(), { headers: fetch })).body, '"kept"')
  const other = journey.browser()
  await journey.signIn(other)
  await endIdle(journey)
  t.match((await post(journey, other, { headers: fetch })).body, '"kept":true')
  t.notMatch((await post(journey, other, { headers: { ...fetch, origin: 'https://evil.example' } })).body, '"kept"', 'another site')
  await journey.clock.advance(1000)
  await barUnsent(journey.gateway.rooms.session.oneTime, nurse.id, journey.clock.now())
  t.notMatch((await post(journey, other, { headers: fetch })).body, '"kept":true', 'revoked after the end')
  t.notMatch((await journey.signIn(other)).url, 'unsent', 'and what was kept before is offered no more')
})

t.test('the rules of the moment decide: somebody who may not any more is refused, and the CRM gets nothing', async t => {
  const { journey, browser, echo } = await start(t, draft => { draft['access'] = { roles: { desk: { groups: ['clinic-desk', 'visitors'], allow: ['* /**'], deny: ['POST /patients/*/notes'] }, nurse: { groups: ['clinic-nurses'], allow: ['* /**'] } } } })
  await endIdle(journey)
  await post(journey, browser)
  const moved = { ...nurse, groups: ['clinic-desk'] }
  const offered = await journey.signIn(browser, { person: moved })
  await press(journey, browser, idOf(offered))
  t.equal((await repeat(journey, browser, idOf(offered), '/patients/7/notes?tab=2')).status, 403)
  t.same(echo.changes(), [])
  t.ok((await journey.trail()).some(event => event.kind === 'request.denied' && event.decision?.reason?.startsWith('access.') === true))
})

t.test('switched off, nothing is kept and nothing is said of it', async t => {
  const { journey, browser } = await start(t, draft => { draft['unsent'] = { enabled: false } })
  await endIdle(journey)
  t.equal((await post(journey, browser)).status, 303)
  t.notOk(browser.jar.has('crm.clinic.test __Host-sallyport-unsent'))
  t.notMatch((await journey.signIn(browser)).url, 'unsent')
})
