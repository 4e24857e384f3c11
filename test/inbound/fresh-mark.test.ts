// The mark that the next sign-in must be a fresh one: set when a session ends, taken away by a sign-in, never seen or set by the CRM.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { clearingFreshMark, freshMarkName, hasFreshMark, settingFreshMark } from '../../src/inbound/fresh-mark.ts'
import { startJourney } from '../support/journey.ts'

t.test('read from a Cookie header: the whole name with the whole value, wherever it stands', t => {
  for (const header of [`${freshMarkName}=1`, `a=b; ${freshMarkName}=1`, `${freshMarkName}=1; a=b`, `a=b;${freshMarkName}=1;c=d`, ` ${freshMarkName}=1 `]) t.ok(hasFreshMark(header), header)
  for (const header of [undefined, '', 'a=b', freshMarkName, `${freshMarkName}=`, `${freshMarkName}=11`, `${freshMarkName}=0`, `x${freshMarkName}=1`, `a=${freshMarkName}=1`, `${freshMarkName.toLowerCase()}x=1`]) {
    t.notOk(hasFreshMark(header), String(header))
  }
  t.end()
})

t.test('the cookie keeps the rules of __Host-, in both directions', t => {
  for (const line of [settingFreshMark, clearingFreshMark]) {
    t.match(line, /^__Host-sallyport-again=/)
    for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']) t.ok(line.split('; ').includes(attribute), attribute)
    t.notMatch(line, /domain=/i)
  }
  t.match(clearingFreshMark, 'Max-Age=0')
  t.ok(Number(/Max-Age=(\d+)/.exec(settingFreshMark)?.[1]) >= 12 * 3600, 'it outlasts a working day')
  t.end()
})

const markOf = (browser: { cookies(host: string): string }) => hasFreshMark(browser.cookies('crm.clinic.test'))

t.test('an idle end sets it, the next sign-in is asked of the person, and takes it away', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  t.notOk(markOf(browser))
  await journey.clock.advance(16 * 60_000)
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401)
  t.ok(markOf(browser))
  const asked = await browser.ask(`${journey.url}/leads`, { headers: { accept: 'text/html' } })
  const toIdp = await browser.ask(new URL(asked.headers.location ?? '', journey.url).href)
  const request = readAuthnRequest(toIdp.headers.location ?? '')
  t.match(request, /ForceAuthn="true"/)
  t.equal((await journey.signIn(browser, { path: '/leads' })).status, 200)
  t.notOk(markOf(browser))
})

t.test('without it the identity provider is not asked to ask', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const asked = await browser.ask(`${journey.url}/leads`, { headers: { accept: 'text/html' } })
  const toIdp = await browser.ask(new URL(asked.headers.location ?? '', journey.url).href)
  t.notMatch(readAuthnRequest(toIdp.headers.location ?? ''), /ForceAuthn="true"/)
  t.equal(toIdp.status, 303)
})

t.test('signing out sets it', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  await browser.submit(await browser.open(`${journey.url}/_sallyport/sign-out`))
  t.ok(markOf(browser))
})

t.test('the CRM neither sees it nor takes it away', async t => {
  let cookies: string | undefined
  const crm = createServer((request, response) => {
    cookies = request.headers.cookie
    response.setHeader('set-cookie', [`${freshMarkName}=; Max-Age=0; Path=/; Secure`, `${freshMarkName.toUpperCase()}=2; Path=/; Secure`, 'own=1; Path=/'])
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(crm, 'listening')
  t.teardown(() => { crm.close(); crm.closeAllConnections() })
  const journey = await startJourney(t, { configure (draft) { draft['upstream'] = { url: `http://127.0.0.1:${(crm.address() as { port: number }).port}` } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  const cookie = `${browser.cookies('crm.clinic.test')}; ${freshMarkName}=1; theirs=2`
  const answer = await browser.fetch(`${journey.url}/x`, { headers: { cookie } })
  t.equal(answer.status, 200)
  t.match(cookies, /(^|; )theirs=2/)
  t.notMatch(cookies, /sallyport/i)
  t.same(answer.headers['set-cookie']?.filter(line => /sallyport/i.test(line)), [])
  t.ok(answer.headers['set-cookie']?.some(line => line.startsWith('own=1')))
})

function readAuthnRequest (location: string): string {
  return inflateRawSync(Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
}
