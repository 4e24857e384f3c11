// An upgrade behind a request that has no answer yet: the answer would come out in the middle of the frames.
import t from 'tap'
import { startJourney } from '../support/journey.ts'
import { sendRaw } from '../support/raw.ts'

t.test('it is refused and on record, the connection is closed, and the CRM saw no upgrade', async t => {
  const journey = await startJourney(t)
  const browser = journey.browser()
  await journey.signIn(browser)
  journey.crm.forget()
  const head = `Host: ${journey.host}\r\nCookie: ${browser.cookies('crm.clinic.test')}\r\n`
  const upgrade = `GET /live HTTP/1.1\r\n${head}Origin: ${journey.url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
  const received = await sendRaw(journey, `GET /leads HTTP/1.1\r\n${head}\r\n${upgrade}`)
  t.notMatch(received, '101')
  t.notOk(journey.crm.seen().some(seen => seen.url === '/live'))
  t.match((await journey.trail()).find(event => event.decision?.reason === 'inbound.pipelined'), { kind: 'request.denied', what: { path: '/live' } })
})
