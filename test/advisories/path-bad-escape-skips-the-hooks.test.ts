// Targets that the router cannot decode (/%ff, /%, /%zz, overlong /%c0%ae) called no hook at all: neither the address check nor the trail knew of them.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

const cases: ReadonlyArray<readonly [target: string, status: number, reason: string]> = [
  ['/%ff', 400, 'canonical.pathEncoding'],
  ['/%', 400, 'canonical.pathEncoding'],
  ['/%zz', 400, 'canonical.pathEncoding'],
  ['/%c0%ae/admin', 400, 'canonical.pathEncoding'],
  ['/%e2%82', 400, 'canonical.pathEncoding'],
  ['/%ed%a0%80', 400, 'canonical.pathEncoding'],
]

t.test('a broken escape is judged and recorded like every request', async t => {
  const target = await startTarget(t)
  for (const [path, status, reason] of cases) {
    requireRefused(t, await target.send(`GET ${path} HTTP/1.1\r\n${target.head}\r\n`), { status, reason, name: path })
    requireRefused(t, await target.sendHttp2({ ':path': path }), { status, reason, name: `${path} over HTTP/2` })
  }
  await target.requireGood(t)
})
