import t from 'tap'
import { frontDesk, startMaskedClinic } from '../support/masking.ts'

const patient = '{"id":42,"ssn":"900-12-3456","phone":"555-0100","diagnosis":"F32.1"}'
const report = { mode: 'report', roles: ['desk'], records: ['patient'], fields: ['**.phone'], action: 'hide' }

t.test('a mask with mode: report changes nothing, and the trail says what it would have done', async t => {
  const clinic = await startMaskedClinic(t, { masking: { rules: [report] } })
  const desk = await clinic.browser()
  clinic.answers(patient, { headers: { etag: '"v1"' } })
  const get = (path: string) => desk.fetch(`${clinic.journey.url}${path}`, { headers: { 'if-none-match': '"v0"' } })
  const answer = await get('/patients/42')
  t.equal(answer.body, patient)
  t.equal(answer.headers.etag, '"v1"')
  t.equal(clinic.asked().at(-1)?.headers['if-none-match'], '"v0"')
  t.same((await clinic.last('request.completed'))?.facts, { wouldMask: '**.phone hide 1' })
  t.notOk((await clinic.last('request.admitted'))?.facts)

  t.equal((await get('/patients?sort=phone')).status, 200)
  t.same((await clinic.last('request.admitted'))?.facts, { wouldRefuse: 'masking.search' })
  clinic.answers('phone 555-0100', { type: 'text/plain' })
  t.equal((await get('/patients/42')).body, 'phone 555-0100')
  t.same((await clinic.last('request.completed'))?.facts, { wouldRefuse: 'masking.unreadable' })
  const put = await desk.fetch(`${clinic.journey.url}/patients/42`, { method: 'PUT', body: 'x'.repeat(700_000), headers: { 'content-type': 'text/plain', origin: clinic.journey.url } })
  t.equal(put.status, 200, 'no content is read for a trial')
})

t.test('beside masks that are enforced, those are enforced and the others are told', async t => {
  const clinic = await startMaskedClinic(t, { masking: { rules: [report, { roles: ['desk'], records: ['patient'], fields: ['**.ssn'], action: 'hide' }] } })
  const desk = await clinic.browser()
  clinic.answers(patient)
  t.equal((await desk.fetch(`${clinic.journey.url}/patients/42`)).body, '{"id":42,"phone":"555-0100","diagnosis":"F32.1"}')
  t.match(await clinic.last('request.admitted'), { facts: { masks: 'masking.rules[1]' } })
  t.same((await clinic.last('request.completed'))?.facts, { masked: '**.ssn hide 1', wouldMask: '**.phone hide 1' })
  t.equal((await desk.fetch(`${clinic.journey.url}/patients?sort=ssn`)).status, 403)
  t.equal((await desk.fetch(`${clinic.journey.url}/patients?sort=phone`)).status, 200)
  t.match(await clinic.last('request.admitted'), { facts: { wouldRefuse: 'masking.search' } })
})

t.test('an access rule with mode: report decides nothing, and the trail says what it would have decided', async t => {
  const trial = { mode: 'report', effect: 'deny', roles: ['desk'], records: ['patient'], kinds: ['list'] }
  const alone = await startMaskedClinic(t, { masking: { rules: [], searches: [] }, access: { rules: [trial] } })
  const desk = await alone.browser(frontDesk)
  alone.answers(patient)
  t.equal((await desk.fetch(`${alone.journey.url}/patients`)).status, 200)
  t.match(await alone.last('request.admitted'), { facts: { wouldRefuse: 'access.rules[0]' }, decision: { rule: 'access.roles.desk.allow[0]' } })
  t.equal((await desk.fetch(`${alone.journey.url}/patients/42`)).status, 200)
  t.match(await alone.last('request.admitted'), { facts: { wouldRefuse: 'access.rules' } }, 'once there is a rule, what none allows is refused')

  const beside = await startMaskedClinic(t, {
    masking: { rules: [], searches: [] },
    access: { rules: [trial, { mode: 'report', effect: 'allow', kinds: ['read'] }, { effect: 'allow', kinds: ['list'] }] },
  })
  const other = await beside.browser(frontDesk)
  beside.answers(patient)
  t.equal((await other.fetch(`${beside.journey.url}/patients`)).status, 200)
  t.match(await beside.last('request.admitted'), { facts: { wouldRefuse: 'access.rules[0]' }, decision: { rule: 'access.rules[2]' } })
  const before = beside.asked().length
  t.equal((await other.fetch(`${beside.journey.url}/patients/42`)).status, 403)
  t.match(await beside.last('request.denied'), { facts: { wouldAllow: 'access.rules[1]' }, decision: { reason: 'access.notAllowed' } })
  t.equal(beside.asked().length, before)
})

t.test('an allowlist with mode: report lets people in from everywhere, and the trail says who would have been refused', async t => {
  const clinic = await startMaskedClinic(t, { configure (draft) { draft['clientIp'] = { mode: 'report', refuse: 'drop', allow: ['127.0.0.1'] } } })
  const near = clinic.journey.browser('127.0.0.1')
  await clinic.journey.signIn(near, { path: '/home' })
  t.notOk((await clinic.last('request.admitted'))?.facts)
  const far = clinic.journey.browser('127.0.0.2')
  await clinic.journey.signIn(far, { path: '/home' })
  const before = clinic.asked().length
  t.equal((await far.fetch(`${clinic.journey.url}/patients`)).status, 200)
  t.equal(clinic.asked().length, before + 1)
  t.match(await clinic.last('request.admitted'), { from: { address: '127.0.0.2' }, facts: { wouldRefuse: 'clientIp.notAllowed' } })
  const stranger = clinic.journey.browser('127.0.0.3')
  t.not((await stranger.fetch(`${clinic.journey.url}/patients`)).status, 200, 'the sign-in is asked for as ever')
  t.match(await clinic.last('request.denied'), { from: { address: '127.0.0.3' }, decision: { reason: 'session.missing' }, facts: { wouldRefuse: 'clientIp.notAllowed' } })
  t.equal(clinic.asked().length, before + 1)
})

t.test('a narrower list can be tried for everybody beside the one that is enforced', async t => {
  const clinic = await startMaskedClinic(t, {
    configure (draft) { draft['clientIp'] = { allow: ['127.0.0.0/30'], restrict: [{ mode: 'report', allow: ['127.0.0.1'] }] } },
  })
  const far = clinic.journey.browser('127.0.0.2')
  await clinic.journey.signIn(far, { path: '/home' })
  t.equal((await far.fetch(`${clinic.journey.url}/patients`)).status, 200)
  t.match(await clinic.last('request.admitted'), { from: { address: '127.0.0.2' }, facts: { wouldRefuse: 'clientIp.restrict[0]' } })
  const before = clinic.asked().length
  t.equal((await clinic.journey.browser('127.0.0.4').fetch(`${clinic.journey.url}/patients`)).status, 403)
  t.equal(clinic.asked().length, before)
})
