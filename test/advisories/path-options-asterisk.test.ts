// `OPTIONS *` was `*` in the hooks and `/*` at the CRM: judged as one thing, forwarded as another.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

t.test('the asterisk form is refused with every method; OPTIONS of a page is a request like others', async t => {
  const target = await startTarget(t)
  for (const method of ['OPTIONS', 'GET', 'DELETE']) {
    requireRefused(t, await target.send(`${method} * HTTP/1.1\r\n${target.head}\r\n`), { status: 400, reason: 'canonical.targetForm', name: `${method} *` })
  }
  requireRefused(t, await target.sendHttp2({ ':method': 'OPTIONS', ':path': '*' }), { status: 400, reason: 'canonical.targetForm', name: 'OPTIONS * over HTTP/2' })
  requireRefused(t, await target.send(`OPTIONS /admin HTTP/1.1\r\n${target.head}\r\n`), { status: 403, reason: 'access.notAllowed', name: 'OPTIONS /admin' })
  const asked = await target.send(`OPTIONS /health HTTP/1.1\r\n${target.head}\r\n`)
  t.same([asked.seen, asked.admitted, asked.refused], [['OPTIONS /health'], 1, []])
  await target.requireGood(t)
})
