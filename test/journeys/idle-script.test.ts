// The idle script as it travels: into pages and nothing else; asking moves nothing, reporting does, and only for whoever is signed in, from our own pages.
import t from 'tap'
import type { Browser } from '../support/browser.ts'
import { startJourney, type Journey } from '../support/journey.ts'
import { startUpstream } from '../support/upstream.ts'

const minute = 60_000
const tag = /<script src="(\/_sallyport\/idle-[0-9a-f]{16}\.js)" async="" data-left="(\d+)" data-idle="900000" data-url="\/_sallyport\/session" data-out="\/_sallyport\/signed-out\?cause=" data-who="[\w-]{16}"><\/script>/

const ask = (journey: Journey, browser: Browser, method = 'GET', headers: Record<string, string> = {}) => browser.ask(`${journey.url}/_sallyport/session`, { method, headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', ...headers } })
const leftOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { leftMs: number }).leftMs

t.test('a page has it, with the whole time left; what scripts fetch has not, and its bytes are the CRM\'s', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const page = await journey.signIn(browser, { path: '/patients' })
  const [, path = '', left] = tag.exec(page.body) ?? []
  t.equal(left, '900000', page.body.slice(0, 500))
  t.equal(page.body.split('<script src="/_sallyport').length, 2, 'once')
  const fetched = await browser.fetch(`${journey.url}/patients`)
  t.notMatch(fetched.body, '_sallyport')
  t.equal(page.body.replace(tag, ''), fetched.body, 'nothing else is changed')
  t.notMatch((await browser.ask(`${journey.url}/patients`, { headers: { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' } })).body, '_sallyport')
  const script = await browser.fetch(`${journey.url}${path}`)
  t.equal(script.status, 200)
  t.equal(script.headers['content-type'], 'text/javascript; charset=utf-8')
  t.match(script.headers['cache-control'], 'immutable')
  t.ok(Buffer.byteLength(script.body) < 6 * 1024, `${Buffer.byteLength(script.body)} bytes`)
})

t.test('asking moves nothing, reporting does; the end is the same for both', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  await journey.clock.advance(10 * minute)
  const asked = await ask(journey, browser)
  t.equal(asked.status, 200)
  t.equal(leftOf(asked), 5 * minute)
  t.equal(asked.headers['cache-control'], 'no-store')
  await journey.clock.advance(minute)
  t.equal(leftOf(await ask(journey, browser)), 4 * minute)
  t.equal(leftOf(await ask(journey, browser, 'POST', { origin: journey.url })), 15 * minute)
  await journey.clock.advance(14 * minute)
  t.equal(leftOf(await ask(journey, browser)), minute)
  await journey.clock.advance(minute)
  t.match(await ask(journey, browser), { status: 401, body: /session\.idle/ })
  t.match(await ask(journey, browser, 'POST'), { status: 401 })
  const trail = await journey.trail()
  const reports = trail.filter(event => event.kind === 'request.admitted' && event.what?.path === '/_sallyport/session')
  t.ok(reports.length >= 4 && reports.slice(0, 4).every(event => event.who?.id === 'nurse-7' && event.what?.kind === 'gateway'), 'on record, with the person')
  t.notOk(journey.crm.seen().some(seen => JSON.stringify(seen).includes('_sallyport')), 'the CRM saw none of it')
})

t.test('near the absolute end no report makes it longer', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  for (let minutes = 0; minutes < 12 * 60 - 5; minutes += 5) {
    await journey.clock.advance(5 * minute)
    if (minutes % 10 === 0) await ask(journey, browser, 'POST')
  }
  t.equal(leftOf(await ask(journey, browser, 'POST')), 5 * minute)
})

t.test('another site cannot keep somebody signed in, and nobody without a session is told anything', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  await journey.clock.advance(10 * minute)
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    t.match(await ask(journey, browser, 'POST', headers), { status: 403, body: /inbound\.foreignReport/ })
  }
  t.equal(leftOf(await ask(journey, browser)), 5 * minute)
  t.match(await ask(journey, journey.browser()), { status: 401, body: /session\.missing/ })
  t.match(await ask(journey, browser, 'DELETE'), { status: 404 })
})

t.test('switched off, pages are the CRM\'s byte for byte', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['session'] = { ...draft['session'], idleScript: false } } })
  const browser = journey.browser()
  const page = await journey.signIn(browser, { path: '/patients' })
  t.notMatch(page.body, '_sallyport')
  t.equal((await ask(journey, browser)).status, 404)
})

t.test('strangers behind the same address cannot take the script from people who are signed in', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const page = await journey.signIn(browser, { path: '/patients' })
  const path = tag.exec(page.body)?.[1] ?? ''
  const stranger = journey.browser()
  t.equal((await stranger.ask(`${journey.url}${path}`)).status, 200)
  const { mayAskOwnPage } = journey.gateway.rooms
  for (let times = 0; times < 600; times += 1) mayAskOwnPage('127.0.0.1')
  t.equal((await stranger.ask(`${journey.url}${path}`)).status, 429, 'a stranger may ask so often and no more')
  t.equal((await browser.fetch(`${journey.url}${path}`)).status, 200)
  t.equal((await ask(journey, browser)).status, 200)
})

t.test('a web view of Android, which names its app with each request, gets pages with the script', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const open = (headers: Record<string, string>) => browser.ask(`${journey.url}/patients`, { headers: { accept: 'text/html', 'x-requested-with': 'org.example.kiosk', ...headers } })
  t.match((await open({})).body, tag)
  t.match((await open({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).body, tag)
  t.notMatch((await open({ 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })).body, tag)
})

t.test('where the script cannot do its work the gateway says so: counted, on record with each page, once in the log', async t => {
  const policies: Record<string, Record<string, string>> = {
    '/mail': { 'content-security-policy': 'sandbox allow-forms' },
    '/boxed': { 'content-security-policy': 'sandbox allow-scripts' },
    '/checked': { 'integrity-policy': 'blocked-destinations=(script), endpoints=(main)' },
    '/old': { 'content-encoding': 'deflate' },
    '/plain': { 'content-security-policy': "script-src 'strict-dynamic'" },
  }
  const crm = await startUpstream()
  t.teardown(() => crm.close())
  crm.answer((request, response) => { response.writeHead(200, { 'content-type': 'text/html', ...policies[request.url ?? ''] }).end('<!doctype html><p>page</p>') })
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: crm.url } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  const open = (path: string) => browser.ask(`${journey.url}${path}`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' } })
  for (const path of ['/mail', '/mail', '/boxed', '/checked', '/old', '/plain']) await open(path)
  t.notMatch((await open('/mail')).body, tag, 'the policy of the CRM stands')
  const metrics = await (await fetch(`${journey.healthUrl}/metrics`)).text()
  for (const line of ['by="sandbox"} 3', 'by="sandboxOrigin"} 1', 'by="integrity"} 1', 'by="coding"} 1']) t.match(metrics, `sallyport_idle_script_hindered_total{${line}`)
  const told = (await journey.trail()).filter(({ kind, facts }) => kind === 'request.completed' && facts?.['idleScript'] !== undefined)
  t.same(told.map(({ facts }) => facts?.['idleScript']), ['sandbox', 'sandbox', 'sandboxOrigin', 'integrity', 'coding', 'sandbox'])
  const lines = journey.log.filter(line => line.includes('idle.scriptHindered'))
  t.equal(lines.length, 4)
  t.notMatch(lines.join(''), '/mail', 'no address')
})
