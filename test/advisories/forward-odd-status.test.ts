// The relay passed on status 999, and on a 101 whatever the CRM had written beside the handshake.
import t from 'tap'
import type { Duplex } from 'node:stream'
import { ask, askHttp2, handshake, openHttp2, openRaw } from '../inbound/forward/clients.ts'
import { setUpBefore } from '../inbound/forward/forward-app.ts'
import { startRawUpstream } from '../support/upstream.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const answerWith = (status: string) => (socket: Duplex) => { socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\nX-Theirs: 1\r\n\r\nok`) }

for (const status of ['999', '600', '099', '000']) {
  t.test(`${status} is no answer`, async t => {
    const app = await setUpBefore(t, await startRawUpstream(answerWith(status)))
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    t.equal((await ask(app)).status, 502)
    t.equal((await askHttp2(session)).status, 502)
    const client = await openRaw(app)
    client.socket.write(handshake())
    const text = await client.ended()
    t.match(text, /^HTTP\/1\.1 502 /)
    t.match(text, /"forward\.badAnswer"/)
    t.notMatch(text, /x-theirs/i)
    t.same(app.relays[0]?.answered, [])
    t.equal(app.relays[0]?.finished.length, 1)
  })
}

testBothWays('a 101 carries the handshake and cookies, nothing else', async t => {
  const app = await setUpBefore(t, await startRawUpstream((socket, head) => {
    const accept = handshake.acceptOf(/sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? '')
    socket.write([
      'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, 'Sec-WebSocket-Protocol: crm',
      'Set-Cookie: crm=2', 'Set-Cookie: __Host-sallyport=evil', 'Location: http://crm-internal/', 'Trailer: x', 'Content-Length: 5', 'X-Note: theirs', 'Link: </a>', '', '',
    ].join('\r\n'))
  }))
  const client = await openRaw(app)
  client.socket.write(handshake())
  const text = await client.until(/\r\n\r\n/)
  const names = text.split('\r\n').slice(1).filter(line => line !== '').map(line => line.slice(0, line.indexOf(':')).toLowerCase()).sort()
  t.match(text, /^HTTP\/1\.1 101 /)
  t.same(names, ['connection', 'sec-websocket-accept', 'sec-websocket-protocol', 'set-cookie', 'upgrade'])
  t.match(text, /set-cookie: crm=2; Secure/i)
  client.socket.destroy()
})
