// Two Host headers were accepted: the gateway judged by one, the CRM or a cache in between could believe the other.
import t from 'tap'
import { requireRefused, startTarget } from '../support/attack.ts'

t.test('more than one Host is refused, whatever the two say and in whichever order', async t => {
  const target = await startTarget(t)
  const { host } = target.journey
  const rest = target.head.replace(/^Host: .*\r\n/, '')
  const cases: ReadonlyArray<readonly [name: string, lines: string, status: number, reason: string]> = [
    ['ours first', `Host: ${host}\r\nHost: evil.example\r\n`, 400, 'canonical.hostAmbiguous'],
    ['ours last', `Host: evil.example\r\nHost: ${host}\r\n`, 400, 'canonical.hostAmbiguous'],
    ['the same twice', `Host: ${host}\r\nHost: ${host}\r\n`, 400, 'canonical.hostAmbiguous'],
    ['in another case', `Host: ${host}\r\nhOST: ${host}\r\n`, 400, 'canonical.hostAmbiguous'],
    ['as a list', `Host: ${host}, evil.example\r\n`, 400, 'canonical.hostAmbiguous'],
    ['empty', 'Host:\r\n', 400, 'canonical.hostAmbiguous'],
    ['none', '', 400, 'canonical.hostMissing'],
    ['another name', 'Host: evil.example\r\n', 421, 'canonical.hostUnknown'],
    ['our name on another port', 'Host: crm.clinic.test:1\r\n', 421, 'canonical.hostUnknown'],
  ]
  for (const [name, lines, status, reason] of cases) {
    requireRefused(t, await target.send(`GET /health HTTP/1.1\r\n${lines}${rest}\r\n`), { status, reason, name })
  }
  requireRefused(t, await target.sendHttp2({ ':path': '/health', host: 'evil.example' }), { status: 400, reason: 'canonical.hostAmbiguous', name: 'a Host beside :authority' })
  requireRefused(t, await target.sendHttp2({ ':path': '/health', ':authority': 'evil.example' }), { status: 421, reason: 'canonical.hostUnknown', name: 'another :authority' })
  await target.requireGood(t)
})
