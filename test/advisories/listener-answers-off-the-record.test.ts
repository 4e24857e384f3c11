// Requests that Node or the router would answer by themselves: a bad escape below our own prefix, HTTP/2 CONNECT, an HTTP/2 expectation, an
// HTTP/2 method that does not exist. Each is judged, refused and on record, and the CRM saw nothing.
import { once } from 'node:events'
import { connect, type IncomingHttpHeaders, type SecureClientSessionOptions } from 'node:http2'
import t from 'tap'
import { startJourney } from '../support/journey.ts'
import { sendRaw } from '../support/raw.ts'

t.test('each is refused, counted and recorded with the address', async t => {
  const journey = await startJourney(t)
  const session = connect(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  t.teardown(() => session.destroy())
  const ask = async (headers: Record<string, string>) => {
    const stream = session.request({ ':authority': journey.host, ...headers })
    stream.on('error', () => undefined)
    const [answer] = await once(stream, 'response') as [IncomingHttpHeaders]
    stream.resume()
    return Number(answer[':status'])
  }
  t.equal(await ask({ ':method': 'CONNECT' }), 405)
  t.equal(await ask({ ':method': 'FOO', ':path': '/leads' }), 405)
  t.equal(await ask({ ':method': 'get', ':path': '/leads' }), 405)
  t.equal(await ask({ ':path': '/leads', expect: 'a-miracle' }), 417)
  t.equal(await ask({ ':path': '/_sallyport/%ff' }), 400)
  t.match(await sendRaw(journey, `GET /_sallyport/%zz HTTP/1.1\r\nHost: ${journey.host}\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 400 /)
  const trail = (await journey.trail()).filter(event => event.kind === 'request.denied')
  t.same(trail.map(event => event.decision?.reason), ['inbound.methodNotAllowed', 'inbound.methodNotAllowed', 'inbound.methodNotAllowed', 'canonical.expectation', 'canonical.pathEncoding', 'canonical.pathEncoding'])
  for (const event of trail) t.equal(event.from?.address, '127.0.0.1')
  t.same(journey.crm.seen(), [])
  t.notOk(journey.log.some(line => line.includes('bug')), 'and none of it is a bug in the log')
})

t.test('GET / HTTP/2.0 written on an HTTP/1.1 connection is not HTTP/2', async t => {
  const journey = await startJourney(t)
  t.match(await sendRaw(journey, `GET /leads HTTP/2.0\r\nHost: ${journey.host}\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 (400|505) /)
  t.same(journey.crm.seen(), [])
})

t.test('an address outside is refused over HTTP/2 too, by its own name after a reset', async t => {
  const journey = await startJourney(t)
  const options: SecureClientSessionOptions & { readonly localAddress: string } = { servername: 'crm.clinic.test', ca: journey.authority.caPem, localAddress: '127.0.0.3' }
  const session = connect(`https://127.0.0.1:${journey.port}`, options)
  session.on('error', () => undefined)
  const stream = session.request({ ':authority': journey.host, ':path': '/leads' })
  stream.on('error', () => undefined)
  await once(stream, 'response')
  session.destroy()
  const denied = (await journey.trail()).find(event => event.kind === 'request.denied')
  t.match(denied, { from: { address: '127.0.0.3' }, decision: { reason: 'clientIp.notAllowed' } })
})
