// Connections that Node would hold for ever: HTTP/2 without SETTINGS, HTTP/2 with nothing open, a refused upgrade whose client never closes.
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t from 'tap'
import { startJourney, type Journey } from '../support/journey.ts'

async function open (journey: Journey, protocol: string): Promise<TLSSocket> {
  const options: ConnectionOptions & { readonly allowHalfOpen: boolean } = { host: '127.0.0.1', port: journey.port, servername: 'crm.clinic.test', ca: journey.authority.caPem, ALPNProtocols: [protocol], allowHalfOpen: true }
  const socket = connect(options)
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

async function until (condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 300 && !condition(); tries += 1) await new Promise(resolve => { setTimeout(resolve, 10) })
  return condition()
}

t.test('HTTP/2 that never begins is ended by the clock and on record', async t => {
  const journey = await startJourney(t)
  const socket = await open(journey, 'h2')
  socket.resume()
  t.ok(await until(() => journey.gateway.connection.openConnections() === 1))
  for (let tries = 0; tries < 100 && journey.gateway.connection.openConnections() > 0; tries += 1) {
    await journey.clock.advance(5000) // the server's side of the handshake ends in real time
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
  t.equal(journey.gateway.connection.openConnections(), 0)
  t.match((await journey.trail()).find(event => event.kind === 'connection.refused'), { from: { address: '127.0.0.1' }, decision: { reason: 'connection.http2' } })
  socket.destroy()
})

t.test('HTTP/2 with nothing open is ended after the keep-alive time', async t => {
  const journey = await startJourney(t)
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem })
  session.on('error', () => undefined)
  const stream = session.request({ ':authority': journey.host, ':path': '/leads' })
  await once(stream, 'response')
  stream.resume()
  await once(stream, 'close')
  await until(() => journey.gateway.connection.openConnections() === 1)
  await journey.clock.advance(74_000)
  t.equal(journey.gateway.connection.openConnections(), 1)
  const closed = once(session, 'close')
  await journey.clock.advance(2000)
  await closed
  t.ok(await until(() => journey.gateway.connection.openConnections() === 0))
})

t.test('HTTP/2 with nothing open, whose client never closes its side, is ended two seconds later', async t => {
  const journey = await startJourney(t)
  const raw = connectTcp({ host: '127.0.0.1', port: journey.port, allowHalfOpen: true })
  await once(raw, 'connect')
  const socket = connect({ socket: raw, servername: 'crm.clinic.test', ca: journey.authority.caPem, ALPNProtocols: ['h2'] })
  t.teardown(() => { socket.destroy(); raw.destroy() })
  socket.allowHalfOpen = true
  let received = Buffer.alloc(0)
  const ended = once(socket.on('error', () => undefined).on('data', (chunk: Buffer) => { received = Buffer.concat([received, chunk]) }), 'end')
  await once(socket, 'secureConnect')
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])) // SETTINGS
  t.ok(await until(() => received.includes(Buffer.from([0, 0, 0, 4, 1, 0, 0, 0, 0]))), 'the server has seen the SETTINGS')
  await journey.clock.advance(75_000)
  await ended
  t.equal(journey.gateway.connection.openConnections(), 1, 'our side is closed, the client\'s is not')
  await journey.clock.advance(2000)
  t.ok(await until(() => journey.gateway.connection.openConnections() === 0))
})

t.test('an answer that an HTTP/2 client has no room for is given up, and with it the connection', async t => {
  const journey = await startJourney(t)
  const session = connectHttp2(`https://127.0.0.1:${journey.port}`, { servername: 'crm.clinic.test', ca: journey.authority.caPem, settings: { initialWindowSize: 0 } })
  session.on('error', () => undefined)
  t.teardown(() => { session.destroy() })
  // A refusal, one of our own pages, and a method that the router cannot take.
  const streams = [{ ':path': '/leads' }, { ':path': '/_sallyport/saml/metadata' }, { ':path': '/leads', ':method': 'BREW' }].map(headers => session.request({ ':authority': journey.host, ...headers }))
  const closed = Promise.all(streams.map(stream => once(stream.on('error', () => undefined), 'close')))
  t.same((await Promise.all(streams.map(stream => once(stream, 'response')))).map(([headers]) => (headers as { ':status': number })[':status']), [401, 200, 405])
  await journey.clock.advance(15_000)
  await closed
  t.match((await journey.trail()).filter(event => event.kind === 'request.abandoned').length, 1, 'the page that was not taken is on record as abandoned')
  await journey.clock.advance(75_000)
  t.ok(await until(() => journey.gateway.connection.openConnections() === 0))
})

t.test('a refused upgrade whose client never closes its side is ended after two seconds', async t => {
  const journey = await startJourney(t)
  const socket = await open(journey, 'http/1.1')
  socket.write(`GET /live HTTP/1.1\r\nHost: ${journey.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 401 /)
  await journey.clock.advance(2000)
  t.ok(await until(() => journey.gateway.connection.openConnections() === 0))
  socket.destroy()
})
