// What a profile changes beside the classification: the CRM's sign-out, its polling, rules about recordings and files, and its reloading.
import { once } from 'node:events'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/config.ts'
import { watchConfig } from '../../src/watch-config.ts'
import { createLogger } from '../../src/shared/log.ts'
import { frontDesk, nurse, startJourney, type Journey } from '../support/journey.ts'
import { startUpstream } from '../support/upstream.ts'

const roles = { nurse: { groups: ['clinic-nurses'], allow: ['* /**'] }, desk: { groups: ['clinic-desk'], allow: ['* /**'] } }

const start = (t: Parameters<typeof startJourney>[0], access: object, more: object = {}) => startJourney(t, {
  configure (draft) {
    draft['access'] = { roles, ...access }
    draft['session'] = { ...draft['session'], background: [] }
    Object.assign(draft, more)
  },
})

async function ended (journey: Journey) {
  for (let turn = 0; turn < 300; turn += 1) {
    const found = (await journey.trail()).find(event => event.kind === 'session.ended')
    if (found !== undefined) return found
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
  return undefined
}

t.test('the CRM\'s sign-out: its answer comes through whole, then the session is over everywhere, and what was open is cut', async t => {
  const journey = await start(t, { profile: 'demo' })
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/patients' })
  const old = browser.cookies('crm.clinic.test')
  const socket = journey.webSocket(browser)
  await once(socket, 'open')
  const outgoing = request({ host: '127.0.0.1', port: journey.port, path: '/events', servername: 'crm.clinic.test', ca: journey.authority.caPem, agent: false, headers: { host: journey.host, cookie: old } }).end()
  const [events] = await once(outgoing, 'response') as [IncomingMessage]
  events.on('error', () => undefined).resume()
  const closed = Promise.all([once(socket, 'close'), new Promise(resolve => { events.on('close', resolve) })])
  const answer = await browser.ask(`${journey.url}/logout`, { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' } })
  t.equal(answer.status, 302)
  t.equal(answer.headers.location, `${journey.url}/signed-out`)
  const setCookie = answer.headers['set-cookie'] ?? []
  t.ok(setCookie.some(cookie => /^crm_session=;/.test(cookie)), 'the CRM\'s own cookie is taken away by the CRM')
  t.ok(setCookie.some(cookie => /^__Host-sallyport=;/.test(cookie)), 'and ours by us')
  t.ok(setCookie.some(cookie => /^__Host-sallyport-again=1/.test(cookie)), 'the next sign-in is a fresh one')
  t.equal(answer.headers['clear-site-data'], '"cache", "storage"')
  t.match(await ended(journey), { who: { id: 'nurse-7' }, facts: { cause: 'signedOut' } })
  await journey.clock.advance(1000)
  await closed
  const before = journey.crm.seen().length
  t.equal((await journey.browser().fetch(`${journey.url}/api/patients`, { headers: { cookie: old } })).status, 401)
  t.equal(journey.crm.seen().length, before)
  const trail = await journey.trail()
  const admitted = trail.find(event => event.kind === 'request.admitted' && event.what?.path === '/logout')
  t.match(trail.filter(event => event.id === admitted?.id).map(event => event.kind), ['request.admitted', 'request.completed'], 'the sign-out itself ends as it should')
})

t.test('who may not use the CRM\'s sign-out, or asks for it with HEAD, stays; a CRM that does not answer keeps nobody in', async t => {
  const upstream = await startUpstream()
  t.teardown(() => upstream.close())
  const journey = await start(t, { profile: 'demo', roles: { ...roles, desk: { ...roles.desk, deny: ['* /logout'] } } }, { upstream: { url: upstream.url } })
  const desk = journey.browser()
  await journey.signIn(desk, { person: frontDesk, path: '/' })
  t.equal((await desk.fetch(`${journey.url}/logout`)).status, 403)
  t.equal((await desk.fetch(`${journey.url}/`)).status, 200)
  const browser = journey.browser()
  await journey.signIn(browser, { person: nurse, path: '/' })
  await browser.fetch(`${journey.url}/logout`, { method: 'HEAD' })
  t.equal((await browser.fetch(`${journey.url}/`)).status, 200)
  upstream.answer((incoming, response) => { response.destroy(); incoming.destroy() })
  t.equal((await browser.fetch(`${journey.url}/logout`)).status, 502)
  t.match(await ended(journey), { who: { id: 'nurse-7' }, facts: { cause: 'signedOut' } })
})

t.test('no recording where PHI is spoken: the call that starts one is refused in every spelling, and the CRM saw nothing', async t => {
  const upstream = await startUpstream()
  t.teardown(() => upstream.close())
  const journey = await start(t, { profile: 'twenty', rules: [{ effect: 'deny', records: ['recording'], kinds: ['create'] }, { effect: 'allow' }] }, { upstream: { url: upstream.url } })
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const post = (path: string, body: unknown) => browser.fetch(`${journey.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', origin: journey.url } })
  const before = upstream.received.length
  const asked: ReadonlyArray<readonly [string, unknown]> = [
    ['/graphql', { query: 'mutation { createCallRecording(data: { status: SCHEDULED }) { id } }' }],
    ['/GraphQL', { query: 'mutation { people: createCallRecording(data: { status: SCHEDULED }) { id } }' }],
    ['/graphql', { query: 'mutation { updatePerson(id: "p-1", data: {}) { id } ...F } fragment F on Mutation { createCallRecordings(data: []) { id } }' }],
    ['/rest/callRecordings', { status: 'SCHEDULED' }],
    ['/rest/callrecordings/', { status: 'SCHEDULED' }],
    ['/rest/batch/callRecordings', [{ status: 'SCHEDULED' }]],
  ]
  for (const [path, body] of asked) {
    const answer = await post(path, body)
    t.match(JSON.parse(answer.body), { status: 403, code: 'access.notAllowed' }, path)
    t.match((await journey.trail()).findLast(event => event.kind === 'request.denied'), { who: { id: 'nurse-7' }, what: { kind: 'create', record: { type: 'recording' } }, decision: { rule: 'access.rules[0]' } })
  }
  t.equal(upstream.received.length, before)
  t.equal((await post('/graphql', { query: '{ callRecording(filter: { id: { eq: "r-7" } }) { id } }' })).status, 200, 'to hear one is another question')
})

t.test('recordings and files: play, download and delete by role, each on record with record and patient; an entry of the configuration overrides one of the profile', async t => {
  const journey = await start(t, {
    profile: 'demo',
    // The sample CRM does not say whose recording it is; here its pages do.
    records: [
      { route: 'GET /recordings/{id}/audio', type: 'recording', kind: 'play', patient: 'query.patient' },
      { route: 'GET /attachments/{id}', type: 'attachment', kind: 'download', patient: 'query.patient' },
    ],
    rules: [
      { effect: 'deny', roles: ['desk'], records: ['recording'], kinds: ['play'] },
      { effect: 'deny', records: ['attachment'], kinds: ['delete'] },
      { effect: 'allow' },
    ],
  })
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const last = async (kind: string) => (await journey.trail()).findLast(event => event.kind === kind)
  t.equal((await browser.fetch(`${journey.url}/recordings/r-3001/audio?patient=p-1006`)).status, 200)
  t.match(await last('request.admitted'), { what: { kind: 'play', record: { type: 'recording', id: 'r-3001', patient: 'p-1006' } } })
  await browser.fetch(`${journey.url}/attachments/a-1?patient=p-1006`)
  t.match(await last('request.admitted'), { what: { kind: 'download', record: { type: 'attachment', id: 'a-1', patient: 'p-1006' } } })
  const desk = journey.browser()
  await journey.signIn(desk, { person: frontDesk, path: '/' })
  const before = journey.crm.seen().length
  t.equal((await desk.fetch(`${journey.url}/recordings/r-3001/audio?patient=p-1006`)).status, 403)
  t.match(await last('request.denied'), { who: { id: 'desk-2' }, what: { kind: 'play', record: { type: 'recording', id: 'r-3001', patient: 'p-1006' } }, decision: { rule: 'access.rules[0]' } })
  t.equal((await desk.fetch(`${journey.url}/attachments/a-1`, { method: 'DELETE', headers: { origin: journey.url } })).status, 403)
  t.match(await last('request.denied'), { what: { kind: 'delete', record: { type: 'attachment', id: 'a-1' } }, decision: { rule: 'access.rules[1]' } })
  t.equal(journey.crm.seen().length, before)
  t.equal((await desk.fetch(`${journey.url}/recordings`)).status, 200, 'the list is another kind of access')
})

t.test('a form with a file says in its fields which record it saves: held whole, judged, and given to the CRM byte for byte', async t => {
  const upstream = await startUpstream()
  t.teardown(() => upstream.close())
  const journey = await start(t, { profile: 'suitecrm', rules: [{ effect: 'deny', records: ['patient'], kinds: ['delete'] }, { effect: 'allow' }] }, { upstream: { url: upstream.url } })
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/' })
  const boundary = '----WebKitFormBoundaryScan0001'
  const field = (name: string, value: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const form = (fields: string, bytes: number) => Buffer.concat([
    Buffer.from(`${fields}--${boundary}\r\nContent-Disposition: form-data; name="uploadfile"; filename="Zo\u00eb.png"\r\nContent-Type: image/png\r\n\r\n`), Buffer.alloc(bytes, 0xe9), Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const post = (body: Buffer) => browser.fetch(`${journey.url}/index.php`, { method: 'POST', body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, origin: journey.url } })
  const scan = form(`${field('module', 'Notes')}${field('action', 'Save')}${field('record', 'n-7')}${field('contact_id', '42')}`, 3 * 1024 * 1024)
  t.equal((await post(scan)).status, 200)
  const received = await upstream.received.at(-1)?.body
  t.ok(received?.equals(scan), 'the same bytes')
  t.match((await journey.trail()).findLast(event => event.kind === 'request.admitted'), { what: { kind: 'update', record: { type: 'note', id: 'n-7', patient: '42' } } })
  const before = upstream.received.length
  t.match(JSON.parse((await post(form(`${field('module', 'Contacts')}${field('action', 'Delete')}${field('record', '42')}`, 10))).body), { code: 'access.notAllowed' }, 'in a form with files too')
  t.match(JSON.parse((await post(form(`${field('module', 'Notes')}${field('action', 'Save')}${field('module', 'Contacts')}`, 10))).body), { code: 'access.twoReadings' })
  t.match(JSON.parse((await post(Buffer.from(scan.toString('latin1').replace('Content-Disposition', 'content-disposition'), 'latin1'))).body), { code: 'access.contentUnreadable' })
  t.match(JSON.parse((await post(form(field('module', 'Notes'), 17 * 1024 * 1024))).body), { status: 413, code: 'inbound.formTooLarge' })
  t.equal(upstream.received.length, before)
})

t.test('a profile that changes is read again: records, polling and sign-out count from the next request on; a bad one changes nothing', async t => {
  const profile = (more: string) => `product: Ours\nversion: '1'\nidentity: { way: header, header: X-Forwarded-User, how: nothing }\nrecords:\n  - { route: 'GET /patients/{id}', type: patient, kind: read }\n${more}`
  const upstream = await startUpstream()
  t.teardown(() => upstream.close())
  const journey = await startJourney(t, {
    configure (draft) {
      draft['access'] = { roles }
      draft['upstream'] = { url: upstream.url }
    },
  })
  const file = join(journey.directory, 'ours.yaml')
  writeFileSync(file, profile(''))
  writeFileSync(journey.configFile, readFileSync(journey.configFile, 'utf8').replace('access:\n', 'access:\n  profile: ./ours.yaml\n'))
  const lines: string[] = []
  const log = createLogger({ level: 'info', name: 'test', destination: { write: line => { lines.push(line) } } })
  const readAgain = watchConfig(journey.configFile, await loadConfig(journey.configFile), { gateway: journey.gateway, clock: journey.clock, log })
  await readAgain()
  const browser = journey.browser()
  await journey.signIn(browser, { path: '/patients/42' })
  const lastAdmitted = async () => (await journey.trail()).findLast(event => event.kind === 'request.admitted' && event.what?.kind !== 'gateway')
  t.match(await lastAdmitted(), { what: { record: { type: 'patient', id: '42' } } })
  const left = async () => (JSON.parse((await browser.fetch(`${journey.url}/_sallyport/session`)).body) as { readonly leftMs: number }).leftMs
  const poll = () => browser.fetch(`${journey.url}/poll`, { method: 'POST', body: '', headers: { origin: journey.url } })
  await journey.clock.advance(60_000)
  await poll()
  const full = await left()
  writeFileSync(file, profile("background: [{ route: 'POST /poll' }]\nsignOut: [{ route: 'GET /bye' }]\n"))
  await readAgain()
  t.match((await journey.trail()).findLast(event => event.kind === 'configuration.loaded'), { facts: { changed: 'profile' } })
  await journey.clock.advance(60_000)
  await poll()
  t.ok(await left() <= full - 60_000, 'the poll moves nothing any more')
  writeFileSync(file, profile('backgruond: []\n'))
  await readAgain()
  t.ok(lines.some(line => line.includes('configuration.finding') && line.includes('ours.yaml') && line.includes('Did you mean background?')), lines.join('\n'))
  t.equal((await journey.trail()).findLast(event => event.kind.startsWith('configuration.'))?.kind, 'configuration.refused')
  t.equal((await browser.fetch(`${journey.url}/bye`)).status, 200)
  t.match(await ended(journey), { facts: { cause: 'signedOut' } })
})
