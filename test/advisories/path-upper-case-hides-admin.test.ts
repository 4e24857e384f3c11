// A rule about /admin did not see /ADMIN, which a CRM that ignores case serves as the same page.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const cases: ReadonlyArray<readonly [target: string, status: number, reason: string]> = [
  ['/ADMIN', 403, 'access.notAllowed'],
  ['/Admin/Users', 403, 'access.notAllowed'],
  ['/%41DMIN', 403, 'access.notAllowed'],
  ['/adm%49n/users', 403, 'access.notAllowed'],
]

t.test('upper and lower case are one path for the policy', async t => {
  const target = await startTarget(t)
  for (const [path, status, reason] of cases) {
    requireRefused(t, await target.send(`GET ${path} HTTP/1.1\r\n${target.head}\r\n`), { status, reason, name: path })
    requireRefused(t, await target.sendHttp2({ ':path': path }), { status, reason, name: `${path} over HTTP/2` })
  }
  await target.requireGood(t)
})
