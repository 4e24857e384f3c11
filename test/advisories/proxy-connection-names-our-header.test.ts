// `Connection: close, X-Forwarded-User` asks a proxy to drop X-Forwarded-User as hop-by-hop: the client's is dropped, ours is set afterwards.
import { openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

testBothWays('what the client names in Connection ends here, and never takes ours with it', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close, X-Forwarded-User, x_forwarded_for, X-Forwarded-Proto, Host, X-Request-Id\r\nConnection: X-Mine, X-Forwarded-Groups\r\nX-Mine: 1\r\nX-Other: 2\r\n\r\n')
  t.match(await client.ended(), /^HTTP\/1\.1 200 /)
  const headers = upstream.received[0]?.headers ?? t.fail('nothing arrived') as never
  t.equal(headers['x-forwarded-user'], 'nurse-7')
  t.equal(headers['x-forwarded-groups'], 'nurses,ward 3')
  t.equal(headers['x-forwarded-for'], '203.0.113.9')
  t.equal(headers['x-forwarded-proto'], 'https')
  t.equal(headers.host, 'crm.clinic.test')
  t.match(headers['x-request-id'], /^request-/)
  t.equal(headers['x-mine'], undefined)
  t.equal(headers['x-other'], '2')
})
