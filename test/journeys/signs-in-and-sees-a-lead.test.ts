import t from 'tap'
import { frontDesk, nurse, startJourney, stranger } from '../support/journey.ts'

t.test('a nurse signs in and lands on the page she asked for; everything is on record', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const page = await journey.signIn(browser, { path: '/leads' })
  t.equal(page.status, 200)
  t.equal(page.url, `${journey.url}/leads`)
  t.match(page.body, /Leads/)
  const seen = journey.crm.seen().at(-1)
  t.match(seen, { method: 'GET', url: '/leads' })
  t.match(seen?.headers, { 'x-forwarded-user': 'nurse-7', 'x-forwarded-email': 'nurse-7@clinic.example', 'x-forwarded-groups': 'clinic-nurses', 'x-forwarded-proto': 'https' })
  t.notMatch(seen?.headers.cookie ?? '', /sallyport/)
  const trail = await journey.trail()
  const kinds = trail.map(entry => entry.kind)
  t.ok(kinds.includes('session.began'))
  const admitted = trail.find(entry => entry.kind === 'request.admitted' && entry.what?.path === '/leads')
  t.match(admitted, { who: { id: 'nurse-7', name: 'Nell Nurse', roles: ['nurse'] }, from: { address: '127.0.0.1' }, what: { kind: 'read', method: 'GET', route: '* /**' }, decision: { rule: 'access.roles.nurse.allow[0]' } })
  const ending = trail.filter(entry => entry.id === admitted?.id && entry.kind !== 'request.admitted')
  t.equal(ending.length, 1)
  t.match(ending[0], { kind: 'request.completed', outcome: { status: 200, bytesOut: Buffer.byteLength(page.body) } })
})

t.test('without a session: a page goes to sign in, a script gets problem JSON, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const page = await browser.ask(`${journey.url}/leads`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } })
  t.equal(page.status, 303)
  t.match(page.headers.location, /^\/_sallyport\/sign-in\?attempt=[\w-]+$/)
  t.notMatch(page.headers.location, 'leads')
  const call = await browser.fetch(`${journey.url}/api/leads`)
  t.equal(call.status, 401)
  t.match(call.headers['content-type'], 'application/problem+json')
  t.match(JSON.parse(call.body), { status: 401, code: 'session.missing' })
  t.same(journey.crm.seen(), [])
  const refused = (await journey.trail()).filter(entry => entry.kind === 'request.denied')
  t.equal(refused.length, 2)
  for (const event of refused) t.equal(event.decision?.reason, 'session.missing')
})

t.test('somebody without a role is told so, gets no session, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  const page = await journey.signIn(browser, { person: stranger })
  t.equal(page.status, 403)
  t.match(page.body, /role/)
  t.equal(browser.cookies('crm.clinic.test'), '__Host-sallyport-again=1', 'only the mark that the IdP must ask anew')
  t.same(journey.crm.seen(), [])
  const refused = (await journey.trail()).find(entry => entry.kind === 'session.refused')
  t.match(refused, { who: { id: 'guest-1' }, decision: { reason: 'access.roleMissing' } })
})

t.test('the front desk may not open recordings, however the path is spelled, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser, { person: frontDesk })
  const before = journey.crm.seen().length
  for (const path of ['/recordings', '/recordings/', '/RECORDINGS', '/%72ecordings', '/recordings/1', '/recordings?x=1']) {
    const answer = await browser.ask(`${journey.url}${path}`)
    t.equal(answer.status, 403, path)
  }
  t.equal(journey.crm.seen().length, before)
  const refused = (await journey.trail()).filter(entry => entry.kind === 'request.denied')
  for (const event of refused.slice(-6)) t.match(event, { who: { id: 'desk-2', roles: ['desk'] }, decision: { rule: 'access.roles.desk.deny[0]', reason: 'access.notAllowed' } })
})

t.test('a browser that already has a session gets a new one at sign-in, and the old cookie is dead', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser, { person: nurse })
  const old = browser.cookies('crm.clinic.test')
  await browser.open(`${journey.url}/_sallyport/sign-in`).then(page => browser.submit(page))
  t.not(browser.cookies('crm.clinic.test'), old)
  const thief = journey.browser()
  const answer = await thief.fetch(`${journey.url}/api/leads`, { headers: { cookie: old } })
  t.equal(answer.status, 401)
})
