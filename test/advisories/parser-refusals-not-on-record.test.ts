// What the HTTP parser refuses by itself was answered by Node with nobody's knowledge: no address check, no record, no standing headers.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'
import { sendRaw } from '../support/raw.ts'

t.test('every parser-level refusal is answered by us and on record', async t => {
  const target = await startTarget(t)
  const cases: ReadonlyArray<readonly [name: string, text: string]> = [
    ['a version that there is not', `GET /health HTTP/9.9\r\n${target.head}\r\n`],
    ['garbage', '\x16\x03\x01hello\r\n\r\n'],
    ['bare line feed between headers', `GET /health HTTP/1.1\r\n${target.head}X-A: 1\nX-Forwarded-User: evil\r\n\r\n`],
    ['a folded header', `GET /health HTTP/1.1\r\n${target.head}X-A: 1\r\n X-Forwarded-User: evil\r\n\r\n`],
    ['a header without a name', `GET /health HTTP/1.1\r\n${target.head}: evil\r\n\r\n`],
    ['a NUL in a header', `GET /health HTTP/1.1\r\n${target.head}X-A: a\0b\r\n\r\n`],
  ]
  for (const [name, text] of cases) requireRefused(t, await target.send(text), { status: 400, reason: 'inbound.badRequest', name })
  // HTTP/0.9 is no parser's error, but it has no Host and no headers to judge.
  requireRefused(t, await target.send(`GET /health\r\n${target.head}\r\n`), { status: 505, reason: 'canonical.version', name: 'no version' })
  const answer = await sendRaw(target.journey, 'GET /Zyxwina\tx HTTP/1.1\r\n\r\n')
  t.match(answer, /\r\nstrict-transport-security: max-age=/i)
  t.match(answer, /\r\ncontent-type: application\/problem\+json/i)
  t.notMatch(answer, 'Zyxwina', 'nothing of what came is quoted')
  await target.requireGood(t)
})

t.test('the address counts here too: from outside it is 403, and that is on record', async t => {
  const { journey } = await startTarget(t)
  t.match(await sendRaw(journey, 'GARBAGE\r\n\r\n', { from: '127.0.0.2' }), /^HTTP\/1\.1 403 /)
  const denied = (await journey.trail()).at(-1)
  t.match(denied, { kind: 'request.denied', from: { address: '127.0.0.2' }, decision: { reason: 'clientIp.notAllowed' } })
})
