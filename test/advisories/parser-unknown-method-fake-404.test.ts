// PROPFIND, REPORT, MKCOL and relatives got a 404 from the router, as if the page did not exist and without a record.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const pathOf = (method: string) => `${method} /health HTTP/1.1\r\n`

t.test('a method that is not allowed is 405 and on record, one that the parser does not know is 400 and on record: never a 404', async t => {
  const target = await startTarget(t)
  for (const method of ['PROPFIND', 'REPORT', 'MKCOL', 'SEARCH', 'PURGE', 'LINK', 'TRACE', 'QUERY']) {
    requireRefused(t, await target.send(`${pathOf(method)}${target.head}\r\n`), { status: 405, reason: 'canonical.methodNotAllowed', name: method })
    requireRefused(t, await target.sendHttp2({ ':method': method, ':path': '/health' }), { status: 405, reason: 'canonical.methodNotAllowed', name: `${method} over HTTP/2` })
  }
  requireRefused(t, await target.sendHttp2({ ':method': 'BREW', ':path': '/health' }), { status: 405, reason: 'inbound.methodNotAllowed', name: 'an invented method over HTTP/2' })
  requireRefused(t, await target.send(`${pathOf('BREW')}${target.head}\r\n`), { status: 400, reason: 'inbound.badRequest', name: 'an invented method' })
  requireRefused(t, await target.send(`${pathOf('get')}${target.head}\r\n`), { status: 400, reason: 'inbound.badRequest', name: 'lower case' })
  requireRefused(t, await target.send(`CONNECT internal.example:443 HTTP/1.1\r\n${target.head}\r\n`), { status: 405, reason: 'inbound.methodNotAllowed', name: 'CONNECT' })
  await target.requireGood(t)
})

t.test('allowed by the configuration, each arrives as it is', async t => {
  const methods = ['GET', 'POST', 'PROPFIND', 'REPORT', 'MKCOL']
  const target = await startTarget(t, { configure (draft) { draft['access'] = { ...draft['access'], methods } } })
  for (const method of methods.slice(2)) {
    const outcome = await target.send(`${pathOf(method)}${target.head}\r\n`)
    t.same([outcome.seen, outcome.admitted, outcome.refused], [[`${method} /health`], 1, []], method)
    requireRefused(t, await target.send(`${method} /admin HTTP/1.1\r\n${target.head}\r\n`), { status: 403, reason: 'access.notAllowed', name: `${method} /admin` })
  }
})
