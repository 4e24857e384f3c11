// A rule about /admin did not see /%61dmin, which every server decodes to the same page.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const cases: ReadonlyArray<readonly [target: string, status: number, reason: string]> = [
  ['/%61dmin', 403, 'access.notAllowed'],
  ['/%61%64%6d%69%6e', 403, 'access.notAllowed'],
  ['/%61dmin/users?page=2', 403, 'access.notAllowed'],
  ['/adm%69n/', 403, 'access.notAllowed'],
]

t.test('escapes of plain letters are decoded before the policy is asked', async t => {
  const target = await startTarget(t)
  for (const [path, status, reason] of cases) {
    requireRefused(t, await target.send(`GET ${path} HTTP/1.1\r\n${target.head}\r\n`), { status, reason, name: path })
    requireRefused(t, await target.sendHttp2({ ':path': path }), { status, reason, name: `${path} over HTTP/2` })
  }
  await target.requireGood(t)
})
