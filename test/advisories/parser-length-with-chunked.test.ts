// Content-Length beside Transfer-Encoding: two servers that believe different ones see different requests on one connection (request smuggling, RFC 9112 section 6.3).
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const smuggled = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'

t.test('a body whose length can be read two ways is refused whole; nothing behind it becomes a request', async t => {
  const target = await startTarget(t)
  const keepAlive = target.head.replace('Connection: close\r\n', '')
  const cases: ReadonlyArray<readonly [name: string, lines: string, body: string, reason: string]> = [
    ['length, then chunked', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`, 'inbound.badRequest'],
    ['chunked, then length', `Transfer-Encoding: chunked\r\nContent-Length: ${smuggled.length + 5}\r\n`, `0\r\n\r\n${smuggled}`, 'inbound.badRequest'],
    ['two lengths', `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`, smuggled, 'inbound.badRequest'],
    ['a coding that is not chunked', 'Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${smuggled}`, 'canonical.framing'],
    ['chunked twice', 'Transfer-Encoding: chunked, chunked\r\n', `0\r\n\r\n${smuggled}`, 'inbound.badRequest'],
    ['a signed length', 'Content-Length: +0\r\n', smuggled, 'inbound.badRequest'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n', `0\r\n\r\n${smuggled}`, 'inbound.badRequest'],
    ['an underscore', `Content_Length: ${smuggled.length}\r\n`, smuggled, 'canonical.headerRepeated'],
  ]
  for (const [name, lines, body, reason] of cases) {
    const outcome = await target.send(`POST /health HTTP/1.1\r\n${keepAlive}${lines}\r\n${body}`)
    t.equal(outcome.statuses[0], 400, name)
    t.same([outcome.seen, outcome.admitted, outcome.refused[0]], [[], 0, reason], name)
  }
  requireRefused(t, await target.send(`GET /health HTTP/1.1\r\n${target.head}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`), { status: 400, reason: 'canonical.framing', name: 'a body of a GET' })
  await target.requireGood(t)
})
