// A rule about /admin/** did not see /%2fadmin or /admin%2fusers, which some servers split at the encoded slash.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const cases: ReadonlyArray<readonly [target: string, status: number, reason: string]> = [
  ['/%2fadmin', 400, 'canonical.pathCharacter'],
  ['/%2Fadmin', 400, 'canonical.pathCharacter'],
  ['/x%2f..%2fadmin', 400, 'canonical.pathCharacter'],
  ['/admin%2fusers', 400, 'canonical.pathCharacter'],
  ['/%5cadmin', 400, 'canonical.pathCharacter'],
  ['/public;/admin', 400, 'canonical.pathCharacter'],
]

t.test('an encoded slash or backslash is refused, wherever it stands', async t => {
  const target = await startTarget(t)
  for (const [path, status, reason] of cases) {
    requireRefused(t, await target.send(`GET ${path} HTTP/1.1\r\n${target.head}\r\n`), { status, reason, name: path })
    requireRefused(t, await target.sendHttp2({ ':path': path }), { status, reason, name: `${path} over HTTP/2` })
  }
  await target.requireGood(t)
})
