// `Expect: 100-continue` and a `Keep-Alive:` request header gave 500, because undici refuses both.
import { openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

for (const ownContinue of [false, true]) {
  testBothWays(`Expect: 100-continue is answered, ${ownContinue ? 'by the room after the judgement' : 'by Node.js'}, and the body arrives`, async t => {
    const { app, upstream } = await setUp(t, { ownContinue })
    const client = await openRaw(app)
    client.socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    client.socket.write('hello')
    t.match(await client.ended(), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    t.equal(upstream.received[0]?.headers.expect, undefined)
    t.equal((await upstream.received[0]?.body)?.toString(), 'hello')
  })
}

testBothWays('a body that is refused is not invited', async t => {
  const { app, upstream } = await setUp(t, { ownContinue: true, deps: { maxBodySize: 4 } })
  const client = await openRaw(app)
  client.socket.write('POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
  t.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 413 /)
  t.equal(upstream.received.length, 0)
  client.socket.destroy()
})

testBothWays('Keep-Alive and the other fields of this hop are not passed on', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nKeep-Alive: timeout=5\r\nKeep_Alive: timeout=6\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nTE: trailers\r\nTrailer: X-A\r\n\r\n')
  t.match(await client.ended(), /^HTTP\/1\.1 200 /)
  const names = upstream.received[0]?.rawHeaders.filter((_text, index) => index % 2 === 0).map(name => name.toLowerCase()) ?? []
  for (const name of ['keep-alive', 'keep_alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'upgrade']) t.notOk(names.includes(name), name)
})
