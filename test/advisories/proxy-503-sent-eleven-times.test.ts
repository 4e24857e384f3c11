// A GET that the CRM answers with 503 was sent eleven times. The trail says what happened once, so it happens once.
import { startRawUpstream } from '../support/upstream.ts'
import { ask } from '../inbound/forward/clients.ts'
import { setUp, setUpBefore } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
  testBothWays(`${method}: a 503 passes as the CRM's own, and arrives once`, async t => {
    const { app, upstream } = await setUp(t)
    upstream.answer((_request, response) => { response.writeHead(503, { 'retry-after': '0' }).end('busy') })
    const answer = await ask(app, { method })
    t.equal(answer.status, 503)
    t.equal(answer.headers['retry-after'], '0')
    t.equal(answer.body.toString(), method === 'HEAD' ? '' : 'busy')
    t.equal(upstream.received.length, 1)
    t.equal(app.failures.length, 0)
  })
}

testBothWays('a connection that is cut without an answer is not tried again', async t => {
  const upstream = await startRawUpstream(socket => { socket.destroy() })
  const app = await setUpBefore(t, upstream)
  t.equal((await ask(app)).status, 502)
  t.match(app.failures, [{ code: 'forward.badAnswer', source: 'upstream' }])
  t.equal(upstream.connections(), 1)
})

testBothWays('nor one that is cut when it was used before', async t => {
  let requests = 0
  const upstream = await startRawUpstream(socket => {
    requests += 1
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    socket.on('data', () => {
      requests += 1
      socket.destroy()
    })
  })
  const app = await setUpBefore(t, upstream)
  t.equal((await ask(app)).status, 200)
  t.equal((await ask(app)).status, 502)
  t.equal(requests, 2)
  t.equal(upstream.connections(), 1)
})
