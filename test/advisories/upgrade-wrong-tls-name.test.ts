// The upgrade path has a TLS client of its own: it verifies the CRM's certificate as the HTTP path does.
import t from 'tap'
import { createTestAuthority, type IssueRequest } from '../support/certificates.ts'
import { startUpstream } from '../support/upstream.ts'
import { handshake, openRaw } from '../inbound/forward/clients.ts'
import { setUpBefore, type ForwardAppOptions } from '../inbound/forward/forward-app.ts'

const authority = await createTestAuthority()
const trusting = { upstreamAuthority: authority.caPem }
const named = { ...trusting, config: { serverName: 'crm.internal.test' } }
const cases: readonly (readonly [name: string, certificate: IssueRequest, options: Omit<ForwardAppOptions, 'upstream'>, status: number])[] = [
  ['another address', { names: [], addresses: ['127.0.0.2'] }, trusting, 502],
  ['the public name, which stands in Host', { names: ['crm.clinic.test'] }, trusting, 502],
  ['another name than the configured one', { names: ['crm.clinic.test'], addresses: ['127.0.0.1'] }, named, 502],
  ['an authority that was not configured', { names: [], addresses: ['127.0.0.1'] }, {}, 502],
  ['the address', { names: [], addresses: ['127.0.0.1'] }, trusting, 101],
  ['the configured name', { names: ['crm.internal.test'] }, named, 101],
]

for (const [name, certificate, options, status] of cases) {
  t.test(`${name}: ${status}`, async t => {
    const upstream = await startUpstream({ tls: await authority.issue(certificate) })
    const app = await setUpBefore(t, upstream, options)
    const client = await openRaw(app)
    client.socket.write(handshake())
    t.match(await client.until(/\r\n\r\n/), new RegExp(`^HTTP/1\\.1 ${status} `))
    t.equal(upstream.received.length, status === 101 ? 1 : 0)
    if (status !== 101) {
      await client.ended()
      t.match(app.relays[0]?.finished, [{ failure: { code: 'forward.tlsRefused', source: 'upstream' } }])
    }
    client.socket.destroy()
  })
}
