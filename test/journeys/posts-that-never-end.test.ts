import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { advanceWhile, startJourney, type Journey } from '../support/journey.ts'
import type { Browser } from '../support/browser.ts'

const acs = '/_sallyport/saml/acs'
const signOut = '/_sallyport/sign-out'

interface Posted { readonly said: () => string, readonly closed: Promise<unknown>, breakOff(): void }

/** Begins a POST of 1000 bytes, sends ten of them and keeps the connection. */
type Post = (path: string, cookie: string) => Promise<Posted>

async function postHttp1 (t: Test, journey: Journey, path: string, cookie: string): Promise<Posted> {
  const socket = connectTls({ host: '127.0.0.1', port: journey.port, servername: 'crm.clinic.test', ca: journey.authority.caPem, ALPNProtocols: ['http/1.1'] })
  t.teardown(() => { socket.destroy() })
  let received = ''
  socket.on('error', () => undefined).on('data', chunk => { received += chunk.toString('latin1') })
  const closed = new Promise(resolve => { socket.once('close', resolve) })
  await once(socket, 'secureConnect')
  const cookieLine = cookie === '' ? '' : `cookie: ${cookie}\r\n`
  socket.write(`POST ${path} HTTP/1.1\r\nhost: ${journey.host}\r\n${cookieLine}content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\n0123456789`)
  return { said: () => received, closed, breakOff () { socket.destroy() } }
}

async function postHttp2 (t: Test, journey: Journey, path: string, cookie: string): Promise<Posted> {
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  session.on('error', () => undefined)
  t.teardown(() => { session.destroy() })
  const stream = session.request({ ':method': 'POST', ':path': path, ':authority': journey.host, ...(cookie === '' ? {} : { cookie }), 'content-type': 'application/x-www-form-urlencoded' })
  let received = ''
  stream.on('error', () => undefined).on('response', headers => { received += `${headers[':status']} ` }).on('data', chunk => { received += chunk.toString('latin1') })
  const closed = new Promise(resolve => { stream.once('close', resolve) })
  stream.write('0123456789')
  return { said: () => received, closed, breakOff () { session.destroy() } }
}

/** The cookie of a browser that was sent to the IdP. */
async function sentAway (journey: Journey, browser: Browser): Promise<string> {
  await browser.ask(`${journey.url}/_sallyport/sign-in`)
  return browser.cookies('crm.clinic.test')
}

/** Events of a kind about admitted requests of a path, once there are so many; bounded, real sockets work in real time. */
async function trailWith (journey: Journey, path: string, { kind, count }: { readonly kind: string, readonly count: number }) {
  for (let tries = 0; ; tries += 1) {
    const trail = await journey.trail()
    const ids = new Set(trail.filter(event => event.kind === 'request.admitted' && event.what?.path === path).map(event => event.id))
    const found = trail.filter(event => ids.has(event.id) && event.kind === kind)
    if (found.length >= count || tries > 100) return found
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
}

const isBug = (line: string) => line.includes('request.bug')

for (const [name, begin] of [['HTTP/1.1', postHttp1], ['HTTP/2', postHttp2]] as const) {
  t.test(`over ${name}`, async t => {
    const journey = await startJourney(t)
    const post: Post = (path, cookie) => begin(t, journey, path, cookie)

    await t.test('whoever was not sent to the IdP is refused at once, with the body still to come, and nothing is kept open', async t => {
      for (const cookie of ['', '__Host-sallyport-signin=forged']) {
        const { said, closed } = await post(acs, cookie)
        await closed
        t.match(said(), /\b403 [^]*saml\.browserUnknown/)
      }
      t.match((await journey.trail()).filter(event => event.kind === 'session.refused'), [{ decision: { reason: 'saml.browserUnknown' } }, { decision: { reason: 'saml.browserUnknown' } }])
    })

    await t.test('an answer of the IdP that stalls is over after fifteen seconds', async t => {
      const { said, closed } = await post(acs, await sentAway(journey, journey.browser()))
      const beganAt = journey.clock.now()
      await advanceWhile(closed, journey.clock)
      t.ok(journey.clock.now() - beganAt >= 15_000, 'not before')
      t.match(said(), /\b408 [^]*inbound\.formTimeout/)
    })

    await t.test('one that breaks off is abandoned by the client, and no bug of ours', async t => {
      const { breakOff } = await post(acs, await sentAway(journey, journey.browser()))
      await trailWith(journey, acs, { kind: 'request.admitted', count: 4 })
      breakOff()
      const abandoned = await trailWith(journey, acs, { kind: 'request.abandoned', count: 1 })
      t.match(abandoned, [{ outcome: { reason: 'inbound.clientGone', source: 'client' } }])
      t.same(journey.log.filter(isBug), [])
    })

    await t.test('a sign-out whose body never ends signs out and keeps nothing open', async t => {
      const browser = journey.browser()
      await journey.signIn(browser)
      const { said, closed } = await post(signOut, browser.cookies('crm.clinic.test'))
      await closed
      t.match(said(), /\b303 /)
      t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401)
    })

    await t.test('an upload for the CRM by somebody who is not signed in is refused, and nothing is kept open', async t => {
      const { said, closed } = await post('/api/files', '')
      await closed
      t.match(said(), /\b401 [^]*session\.missing/)
    })
  })
}

t.test('an address that begins sign-ins without end is told to wait a minute', async t => {
  const journey = await startJourney(t)
  const statuses: number[] = []
  for (let index = 0; index < 60; index += 1) statuses.push((await journey.browser().ask(`${journey.url}/_sallyport/sign-in`)).status)
  t.same(statuses, [...Array.from({ length: 50 }, () => 303), ...Array.from({ length: 10 }, () => 429)])
  const refused = await journey.browser().fetch(`${journey.url}/_sallyport/sign-in`)
  t.equal(refused.headers['retry-after'], '60')
  t.match(JSON.parse(refused.body), { code: 'inbound.tooManySignIns' })
  await journey.clock.advance(60_000)
  t.equal((await journey.browser().ask(`${journey.url}/_sallyport/sign-in`)).status, 303)
})
