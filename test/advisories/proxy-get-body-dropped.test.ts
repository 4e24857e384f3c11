// A GET's body was dropped in silence and unusual methods met a false 404: a body is refused or passed, a method is passed.
import t from 'tap'
import { ask, askHttp2, openHttp2, openRaw } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

for (const method of ['GET', 'HEAD']) {
  t.test(`${method} with a body is refused, and the CRM sees nothing`, async t => {
    const { app, upstream } = await setUp(t)
    const sized = await ask(app, { method, body: 'x', headers: { 'content-length': '1' } })
    t.equal(sized.status, 400)
    const chunked = await ask(app, { method, body: 'x', headers: { 'transfer-encoding': 'chunked' } })
    t.equal(chunked.status, 400)
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    t.equal((await askHttp2(session, { method, body: 'x' })).status, 400)
    t.match(app.failures, [{ code: 'forward.bodyNotAllowed' }, { code: 'forward.bodyNotAllowed' }, { code: 'forward.bodyNotAllowed' }])
    t.equal(upstream.received.length, 0)
  })
}

testBothWays('GET that declares an empty body passes without one', async t => {
  const { app, upstream } = await setUp(t)
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  t.match(await client.ended(), /^HTTP\/1\.1 200 /)
  t.equal((await upstream.received[0]?.body)?.length, 0)
})

for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'PUT', 'PROPFIND', 'REPORT', 'MKCOL', 'SEARCH']) {
  t.test(`${method} passes with its body, and without`, async t => {
    const { app, upstream } = await setUp(t, { methods: ['PROPFIND', 'REPORT', 'MKCOL', 'SEARCH'] })
    t.equal((await ask(app, { method, body: '<a/>', headers: { 'content-type': 'text/xml', 'content-length': '4' } })).status, 200)
    t.equal((await ask(app, { method })).status, 200)
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    t.equal((await askHttp2(session, { method, body: '<b/>' })).status, 200)
    t.same(upstream.received.map(({ method }) => method), [method, method, method])
    t.same((await Promise.all(upstream.received.map(({ body }) => body))).map(String), ['<a/>', '', '<b/>'])
  })
}

testBothWays('TRACE is not forwarded: its answer would show our headers', async t => {
  const { app, upstream } = await setUp(t)
  t.equal((await ask(app, { method: 'TRACE' })).status, 404)
  t.equal(upstream.received.length, 0)
})
