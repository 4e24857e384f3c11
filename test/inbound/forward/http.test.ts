// What passes between a browser and the CRM over HTTP/1.1 and HTTP/2, whole and unchanged.
import t from 'tap'
import { gzipSync } from 'node:zlib'
import { startRawUpstream } from '../../support/upstream.ts'
import { ask, askHttp2, openHttp2, openRaw } from './clients.ts'
import { setUp, setUpBefore } from './forward-app.ts'
import { testBothWays } from './both-ways.ts'

testBothWays('exactly the canonical target is asked for, whatever the request says', async t => {
  // Library paths would resolve, decode or escape each of these.
  for (const href of ['/leads/7?name=a%20b&&x', '/a%2Fb/%25', '/%7Ename/%FF?', '//partner.example/x', '/a|b^c`{}"<>', '/a?b?c=/../d', '/;v=1/@:80', '/?']) {
    const { app, upstream } = await setUp(t, { context: { href } })
    t.equal((await ask(app, { path: '/anything/../else?q' })).status, 200)
    t.equal(upstream.received[0]?.target, href)
    t.equal(upstream.received.length, 1)
  }
})

testBothWays('exactly the context\'s method is sent', async t => {
  const { app, upstream } = await setUp(t, { context: { method: 'DELETE' } })
  await ask(app, { method: 'POST', body: '' })
  t.equal(upstream.received[0]?.method, 'DELETE')
})

testBothWays('the CRM sees the public host, or its own when configured', async t => {
  const own = await setUp(t, { config: { host: 'upstream' } })
  await ask(own.app)
  t.equal(own.upstream.received[0]?.headers.host, `127.0.0.1:${own.upstream.port}`)
  const other = await setUp(t, { deps: { publicUrl: 'https://crm.clinic.test:8443' } })
  await ask(other.app, { headers: { host: 'evil.example' } })
  t.equal(other.upstream.received[0]?.headers.host, 'crm.clinic.test:8443')
  t.equal(other.upstream.received[0]?.headers['x-forwarded-host'], 'crm.clinic.test:8443')
  t.equal(other.upstream.received[0]?.headers['x-forwarded-port'], '8443')
})

testBothWays('a POST and its answer pass over HTTP/2', async t => {
  const { app, upstream } = await setUp(t)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const answer = await askHttp2(session, { method: 'POST', path: '/leads', body: 'name=x' })
  t.equal(answer.status, 200)
  t.equal(answer.body.toString(), 'ok')
  t.equal((await upstream.received[0]?.body)?.toString(), 'name=x')
  t.equal(answer.resetCode, 0)
})

const exact = [
  ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\netag: "a"\r\n\r\n', 304, '', { etag: '"a"' }],
  ['204', 'DELETE', 'HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n', 204, '', { 'x-a': '1', 'content-length': undefined }],
  ['HEAD with a length', 'HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 12345\r\ncontent-type: text/x\r\n\r\n', 200, '', { 'content-length': '12345', 'content-type': 'text/x' }],
  ['a range', 'GET', 'HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 2-4/9\r\ncontent-length: 3\r\n\r\ncde', 206, 'cde', { 'content-range': 'bytes 2-4/9', 'content-length': '3' }],
  ['an empty body', 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 200, '', { 'content-length': '0' }],
  ['early hints before it', 'GET', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', 200, 'ok', {}],
  ['HTTP/1.0 with a length', 'GET', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', 200, 'ok', { 'content-length': '2' }],
  ['HTTP/1.0 until the connection ends', 'GET', 'HTTP/1.0 200 OK\r\n\r\nall of it', 200, 'all of it', {}],
  ['no reason phrase', 'GET', 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok', 200, 'ok', {}],
  ['a name in UTF-8 in a header', 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-disposition: attachment; filename="r\u00c3\u00a9sum\u00c3\u00a9.pdf"\r\n\r\n', 200, '',
    { 'content-disposition': 'attachment; filename="r\u00c3\u00a9sum\u00c3\u00a9.pdf"' }],
] as const

for (const [name, method, bytes, status, body, headers] of exact) {
  t.test(`an answer passes exactly: ${name}`, async t => {
    const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(bytes, 'latin1') }))
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    for (const answer of [await ask(app, { method }), await askHttp2(session, { method })]) {
      t.equal(answer.status, status)
      t.equal(answer.body.toString(), body)
      for (const [field, value] of Object.entries(headers)) t.equal(answer.headers[field], value, field)
    }
    t.equal(app.failures.length + app.brokenAnswers.length, 0)
  })
}

testBothWays('compressed content passes as it is', async t => {
  const { app, upstream } = await setUp(t)
  const packed = gzipSync('patient list')
  upstream.answer((request, response) => { response.writeHead(200, { 'content-encoding': 'gzip', vary: 'accept-encoding', 'x-asked': request.headers['accept-encoding'] }).end(packed) })
  const answer = await ask(app, { headers: { 'accept-encoding': 'gzip, br', range: 'bytes=0-' } })
  t.ok(answer.body.equals(packed))
  t.equal(answer.headers['content-encoding'], 'gzip')
  t.equal(answer.headers['x-asked'], 'gzip, br')
  t.equal(upstream.received[0]?.headers.range, 'bytes=0-')
})

const chunkedWithTrailers = [
  'HTTP/1.1 200 OK', 'transfer-encoding: chunked', 'trailer: X-Sum, Set-Cookie, Content-Length, X-Unsent', '', '2', 'ok', '0',
  'x-sum: abc', 'set-cookie: __Host-sallyport=evil', 'x-unannounced: 1', '', '',
].join('\r\n')

testBothWays('trailers that were announced pass, but none that would change the message or a cookie', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(chunkedWithTrailers) }))
  const answer = await ask(app)
  t.equal(answer.body.toString(), 'ok')
  t.equal(answer.headers.trailer, 'x-sum, x-unsent')
  t.same(answer.trailers, { 'x-sum': 'abc' })
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const { trailers } = await askHttp2(session)
  t.equal(trailers['x-sum'], 'abc')
  t.equal(trailers['set-cookie'], undefined)
})

testBothWays('requests on one connection are told apart, many at a time', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer((request, response) => { response.end(request.url) })
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  const paths = Array.from({ length: 50 }, (_none, index) => `/r/${index}`)
  const answers = await Promise.all(paths.map(path => askHttp2(session, { path })))
  t.same(answers.map(({ body }) => body.toString()), paths)
  const client = await openRaw(app)
  client.socket.write(paths.map((path, index) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${index === 49 ? 'Connection: close\r\n' : ''}\r\n`).join(''))
  t.same([...(await client.ended()).matchAll(/\/r\/\d+/g)].map(String), paths)
})

testBothWays('closing the room ends its open calls', async t => {
  const { app, upstream } = await setUp(t)
  upstream.answer(() => { /* never */ })
  const answer = ask(app)
  while (upstream.received.length === 0) await new Promise(resolve => { setImmediate(resolve) })
  await app.room.close()
  t.equal((await answer).status, 502)
})
