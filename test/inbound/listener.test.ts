// The public listener as clients meet it: standing headers, kept connections, what is too slow, and what happens when a room breaks.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { Agent, request, type RequestOptions } from 'node:https'
import { connect as connectTcp } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { advanceWhile, startJourney, type Journey, type JourneyOptions } from '../support/journey.ts'
import { sendRaw } from '../support/raw.ts'

async function signedIn (t: Test, options: JourneyOptions = {}) {
  const journey = await startJourney(t, options)
  const browser = journey.browser()
  await journey.signIn(browser)
  journey.crm.forget()
  return { journey, browser, cookie: browser.cookies('crm.clinic.test') }
}

const withPublic = (settings: object): NonNullable<JourneyOptions['configure']> => draft => {
  const listeners = draft['listeners'] as { public: object }
  draft['listeners'] = { ...listeners, public: { ...listeners.public, ...settings } }
}

const optionsFor = (journey: Journey, cookie: string, more: RequestOptions = {}): RequestOptions => ({
  host: '127.0.0.1', port: journey.port, servername: 'crm.clinic.test', ca: journey.authority.caPem, agent: false, ...more, headers: { host: journey.host, cookie, ...more.headers as object },
})

async function askHttp2 (journey: Journey, headers: Readonly<Record<string, string>>) {
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  const stream = session.request({ ':authority': journey.host, ...headers })
  const [answer] = await once(stream, 'response') as [IncomingHttpHeaders & { ':status'?: number }]
  stream.resume()
  await once(stream, 'close')
  session.destroy()
  return { status: answer[':status'], headers: answer }
}

async function waitFor (condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error(`never: ${what}`)
    await new Promise(resolve => { setTimeout(resolve, 5) })
  }
}

/** The ending of the exchange with this path, once there is one. */
async function endingOf (journey: Journey, path: string) {
  for (let tries = 0; tries < 200; tries += 1) {
    const trail = await journey.trail()
    const admitted = trail.findLast(event => event.kind === 'request.admitted' && event.what?.path === path)
    const ending = trail.filter(event => event.id === admitted?.id && event.kind !== 'request.admitted')
    if (ending.length > 0) return ending
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
  return []
}

const cases = [['a page of the CRM', '/health', 200], ['a page that the CRM does not have', '/no-such-page', 404], ['a page of ours', '/_sallyport/saml/metadata', 200], ['a refusal', '/x%2fy', 400]] as const

for (const [name, hsts, expected] of [
  ['by default for a year', undefined, 'max-age=31536000'],
  ['as configured', { maxAge: '1d', includeSubDomains: true }, 'max-age=86400; includeSubDomains'],
  ['switched off', { maxAge: '0s' }, undefined],
] as const) {
  t.test(`Strict-Transport-Security on every answer, ${name}`, async t => {
    const { journey, cookie } = await signedIn(t, { configure: withPublic(hsts === undefined ? {} : { hsts }) })
    for (const [what, path, status] of cases) {
      const [answer] = await once(request(optionsFor(journey, cookie, { path })).end(), 'response') as [IncomingMessage]
      answer.resume()
      t.same([answer.statusCode, answer.headers['strict-transport-security']], [status, expected], `${what}, HTTP/1.1`)
      const second = await askHttp2(journey, { ':path': path, cookie })
      t.same([second.status, second.headers['strict-transport-security']], [status, expected], `${what}, HTTP/2`)
    }
    const raw = await sendRaw(journey, 'GARBAGE\r\n\r\n')
    t.match(raw, /^HTTP\/1\.1 400 /)
    t.equal(/^strict-transport-security: (.*)\r$/mi.exec(raw)?.[1], expected, 'what the parser refuses')
    const redirected = await askHttp2(journey, { ':path': '/leads', accept: 'text/html' })
    t.same([redirected.status, redirected.headers['strict-transport-security']], [303, expected], 'the way to sign in')
  })
}

t.test('a connection is used for one request after another, also past a refusal, and each is judged by itself', async t => {
  const { journey, cookie } = await signedIn(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => { agent.destroy() })
  const ports = new Set<number | undefined>()
  const statuses: Array<number | undefined> = []
  for (const [path, cookies] of [['/health', cookie], ['/x%2fy', cookie], ['/health', ''], ['/_sallyport/saml/metadata', cookie], ['/health', cookie]] as const) {
    const [answer] = await once(request(optionsFor(journey, cookies, { path, agent })).end(), 'response') as [IncomingMessage]
    ports.add(answer.socket.localPort)
    statuses.push(answer.statusCode)
    await text(answer)
  }
  t.same(statuses, [200, 400, 401, 200, 200])
  t.equal(ports.size, 1, 'one connection')
  t.equal(journey.crm.seen().length, 2)
})

t.test('an upload that stalls gets 408 by the clock; the CRM\'s call is broken off; it is on record with its reason', async t => {
  const { journey, cookie } = await signedIn(t, { configure: withPublic({ limits: { bodyIdleTimeout: '20s' } }) })
  const outgoing = request(optionsFor(journey, cookie, { path: '/api/files', method: 'POST', headers: { 'content-type': 'application/octet-stream', 'content-length': '1000' } }))
  outgoing.on('error', () => undefined)
  outgoing.write('some')
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  await waitFor(() => journey.crm.seen().length === 1, 'the CRM is called')
  await journey.clock.advance(19_000)
  let early = false
  answered.then(() => { early = true }, () => undefined)
  await new Promise(resolve => { setImmediate(resolve) })
  t.notOk(early, 'not before its time')
  const [answer] = await advanceWhile(answered, journey.clock)
  t.equal(answer.statusCode, 408)
  t.match(JSON.parse(await text(answer)), { code: 'forward.uploadStalled', status: 408 })
  outgoing.destroy()
  const endings = await endingOf(journey, '/api/files')
  t.match(endings, [{ kind: 'request.failed', outcome: { status: 408, reason: 'forward.uploadStalled', source: 'client' } }])
  t.equal(endings.length, 1)
})

t.test('an HTTP/2 client that has its answer and goes away with a reset was not refused, and the trail does not say so', async t => {
  const journey = await startJourney(t)
  const below = connectTcp(journey.port, '127.0.0.1')
  const secure = connectTls({ socket: below, servername: 'crm.clinic.test', ca: journey.authority.caPem, ALPNProtocols: ['h2'] })
  const session = connectHttp2(journey.url, { createConnection: () => secure })
  session.on('error', () => undefined)
  const stream = session.request({ ':authority': journey.host, ':path': '/_sallyport/saml/metadata' })
  stream.resume()
  const [answer] = await once(stream, 'response') as [IncomingHttpHeaders & { ':status'?: number }]
  await once(stream, 'close')
  t.equal(answer[':status'], 200)
  below.resetAndDestroy()
  await waitFor(() => journey.gateway.connection.openConnections() === 0, 'the connection is gone')
  t.same((await journey.trail()).filter(event => event.kind === 'connection.refused'), [])
})

t.test('a CRM that does not answer: a page with 504 after the configured time, and the CRM is named as the source', async t => {
  let isCalled = false
  const crm = createServer(() => { isCalled = true }).listen(0, '127.0.0.1')
  await once(crm, 'listening')
  t.teardown(() => { crm.close(); crm.closeAllConnections() })
  const journey = await startJourney(t, {
    configure (draft) { draft['upstream'] = { url: `http://127.0.0.1:${(crm.address() as { port: number }).port}`, answerTimeout: '500ms' } },
  })
  const browser = journey.browser()
  const page = await advanceWhile(journey.signIn(browser, { path: '/reports/slow' }), journey.clock)
  t.ok(isCalled)
  t.equal(page.status, 504)
  t.match(page.headers['content-type'], /text\/html/)
  t.match(page.body, /did not answer in time/)
  t.match(page.body, /Request number/)
  t.match(await endingOf(journey, '/reports/slow'), [{ kind: 'request.failed', outcome: { status: 504, reason: 'forward.answerTimeout', source: 'upstream' } }])
})

const secret = 'Zyxwina 000-12-3456'
const breaks: ReadonlyArray<readonly [name: string, breakIt: (journey: Journey) => void]> = [
  ['the access room', ({ gateway: { rooms } }) => { rooms.access.require = () => { throw new Error(secret) } }],
  ['the canonical room', ({ gateway: { rooms } }) => { rooms.canonical.require = () => { throw new TypeError(secret) } }],
  ['finding the session', ({ gateway: { rooms } }) => { rooms.session.find = async () => { throw new RangeError(secret) } }],
  ['moving the session\'s clock', ({ gateway: { rooms } }) => { rooms.session.touch = async () => { throw new RangeError(secret) } }],
  ['something that throws no error', ({ gateway: { rooms } }) => { rooms.access.require = () => { throw secret as unknown as Error } }], // eslint-disable-line no-throw-literal
]

for (const [name, breakIt] of breaks) {
  t.test(`invariant 4: a bug in ${name} passes nothing: a bare 500 with a request number, on record, and nothing of its text anywhere`, async t => {
    const { journey, browser } = await signedIn(t)
    breakIt(journey)
    const page = await browser.open(`${journey.url}/leads`)
    t.equal(page.status, 500)
    const id = /Request number<\/dt><dd><code dir="ltr">([\w-]+)<\/code>/.exec(page.body)?.[1]
    t.ok(id, 'a request number for the person')
    const answer = await browser.fetch(`${journey.url}/api/leads`)
    t.equal(answer.status, 500)
    t.match(JSON.parse(answer.body), { status: 500, code: 'inbound.bug' })
    const socket = journey.webSocket(browser)
    const [, refused] = await once(socket, 'unexpected-response') as [unknown, IncomingMessage]
    t.equal(refused.statusCode, 500, 'a WebSocket too')
    socket.on('error', () => undefined)
    socket.terminate()
    t.same(journey.crm.seen(), [])
    const trail = await journey.trail()
    t.match(trail.find(event => event.id === id), { kind: 'request.denied', decision: { reason: 'inbound.bug' } })
    t.equal(trail.filter(event => event.decision?.reason === 'inbound.bug').length, 3)
    t.ok(journey.log.some(line => line.includes('request.bug') && line.includes(id as string)), 'the log has it under the same number')
    for (const [where, told] of [['page', page.body], ['answer', answer.body], ['headers', JSON.stringify([page.headers, answer.headers])], ['log', journey.log.join('')]] as const) {
      t.notMatch(told, /Zyxwina|000-12-3456/, where)
    }
  })
}
