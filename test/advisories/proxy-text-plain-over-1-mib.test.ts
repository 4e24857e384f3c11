// `text/plain` over 1 MiB gave 413 while other types streamed: Fastify's own parsers have limits of their own. Every body streams.
import { ask } from '../inbound/forward/clients.ts'
import { setUp } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const body = Buffer.alloc(3 * 1024 * 1024, 'x')
const types = ['text/plain', 'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'application/x-unheard-of', undefined]

for (const type of types) {
  testBothWays(`3 MiB of ${type ?? 'no type'} arrive unread`, async t => {
    const { app, upstream } = await setUp(t)
    const answer = await ask(app, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } })
    t.equal(answer.status, 200)
    t.ok((await upstream.received[0]?.body)?.equals(body))
    t.equal(upstream.received[0]?.headers['content-type'], type)
    t.equal(upstream.received[0]?.headers['content-length'], String(body.length))
  })
}

testBothWays('content that is not what its type says is the CRM\'s to judge', async t => {
  const { app, upstream } = await setUp(t)
  t.equal((await ask(app, { method: 'PUT', body: '{"broken', headers: { 'content-type': 'application/json' } })).status, 200)
  t.equal((await upstream.received[0]?.body)?.toString(), '{"broken')
})
