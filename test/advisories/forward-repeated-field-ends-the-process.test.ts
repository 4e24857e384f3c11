// `Location` twice from the CRM: the HTTP/2 side of Node.js refuses such fields by throwing, in an event where nobody caught it.
import t from 'tap'
import { ask, askHttp2, openHttp2, type ClientAnswer } from '../inbound/forward/clients.ts'
import { setUpBefore, type ForwardApp } from '../inbound/forward/forward-app.ts'
import { startRawUpstream } from '../support/upstream.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

type Answer = Pick<ClientAnswer, 'status' | 'headers' | 'body'>

const whole = '2\r\nok\r\n0\r\n\r\n'

async function askBoth (t: Parameters<typeof setUpBefore>[0], lines: readonly string[], { status = '200 OK', content = whole } = {}): Promise<{ app: ForwardApp, answers: readonly Answer[] }> {
  const upstream = await startRawUpstream(socket => {
    socket.write(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n${content}`)
    if (content !== '') socket.end()
  })
  const app = await setUpBefore(t, upstream)
  const session = openHttp2(app)
  t.teardown(() => { session.close() })
  return { app, answers: [await askHttp2(session), await ask(app)] }
}

/** Every field of which Node.js sends one only. */
const single = [
  'access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age', 'authorization', 'content-location', 'content-range',
  'content-type', 'date', 'dnt', 'etag', 'expires', 'from', 'if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since',
  'last-modified', 'location', 'max-forwards', 'range', 'referer', 'retry-after', 'tk', 'upgrade-insecure-requests', 'user-agent', 'x-content-type-options',
]

for (const name of single) {
  t.test(`${name} with two values is no answer`, async t => {
    // Its content is still to come: then the headers go out alone, in a turn of the event loop in which nothing of ours is waiting.
    const { app, answers } = await askBoth(t, [`${name}: a`, `${name}: b`, 'x-kept: no'], { content: '' })
    for (const { status, headers } of answers) {
      t.equal(status, 502)
      t.equal(headers['x-kept'], undefined, 'nothing of that answer is left')
    }
    t.same(app.failures.map(failure => failure.code), ['forward.badAnswer', 'forward.badAnswer'])
  })
}

testBothWays('the same value twice is one', async t => {
  const { answers } = await askBoth(t, ['Location: /a', 'Location: /a', 'X-Content-Type-Options: nosniff', 'x-content-type-options: nosniff'], { status: '302 Found' })
  for (const { status, headers, body } of answers) {
    t.equal(status, 302)
    t.equal(headers.location, '/a')
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.equal(body.toString(), 'ok')
  }
})

testBothWays('lists are joined', async t => {
  const { answers } = await askBoth(t, ['Content-Encoding: x-inner', 'Content-Encoding: x-outer', 'Content-Language: de', 'Content-Language: en'])
  for (const { status, headers } of answers) {
    t.equal(status, 200)
    t.equal(headers['content-encoding'], 'x-inner, x-outer')
    t.equal(headers['content-language'], 'de, en')
  }
})
