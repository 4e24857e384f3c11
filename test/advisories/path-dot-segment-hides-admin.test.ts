// A policy on the target as it came let /./admin pass, which the CRM was then asked for as /admin.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const cases: ReadonlyArray<readonly [target: string, status: number, reason: string]> = [
  ['/admin', 403, 'access.notAllowed'],
  ['/./admin', 400, 'canonical.pathSegment'],
  ['/x/../admin', 400, 'canonical.pathSegment'],
  ['/%2e/admin', 400, 'canonical.pathSegment'],
  ['/x/%2E%2e/admin', 400, 'canonical.pathSegment'],
  ['/x/.%2e/admin/users', 400, 'canonical.pathSegment'],
  ['//admin', 400, 'canonical.pathSegment'],
]

t.test('dot segments in front of a denied path are refused as ambiguous, not resolved and not forwarded', async t => {
  const target = await startTarget(t)
  for (const [path, status, reason] of cases) {
    requireRefused(t, await target.send(`GET ${path} HTTP/1.1\r\n${target.head}\r\n`), { status, reason, name: path })
    requireRefused(t, await target.sendHttp2({ ':path': path }), { status, reason, name: `${path} over HTTP/2` })
  }
  await target.requireGood(t)
})
