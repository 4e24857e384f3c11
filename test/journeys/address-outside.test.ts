import { connect } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { startJourney } from '../support/journey.ts'

t.test('an address outside is refused with a page that says so, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const outside = journey.browser('127.0.0.2')
  const page = await outside.open(`${journey.url}/leads`)
  t.equal(page.status, 403)
  t.match(page.headers['content-type'], 'text/html')
  t.match(page.body, /network may not use this service/)
  const own = await outside.open(`${journey.url}/_sallyport/sign-in`)
  t.equal(own.status, 403, 'not even the sign-in page')
  t.same(journey.crm.seen(), [])
  const refused = (await journey.trail()).filter(entry => entry.kind === 'request.denied')
  t.equal(refused.length, 2)
  for (const event of refused) t.match(event, { from: { address: '127.0.0.2' }, decision: { reason: 'clientIp.notAllowed' } })
})

t.test('a live session used from an address outside is refused, and the CRM saw nothing', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const before = journey.crm.seen().length
  const outside = journey.browser('127.0.0.2')
  const answer = await outside.fetch(`${journey.url}/api/patients`, { headers: { cookie: browser.cookies('crm.clinic.test') } })
  t.equal(answer.status, 403)
  t.equal(journey.crm.seen().length, before)
})

t.test('X-Forwarded-For from somebody who is no trusted proxy changes nothing', async t => {
  const journey = await startJourney(t)
  const answer = await journey.browser('127.0.0.2').fetch(`${journey.url}/api/patients`, { headers: { 'x-forwarded-for': '127.0.0.1' } })
  t.equal(answer.status, 403)
  t.same(journey.crm.seen(), [])
})

t.test('narrower lists per group and route are judged after sign-in', async t => {
  const journey = await startJourney(t, {
    configure (draft) {
      draft['clientIp'] = { allow: ['127.0.0.0/29'], restrict: [{ groups: ['clinic-nurses'], routes: ['* /patients/**'], allow: ['127.0.0.1'] }] }
    },
  })
  const near = journey.browser('127.0.0.1')
  await journey.signIn(near)
  t.equal((await near.open(`${journey.url}/patients`)).status, 200)
  const far = journey.browser('127.0.0.2')
  await journey.signIn(far, { path: '/leads' })
  t.equal((await far.open(`${journey.url}/leads`)).status, 200)
  const before = journey.crm.seen().length
  const refused = await far.open(`${journey.url}/patients`)
  t.equal(refused.status, 403)
  t.equal(journey.crm.seen().length, before)
})

t.test('refuse: drop closes the connection without an answer, on record', async t => {
  const journey = await startJourney(t, { configure (draft) { draft['clientIp'] = { allow: ['127.0.0.1'], refuse: 'drop' } } })
  const socket = connect({ host: '127.0.0.1', port: journey.port, localAddress: '127.0.0.2' })
  socket.on('error', () => undefined)
  await once(socket, 'close')
  const trail = await journey.trail()
  t.match(trail.find(entry => entry.kind === 'connection.refused'), { from: { address: '127.0.0.2' }, decision: { reason: 'connection.addressDropped' } })
})
