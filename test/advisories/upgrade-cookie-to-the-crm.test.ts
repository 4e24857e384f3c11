// The session cookie went to the CRM with a relayed upgrade, the Origin did not. The same hygiene holds on both ways in.
import t from 'tap'
import { handshake, openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'

t.test('an upgrade is as clean as a request, in both directions', async t => {
  const { app, upstream } = await setUp(t)
  upstream.onUpgrade((request, socket) => {
    const accept = handshake.acceptOf(String(request.headers['sec-websocket-key']))
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade, X-Hop\r\nX-Hop: 1\r\nSec-WebSocket-Accept: ${accept}\r\nSet-Cookie: __Host-sallyport=evil\r\nSet-Cookie: crm=2\r\nServer: Crm/1\r\nAlt-Svc: h3=":1"\r\n\r\n`)
  })
  const client = await openRaw(app)
  client.socket.write(handshake([
    'Origin: https://crm.clinic.test', 'Cookie: crm=1; __Host-sallyport=our-secret; x=2', 'X_Forwarded_User: evil', 'X-Forwarded-For: evil', 'Remote-User: evil',
    'Keep-Alive: timeout=5', 'X-Hop: evil', 'Sec-WebSocket-Protocol: a, b', 'Sec-WebSocket-Extensions: permessage-deflate',
  ], { connection: 'Upgrade, X-Hop, X-Forwarded-User' }))
  const answer = await client.ended()
  const [seen] = upstream.received
  t.equal(seen?.target, '/live')
  t.equal(seen?.headers.cookie, 'crm=1; x=2')
  t.notOk(seen?.rawHeaders.some(text => /evil|our-secret/.test(text)))
  t.equal(seen?.headers['x-forwarded-user'], 'nurse-7')
  t.equal(seen?.headers['x-forwarded-for'], '203.0.113.9')
  t.equal(seen?.headers.host, 'crm.clinic.test')
  t.equal(seen?.headers.origin, 'https://crm.clinic.test')
  t.equal(seen?.headers['sec-websocket-protocol'], 'a, b')
  t.equal(seen?.headers['sec-websocket-extensions'], 'permessage-deflate')
  t.equal(seen?.headers.connection, 'Upgrade')
  t.equal(seen?.headers['keep-alive'], undefined)
  t.match(answer, /^HTTP\/1\.1 101 /)
  t.match(answer, /\r\nset-cookie: crm=2; Secure\r\n/)
  t.notMatch(answer, /sallyport|x-hop|server:|alt-svc/i)
})
