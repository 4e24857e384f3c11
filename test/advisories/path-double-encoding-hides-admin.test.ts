// A path that is encoded twice (/public/%252e%252e/admin) passed the policy and meant /admin to a CRM that decodes twice.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const cases: ReadonlyArray<readonly [target: string, status: number, reason: string]> = [
  ['/public/%252e%252e/admin', 400, 'canonical.pathEncoding'],
  ['/%2561dmin', 400, 'canonical.pathEncoding'],
  ['/%252fadmin', 400, 'canonical.pathEncoding'],
  ['/%25%36%31dmin', 400, 'canonical.pathEncoding'],
]

t.test('what a second decoding would change is refused', async t => {
  const target = await startTarget(t)
  for (const [path, status, reason] of cases) {
    requireRefused(t, await target.send(`GET ${path} HTTP/1.1\r\n${target.head}\r\n`), { status, reason, name: path })
    requireRefused(t, await target.sendHttp2({ ':path': path }), { status, reason, name: `${path} over HTTP/2` })
  }
  await target.requireGood(t)
})
