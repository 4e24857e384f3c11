import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { createBrowser, type Browser, type ClientCertificate } from '../support/browser.ts'
import { createTestAuthority } from '../support/certificates.ts'
import { frontDesk, nurse, startJourney, type Journey } from '../support/journey.ts'
import { startRedis } from '../support/redis.ts'

const home = '127.0.0.1'
const elsewhere = '127.0.1.9'
const site = 'crm.clinic.test'

function startBound (t: Test, binding: object, session: object = {}): Promise<Journey> {
  return startJourney(t, {
    configure (draft) {
      draft['clientIp'] = { allow: ['127.0.0.0/16'] }
      draft['session'] = { ...draft['session'], ...session, binding }
    },
  })
}

/** A thief's browser: the cookie, and nothing else. */
function steal (journey: Journey, from: Browser, address = elsewhere): Browser {
  const thief = journey.browser(address)
  for (const [name, value] of from.jar) if (name.startsWith(`${site} `)) thief.jar.set(name, value)
  return thief
}

t.test('a stolen cookie is refused on another network with a page that says what to do, and the CRM saw nothing', async t => {
  const journey = await startBound(t, { to: 'network' })
  const browser = journey.browser(home)
  await journey.signIn(browser)
  const thief = steal(journey, browser)
  const before = journey.crm.seen().length
  const page = await thief.open(`${journey.url}/patients/7`)
  t.equal(page.status, 401)
  t.match(page.body, /You signed in somewhere else/)
  t.match(page.body, /Sign in again to go on here\. If you did not change networks, tell your administrator/)
  t.match(page.body, /href="\/_sallyport\/sign-in"/)
  t.notOk(page.headers['set-cookie'], 'the session goes on where it began: nothing is taken away')
  t.notOk(page.headers['clear-site-data'])
  const fetched = await thief.fetch(`${journey.url}/api/patients`)
  t.equal(fetched.status, 401)
  t.match(JSON.parse(fetched.body), { code: 'session.otherNetwork', status: 401 })
  const socket = journey.webSocket(thief, {}, elsewhere)
  const [error] = await once(socket, 'error') as [Error]
  t.match(error.message, /401/)
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200, 'the person works on')
  t.equal(journey.crm.seen().length, before + 1, 'that is all that came')
  const refused = (await journey.trail()).filter(event => event.kind === 'request.denied' && event.from?.address === elsewhere)
  t.equal(refused.length, 3)
  for (const event of refused) t.match(event, { who: { id: nurse.id, roles: ['nurse'] }, decision: { reason: 'session.otherNetwork' } })
  t.match((await journey.trail()).find(event => event.kind === 'session.began'), { from: { address: home }, facts: { boundTo: 'network' } })
})

t.test('none of our own pages knows somebody elsewhere either', async t => {
  const journey = await startBound(t, { to: 'address' })
  const browser = journey.browser(home)
  await journey.signIn(browser)
  const thief = steal(journey, browser, '127.0.0.2')
  const ask = (path: string, method = 'GET') => thief.fetch(`${journey.url}/_sallyport/${path}`, { method, headers: { origin: journey.url } })
  t.match(JSON.parse((await ask('session')).body), { code: 'session.otherAddress' })
  t.match(JSON.parse((await ask('session', 'POST')).body), { code: 'session.otherAddress' }, 'and keeps nobody signed in')
  t.equal((await ask('unsent')).status, 401)
  t.notMatch((await ask('sign-out')).body, nurse.name)
  const signedOut = await thief.open(`${journey.url}/_sallyport/signed-out?cause=idle`)
  t.match(signedOut.body, /You signed in somewhere else/, 'no cause that is not theirs')
  t.equal((await journey.trail()).filter(event => event.outcome?.reason === 'session.otherAddress').length, 4, 'each on record')
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200)
})

t.test('whoever moves signs in again there, and the session before ends', async t => {
  const journey = await startBound(t, { to: 'network' })
  const browser = journey.browser(home)
  await journey.signIn(browser)
  const moved = steal(journey, browser)
  const page = await moved.open(`${journey.url}/patients/7`)
  t.equal(page.status, 401)
  const landed = await moved.submit(await moved.open(`${journey.url}/_sallyport/sign-in`))
  t.equal(landed.status, 200)
  t.equal((await moved.fetch(`${journey.url}/api/leads`)).status, 200)
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401)
  t.match((await journey.trail()).filter(event => event.kind === 'session.ended'), [{ facts: { cause: 'replaced' } }])
})

t.test('onMismatch: end: the session ends on every gateway, its WebSocket is cut, and its person is told why', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const configure = (draft: Record<string, Record<string, unknown>>) => {
    draft['clientIp'] = { allow: ['127.0.0.0/16'] }
    draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } }, binding: { to: 'network', onMismatch: 'end' } }
  }
  const first = await startJourney(t, { configure })
  const second = await startJourney(t, { configure, beside: first })
  const browser = first.browser(home)
  await first.signIn(browser)
  const socket = first.webSocket(browser)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  const thief = steal(second, browser)
  const before = first.crm.seen().length
  const page = await thief.open(`${first.url}/patients/7`)
  t.equal(page.status, 401)
  t.match(page.body, /You signed in somewhere else/)
  t.match(page.headers['set-cookie']?.join(), /__Host-sallyport=;/, 'a dead cookie is taken away')
  await first.clock.advance(1000)
  t.equal((await closed)[0], 4401)
  const told = await browser.open(`${first.url}/leads`)
  t.equal(told.status, 401)
  t.match(told.body, /Your session was ended/)
  t.match(told.body, /somebody else may have had your sign-in/)
  t.match(told.headers['clear-site-data'], /cache/)
  t.equal(first.crm.seen().length, before, 'the CRM saw neither')
  t.equal((await browser.open(`${first.url}/leads`)).url.startsWith(first.idp.signOnUrl), true, 'then they sign in')
  const trail = [...await first.trail(), ...await second.trail()]
  t.match(trail.filter(event => event.kind === 'session.ended'), [{ who: { id: nurse.id }, facts: { cause: 'moved' } }])
})

t.test('onMismatch: report refuses nobody, and the trail says who would have been', async t => {
  const journey = await startBound(t, { to: 'network', onMismatch: 'report' })
  const browser = journey.browser(home)
  await journey.signIn(browser)
  const moved = steal(journey, browser)
  t.equal((await moved.fetch(`${journey.url}/api/leads`)).status, 200)
  t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200)
  const admitted = (await journey.trail()).filter(event => event.kind === 'request.admitted' && event.what?.path === '/api/leads')
  t.match(admitted.map(event => [event.from?.address, event.facts?.['wouldRefuse']]), [[elsewhere, 'session.otherNetwork'], [home, undefined]])
})

t.test('others for a role: who visits patients at home may move, the front desk may not', async t => {
  const journey = await startBound(t, { to: 'none', overrides: [{ roles: ['desk'], to: 'address' }] })
  for (const [person, status] of [[frontDesk, 401], [nurse, 200]] as const) {
    const browser = journey.browser(home)
    await journey.signIn(browser, { person })
    t.equal((await steal(journey, browser).fetch(`${journey.url}/api/leads`)).status, status, person.id)
  }
})

t.test('bound to a certificate: nobody signs in without one, and a cookie is worth nothing beside another one', async t => {
  const machines = await createTestAuthority({ name: 'Machines' })
  const [desk, laptop] = [await machines.issue({ names: ['desk.test'], client: true }), await machines.issue({ names: ['laptop.test'], client: true })]
  const machinesFile = join(mkdtempSync(join(tmpdir(), 'sallyport-machines-')), 'machines.pem')
  t.teardown(() => { rmSync(dirname(machinesFile), { recursive: true }) })
  writeFileSync(machinesFile, machines.caPem)
  const journey = await startJourney(t, {
    configure (draft) {
      const listeners = draft['listeners'] as { public: { tls: object } }
      listeners.public.tls = { ...listeners.public.tls, clientCertificates: { mode: 'request', authority: machinesFile } }
      draft['session'] = { ...draft['session'], binding: { to: 'certificate' } }
    },
  })
  const open = (certificate?: typeof desk) => createBrowser({ ca: journey.authority.caPem, port: journey.port, ...(certificate === undefined ? {} : { certificate }) })
  const without = open()
  const refused = await journey.signIn(without)
  t.equal(refused.status, 403)
  t.match(refused.body, /Your device was not recognised/)
  t.match(refused.body, /your browser showed none/)
  t.match((await journey.trail()).filter(event => event.kind === 'session.refused'), [{ who: { id: nurse.id }, decision: { reason: 'session.certificateMissing' } }])
  t.same(journey.crm.seen(), [])
  const browser = open(desk)
  t.equal((await journey.signIn(browser)).status, 200)
  for (const [other, what] of [[open(), 'none'], [open(laptop), 'another one']] as const) {
    for (const [name, value] of browser.jar) other.jar.set(name, value)
    const before = journey.crm.seen().length
    t.match(JSON.parse((await other.fetch(`${journey.url}/api/leads`)).body), { code: 'session.otherCertificate' }, what)
    t.equal(journey.crm.seen().length, before)
  }
  t.same([await askHttp2(journey, browser, desk), await askHttp2(journey, browser, laptop)], [200, 401], 'HTTP/2')
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) t.same(await askTwiceResumed(journey, { browser, certificate: desk, version }), [[false, 200], [true, 200]], version)
})

async function askHttp2 (journey: Journey, browser: Browser, { certPem, keyPem }: ClientCertificate): Promise<number> {
  const session = connectHttp2(`https://${home}:${journey.port}`, { servername: site, ca: journey.authority.caPem, cert: certPem, key: keyPem })
  const stream = session.request({ ':path': '/api/leads', ':authority': journey.host, cookie: browser.cookies(site) })
  const [headers] = await once(stream, 'response') as [{ readonly ':status': number }]
  session.destroy()
  return headers[':status']
}

/** Two connections, the second one resuming the first one's TLS session, in which no certificate is sent again. */
async function askTwiceResumed (journey: Journey, { browser, certificate, version }: { readonly browser: Browser, readonly certificate: ClientCertificate, readonly version: 'TLSv1.2' | 'TLSv1.3' }) {
  const outcomes: Array<readonly [isResumed: boolean, status: number]> = []
  let session: Buffer | undefined
  for (let times = 0; times < 2; times += 1) {
    const own = { cert: certificate.certPem, key: certificate.keyPem, maxVersion: version }
    const options: ConnectionOptions = { host: home, port: journey.port, servername: site, ca: journey.authority.caPem, ...own, ...(session === undefined ? {} : { session }) }
    const socket: TLSSocket = connect(options)
    socket.on('session', (ticket: Buffer) => { session = ticket })
    await once(socket, 'secureConnect')
    const isResumed = socket.isSessionReused()
    socket.write(`GET /api/leads HTTP/1.1\r\nhost: ${journey.host}\r\ncookie: ${browser.cookies(site)}\r\nconnection: close\r\n\r\n`)
    const answer = await text(socket)
    outcomes.push([isResumed, Number(answer.slice(9, 12))])
  }
  return outcomes
}
