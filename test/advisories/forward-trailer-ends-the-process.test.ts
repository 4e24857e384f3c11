// `Trailer` on an answer without chunks: Node.js threw where nobody caught it, and one request ended the process for everybody.
import t from 'tap'
import { ask, askHttp2, eventually, openHttp2, openRaw } from '../inbound/forward/clients.ts'
import { setUpBefore, type ForwardApp } from '../inbound/forward/forward-app.ts'
import { startRawUpstream } from '../support/upstream.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const chunks = 'Transfer-Encoding: chunked\r\nTrailer: x-note\r\n\r\n'
const withContent = `HTTP/1.1 200 OK\r\n${chunks}2\r\nok\r\n0\r\nx-note: 1\r\n\r\n`
const withoutContent = [
  ['HEAD', 200, 'OK', `HTTP/1.1 200 OK\r\n${chunks}`],
  ['GET', 304, 'Not Modified', 'HTTP/1.1 304 Not Modified\r\nTrailer: x-note\r\n\r\n'],
  ['GET', 204, 'No Content', 'HTTP/1.1 204 No Content\r\nTrailer: x-note\r\n\r\n'],
  ['HEAD', 204, 'No Content', 'HTTP/1.1 204 No Content\r\nTrailer: x-note\r\n\r\n'],
  ['HEAD', 304, 'Not Modified', `HTTP/1.1 304 Not Modified\r\n${chunks}`],
] as const

for (const [method, status, phrase, bytes] of withoutContent) {
  t.test(`${method} answered with ${status} and a Trailer`, async t => {
    const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(bytes) }))
    const client = await openRaw(app)
    client.socket.write(`${method} / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: close\r\n\r\n`)
    const text = await client.ended()
    t.ok(text.startsWith(`HTTP/1.1 ${status} ${phrase}\r\n`), text)
    t.notMatch(text, /trailer|x-note/i)
    t.ok(text.endsWith('\r\n\r\n'), 'no content, and nothing behind it')
    const session = openHttp2(app)
    t.teardown(() => { session.close() })
    const answer = await askHttp2(session, { method })
    t.equal(answer.status, status)
    t.equal(answer.resetCode, 0)
    t.equal(answer.headers['trailer'], undefined)
    t.same(app.failures, [])
    t.same(app.brokenAnswers, [])
  })
}

testBothWays('HTTP/1.0 knows no chunks: the content comes whole, without the trailer', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(withContent) }))
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n')
  const text = await client.ended()
  t.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/)
  t.notMatch(text, /trailer|x-note/i)
  t.same(app.brokenAnswers, [])
})

testBothWays('where there are chunks, or frames, trailers still pass', async t => {
  const app = await setUpBefore(t, await startRawUpstream(socket => { socket.end(withContent) }))
  t.same((await ask(app)).trailers, { 'x-note': '1' })
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  t.equal((await askHttp2(session)).trailers['x-note'], '1')
})

testBothWays('an announced trailer does not stay on the page that replaces a broken answer', async t => {
  const upstream = await startRawUpstream(socket => { socket.end(`HTTP/1.1 200 OK\r\n${chunks}`) })
  // A hook holds the answer until it has broken off.
  const app: ForwardApp = await setUpBefore(t, upstream, { beforeSend: () => eventually(() => app.brokenAnswers.length > 0) })
  const client = await openRaw(app)
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const text = await client.ended()
  t.match(text, /^HTTP\/1\.1 502 Bad Gateway\r\n/)
  t.notMatch(text, /trailer/i)
})
