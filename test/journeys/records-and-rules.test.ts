import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { request } from 'node:https'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { frontDesk, nurse, startJourney, type Journey } from '../support/journey.ts'

const access = {
  roles: {
    nurse: { groups: ['clinic-nurses'], allow: ['* /**'] },
    desk: { groups: ['clinic-desk'], allow: ['* /**'] },
  },
  records: [
    { route: 'GET /assets/**', type: 'none' },
    { route: 'GET /', type: 'none' },
    { route: 'GET /patients', type: 'patient', kind: 'search', when: { 'query.q': ['*'] } },
    { route: 'GET /patients', type: 'patient', kind: 'list' },
    { route: 'GET /patients/{id}', type: 'patient', kind: 'read' },
    { route: 'GET /api/patients', type: 'patient', kind: 'list', items: { list: 'patients', id: 'id' } },
    { route: 'GET /api/search', type: 'patient', kind: 'search', items: { list: 'nothing.here', id: 'id' } },
    { route: 'GET /recordings', type: 'recording', kind: 'list' },
    { route: 'GET /recordings/{id}/**', type: 'recording', kind: 'play' },
    { route: 'POST /api/files', type: 'patient', kind: 'update', id: 'request.patient', when: { 'request.action': ['save'] } },
    { route: 'POST /graphql', type: 'patient', kind: 'read', id: 'graphql.argument.id', when: { 'graphql.field': ['patient'] } },
    { route: 'POST /api/echo', type: 'patient', kind: 'update', id: 'body.patient.id', when: { 'body.action': ['save'] } },
    { route: 'POST /api/echo', type: 'patient', kind: 'delete', id: 'body.patient.id', when: { 'body.action': ['delete'] } },
  ],
  rules: [
    { effect: 'deny', roles: ['desk'], records: ['recording'] },
    { effect: 'allow', roles: ['nurse'], records: ['patient'], kinds: ['read', 'list', 'search', 'update'] },
    { effect: 'allow', roles: ['desk'], records: ['patient'], kinds: ['list'], when: { maxSignInAge: '10m' } },
  ],
}

const start = (t: Parameters<typeof startJourney>[0], change: object = {}) => startJourney(t, { configure (draft) { draft['access'] = { ...access, ...change } } })

async function lastOf (journey: Journey, kind: string) {
  return (await journey.trail()).findLast(entry => entry.kind === kind)
}

t.test('the trail says which patient was read, and by which rule', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { person: nurse, path: '/patients/1' })
  t.match(await lastOf(journey, 'request.admitted'), {
    what: { kind: 'read', route: 'GET /patients/{id}', record: { type: 'patient', id: '1', patient: '1' } }, decision: { rule: 'access.rules[1]' },
  })
  await browser.fetch(`${journey.url}/patients?q=an`)
  t.match(await lastOf(journey, 'request.admitted'), { what: { kind: 'search', record: { type: 'patient' } } })
})

t.test('a denial by a rule is answered 403, on record with rule and record, and the CRM saw nothing', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { person: frontDesk, path: '/' })
  const before = journey.crm.seen().length
  for (const [path, rule] of [['/recordings/7/audio', 'access.rules[0]'], ['/RECORDINGS/7/audio', 'access.rules[0]'], ['/recordings/7/', 'access.rules[0]'], ['/patients/7', undefined]] as const) {
    const answer = await browser.fetch(`${journey.url}${path}`)
    t.equal(answer.status, 403, path)
    t.match(JSON.parse(answer.body), { code: 'access.notAllowed' })
    const denied = await lastOf(journey, 'request.denied')
    t.match(denied, { who: { id: 'desk-2' }, what: { record: { id: '7' } }, decision: { reason: 'access.notAllowed' } }, path)
    t.equal(denied?.decision?.rule, rule)
  }
  t.equal(journey.crm.seen().length, before)
})

t.test('a condition that no longer holds refuses, and says that it is a condition', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { person: frontDesk, path: '/patients' })
  t.match(await lastOf(journey, 'request.admitted'), { what: { kind: 'list' }, decision: { rule: 'access.rules[2]' } })
  await journey.clock.advance(11 * 60_000)
  const before = journey.crm.seen().length
  const answer = await browser.fetch(`${journey.url}/patients`)
  t.equal(answer.status, 403)
  t.match(JSON.parse(answer.body), { code: 'access.conditions' })
  t.equal(journey.crm.seen().length, before)
  t.match(await lastOf(journey, 'request.denied'), { decision: { reason: 'access.conditions' } })
})

t.test('what nobody classified passes and is marked, or is refused, by one setting', async t => {
  const open = await start(t)
  const browser = open.browser()
  await open.signIn(browser, { path: '/leads' })
  t.match(await lastOf(open, 'request.admitted'), { what: { path: '/leads' }, facts: { unclassified: true } })
  await browser.fetch(`${open.url}/assets/crm.css`)
  t.notOk((await lastOf(open, 'request.admitted'))?.facts, 'what was said to concern no record is not marked')
  const closed = await start(t, { unclassified: 'refuse' })
  const other = closed.browser()
  await closed.signIn(other, { path: '/' })
  const before = closed.crm.seen().length
  t.match(JSON.parse((await other.fetch(`${closed.url}/leads`)).body), { status: 403, code: 'access.unclassified' })
  t.equal(closed.crm.seen().length, before)
  t.match(await lastOf(closed, 'request.denied'), { decision: { reason: 'access.unclassified', rule: 'access.unclassified' } })
})

t.test('a record that is named in the body: the body is read after sign-in, and judged', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const post = (body: string, headers: Record<string, string> = {}) =>
    browser.fetch(`${journey.url}/api/echo`, { method: 'POST', body, headers: { 'content-type': 'application/json', origin: journey.url, ...headers } })
  const sent = '{ "action" : "save", "patient": {"id": 42, "name":"Zo\u00eb"} }'
  await post(sent)
  const received = journey.crm.seen().at(-1)
  t.match(received, { method: 'POST', url: '/api/echo' })
  t.match(await lastOf(journey, 'request.admitted'), { what: { kind: 'update', record: { type: 'patient', id: '42', patient: '42' } } })
  await post(sent, { expect: '100-continue' })
  t.equal(journey.crm.seen().length >= 2, true)
  const before = journey.crm.seen().length
  const refused: ReadonlyArray<readonly [string, string, Record<string, string>?]> = [
    ['access.notAllowed', '{"action":"delete","patient":{"id":42}}'],
    ['access.twoReadings', '{"Action":"save","patient":{"id":42}}'],
    ['access.twoReadings', '[{"action":"save","patient":{"id":42}}]'],
    ['access.contentUnreadable', '{"action":"save","action":"delete","patient":{"id":42}}'],
    ['access.contentUnreadable', '{"action":"save"', {}],
    ['access.contentUnreadable', sent, { 'content-type': 'text/plain' }],
    ['access.contentUnreadable', sent, { 'content-encoding': 'gzip' }],
    ['inbound.formTooLarge', JSON.stringify({ action: 'save', patient: { id: 42 }, more: 'x'.repeat(600_000) })],
  ]
  for (const [code, body, headers] of refused) {
    const answer = await post(body, headers)
    t.match(JSON.parse(answer.body), { code }, `${code} ${body.slice(0, 40)}`)
    t.match(await lastOf(journey, 'request.denied'), { decision: { reason: code } })
  }
  t.equal(journey.crm.seen().length, before)
})

/** Sends a form over HTTP/2 (a length or none), and in chunks over HTTP/1.1. */
async function sendForm (journey: Journey, cookie: string, { form, version }: { readonly form: string, readonly version: 'chunks' | 'http2' }): Promise<string> {
  const headers = { cookie, origin: journey.url, 'content-type': 'application/x-www-form-urlencoded' }
  const place = { ca: journey.authority.caPem, servername: 'crm.clinic.test' }
  if (version === 'chunks') {
    const outgoing = request({ ...place, host: '127.0.0.1', port: journey.port, method: 'POST', path: '/api/files', agent: false, headers: { ...headers, host: journey.host, expect: '100-continue' } })
    outgoing.once('continue', () => { outgoing.write(form.slice(0, 100)); outgoing.end(form.slice(100)) })
    outgoing.flushHeaders()
    const [incoming] = await once(outgoing, 'response') as [Readable]
    return await text(incoming)
  }
  const session = connect(`https://127.0.0.1:${journey.port}`, place)
  const stream = session.request({ ':method': 'POST', ':path': '/api/files', ':authority': journey.host, ...headers })
  stream.end(form)
  const body = await text(stream)
  session.close()
  return body
}

t.test('invariant 1: the bytes that were judged are the bytes that the CRM gets: with a length, in chunks, over HTTP/2, and empty', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const form = `action=save&patient=42&note=${'x%C3%A9+'.repeat(9000)}`
  const expected = { bytes: form.length, sha256: createHash('sha256').update(form).digest('hex') }
  const answers = [
    (await browser.fetch(`${journey.url}/api/files`, { method: 'POST', body: form, headers: { 'content-type': 'application/x-www-form-urlencoded', origin: journey.url } })).body,
    await sendForm(journey, browser.cookies('crm.clinic.test'), { form, version: 'chunks' }),
    await sendForm(journey, browser.cookies('crm.clinic.test'), { form, version: 'http2' }),
  ]
  for (const answer of answers) t.same(JSON.parse(answer), expected)
  const admitted = (await journey.trail()).filter(event => event.kind === 'request.admitted' && event.what?.path === '/api/files')
  t.match(admitted, Array.from({ length: 3 }, () => ({ what: { kind: 'update', record: { type: 'patient', id: '42' } } })))
  t.equal(admitted.length, 3)
  const empty = await browser.fetch(`${journey.url}/api/files?action=save&patient=43`, { method: 'POST', body: '', headers: { origin: journey.url } })
  t.match(JSON.parse(empty.body), { bytes: 0 })
  t.match(await lastOf(journey, 'request.admitted'), { what: { record: { id: '43' } } })
})

t.test('nobody has a body read who is not signed in, or whose role does not allow the route', async t => {
  const journey = await start(t, { roles: { ...access.roles, desk: { groups: ['clinic-desk'], allow: ['GET /**'] } } })
  const post = (browser: ReturnType<Journey['browser']>) => browser.fetch(`${journey.url}/api/files`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json', origin: journey.url } })
  t.match(JSON.parse((await post(journey.browser())).body), { code: 'session.missing' })
  const browser = journey.browser()
  await journey.signIn(browser, { person: frontDesk, path: '/' })
  t.match(JSON.parse((await post(browser)).body), { code: 'access.notAllowed' }, 'and not that the body cannot be read')
})

t.test('a request that names several patients is on record for each of them', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  await browser.fetch(`${journey.url}/graphql`, { method: 'POST', body: JSON.stringify({ query: '{ a: patient(id: 42) { name } b: patient(id: 43) { name } }' }), headers: { 'content-type': 'application/json', origin: journey.url } })
  const admitted = await lastOf(journey, 'request.admitted')
  t.match(admitted, { what: { path: '/graphql', record: { id: '42' } } })
  t.match((await journey.trail()).filter(event => event.kind === 'record.seen'), [{ id: admitted?.id, who: { id: 'nurse-7' }, what: { kind: 'read', route: 'POST /graphql', record: { type: 'patient', id: '43', patient: '43' } } }])
})

t.test('a list is on record for each patient on it before a byte of it goes out', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const answer = await browser.fetch(`${journey.url}/api/patients`)
  const direct = await fetch(`${journey.crm.url}/api/patients`, { headers: { 'x-forwarded-user': 'nurse-7' } })
  t.equal(answer.status, 200)
  t.equal(answer.body, await direct.text(), 'the answer is what the CRM said')
  t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
  const ids = (JSON.parse(answer.body) as { readonly patients: ReadonlyArray<{ readonly id: string }> }).patients.map(patient => patient.id)
  t.ok(ids.length > 3)
  const admitted = await lastOf(journey, 'request.admitted')
  const seen = (await journey.trail()).filter(event => event.kind === 'record.seen' && event.id === admitted?.id)
  t.same(seen.map(event => event.what?.record), ids.map(id => ({ type: 'patient', id: String(id), patient: String(id) })))
  t.match(seen[0], { who: { id: 'nurse-7', roles: ['nurse'] }, what: { kind: 'list', route: 'GET /api/patients' } })
  const kinds = (await journey.trail()).filter(event => event.id === admitted?.id).map(event => event.kind)
  t.equal(kinds[0], 'request.admitted')
  t.equal(kinds.at(-1), 'request.completed')
})

t.test('a list whose ids cannot be told passes and says so; one that cannot be put on record does not pass', async t => {
  const journey = await start(t)
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const passed = await browser.fetch(`${journey.url}/api/search?q=an`)
  t.equal(passed.status, 200)
  t.match(await lastOf(journey, 'record.seen'), { what: { kind: 'search', record: { type: 'patient' } }, facts: { items: 'unread' } })
  const { audit } = journey.gateway.rooms
  const record = audit.record.bind(audit)
  const stub = audit as { record: typeof record }
  stub.record = async event => { if (event.kind === 'record.seen') throw new Error('the disk is full'); await record(event) }
  const refused = await browser.fetch(`${journey.url}/api/patients`)
  stub.record = record
  t.equal(refused.status, 500)
  t.notMatch(refused.body, /patients/)
  t.match(await lastOf(journey, 'request.failed'), { outcome: { status: 500 } })
})

t.test('invariant 5: a rule that is new judges what is open, and cuts it; what it allows goes on', async t => {
  const journey = await start(t, { records: [{ route: 'GET /live', type: 'board', kind: 'read' }, ...access.records], rules: [{ effect: 'allow', roles: ['nurse'] }] })
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  const change = async (rules: readonly object[]) => {
    const draft = parse(readFileSync(journey.configFile, 'utf8')) as { access: { rules: readonly object[] } }
    draft.access.rules = rules
    writeFileSync(journey.configFile, stringify(draft))
    await journey.gateway.reload(await loadConfig(journey.configFile))
  }
  await change([{ effect: 'deny', records: ['recording'] }, { effect: 'allow', roles: ['nurse'] }])
  t.equal(socket.readyState, 1, 'still allowed')
  await change([{ effect: 'deny', records: ['board'] }, { effect: 'allow', roles: ['nurse'] }])
  t.equal((await closed)[0], 4401)
  t.match(JSON.parse((await browser.fetch(`${journey.url}/live`)).body), { code: 'access.notAllowed' })
})
