// An absolute-form target (`GET http://other/ HTTP/1.1`) named a host of its own beside Host, and in some proxies chose where the request went.
import { createServer } from 'node:http'
import { once } from 'node:events'
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

t.test('the target never chooses the upstream: absolute and authority forms are refused, the named server is not called', async t => {
  let calls = 0
  const other = createServer((_request, response) => { calls += 1; response.end() }).listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  const target = await startTarget(t)
  const forms = [
    `http://127.0.0.1:${port}/health`, `${target.journey.url}/health`, `https://${target.journey.host}/admin`, `HTTP://127.0.0.1:${port}`, `127.0.0.1:${port}`, 'file:///etc/passwd', '?x=1',
  ]
  for (const form of forms) {
    const outcome = await target.send(`GET ${form} HTTP/1.1\r\n${target.head}\r\n`)
    t.match(outcome.statuses, [400], form)
    t.same([outcome.statuses.length, outcome.seen, outcome.refused.length, outcome.admitted], [1, [], 1, 0], form)
  }
  requireRefused(t, await target.send(`GET http://127.0.0.1:${port}/health HTTP/1.1\r\n${target.head}\r\n`), { status: 400, reason: 'canonical.targetForm', name: 'its reason' })
  requireRefused(t, await target.send(`GET //127.0.0.1:${port}/health HTTP/1.1\r\n${target.head}\r\n`), { status: 400, reason: 'canonical.pathSegment', name: 'network-path reference' })
  t.equal(calls, 0)
  await target.requireGood(t)
})
