// RST_STREAM with NO_ERROR is the end of the content to a browser (RFC 9113 section 8.1): a download that was cut because its session ended
// would be saved as if it were whole. A cut must be an error to the client, over HTTP/1.1 and over HTTP/2.
import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import t from 'tap'
import { sendRaw } from '../support/raw.ts'
import { startJourney } from '../support/journey.ts'

t.test('an answer that a revocation cuts does not end properly', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  const cookie = browser.cookies('crm.clinic.test')
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  t.teardown(() => { session.destroy() })
  const stream = session.request({ ':path': '/events', ':authority': journey.host, cookie })
  stream.on('error', () => undefined).resume()
  const closed = new Promise(resolve => { stream.once('close', resolve) })
  await once(stream, 'response')
  const received = sendRaw(journey, `GET /events HTTP/1.1\r\nHost: ${journey.host}\r\nCookie: ${cookie}\r\n\r\n`)
  while (journey.gateway.rooms.open.size < 2) await new Promise(resolve => { setImmediate(resolve) })
  await journey.gateway.rooms.session.end({ by: 'all' }, 'revoked')
  await closed
  t.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR, 'HTTP/2: reset with an error')
  t.notMatch(await received, /\r\n0\r\n\r\n$/, 'HTTP/1.1: no last chunk')
  const endings = (await journey.trail()).filter(event => event.outcome?.reason === 'session.revoked')
  t.same(endings.map(event => event.kind), ['request.abandoned', 'request.abandoned'])
})
