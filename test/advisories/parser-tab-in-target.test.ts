// A tab in the target ended the request in the parser: no hook ran, so neither the address check nor the trail knew of it.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

t.test('a target with a tab or another control is refused and on record', async t => {
  const target = await startTarget(t)
  for (const [name, line] of [['tab', 'GET /health\t/admin HTTP/1.1'], ['tab before the version', 'GET /health\tHTTP/1.1'], ['NUL', 'GET /health\0 HTTP/1.1'], ['DEL', 'GET /health\x7f HTTP/1.1']] as const) {
    requireRefused(t, await target.send(`${line}\r\n${target.head}\r\n`), { status: 400, reason: 'inbound.badRequest', name })
  }
  await target.requireGood(t)
})
