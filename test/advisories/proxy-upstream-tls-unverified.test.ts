// reply-from accepts any certificate by default. Ours is verified: authority, name, address and time. What is not accepted is 502, and the CRM
// sees no request.
import { createTestAuthority, type IssueRequest, type TestAuthority } from '../support/certificates.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { ask } from '../inbound/forward/clients.ts'
import { setUpBefore, type ForwardAppOptions } from '../inbound/forward/forward-app.ts'
import { testBothWays } from '../inbound/forward/both-ways.ts'

const authority = await createTestAuthority()

async function startTls (by: TestAuthority, request: IssueRequest): Promise<Upstream> {
  return startUpstream({ tls: await by.issue(request) })
}

interface Case { readonly name: string, readonly certificate: IssueRequest, readonly by?: TestAuthority, readonly options?: Omit<ForwardAppOptions, 'upstream'> }

const trusting = { upstreamAuthority: authority.caPem }
const refused: readonly Case[] = [
  { name: 'an authority that was not configured', certificate: { names: [], addresses: ['127.0.0.1'] }, options: {} },
  { name: 'another authority than the configured one', certificate: { names: [], addresses: ['127.0.0.1'] }, by: await createTestAuthority() },
  { name: 'a certificate without the address', certificate: { names: ['elsewhere.test'], addresses: ['127.0.0.2'] } },
  // The Host header says the public name, so a library that verifies by Host would accept this one.
  { name: 'a certificate for the public name', certificate: { names: ['crm.clinic.test'] } },
  { name: 'a certificate without the configured name', certificate: { names: ['crm.clinic.test'], addresses: ['127.0.0.1'] }, options: { ...trusting, config: { serverName: 'crm.internal.test' } } },
  { name: 'an expired certificate', certificate: { names: [], addresses: ['127.0.0.1'], notBefore: new Date(Date.now() - 2e8), notAfter: new Date(Date.now() - 1e8) } },
  { name: 'a certificate that is not for servers', certificate: { names: [], addresses: ['127.0.0.1'], client: true } },
]

for (const { name, certificate, by = authority, options = trusting } of refused) {
  testBothWays(`refused: ${name}`, async t => {
    const upstream = await startTls(by, certificate)
    const app = await setUpBefore(t, upstream, options)
    const answer = await ask(app)
    t.equal(answer.status, 502)
    t.match(app.failures, [{ code: 'forward.tlsRefused', source: 'upstream' }])
    t.equal(upstream.received.length, 0, 'the CRM saw nothing')
  })
}

testBothWays('a certificate with the address is accepted', async t => {
  const app = await setUpBefore(t, await startTls(authority, { names: [], addresses: ['127.0.0.1'] }), trusting)
  t.equal((await ask(app)).status, 200)
})

testBothWays('a certificate with the configured name is accepted', async t => {
  const app = await setUpBefore(t, await startTls(authority, { names: ['crm.internal.test'] }), { ...trusting, config: { serverName: 'crm.internal.test' } })
  t.equal((await ask(app)).status, 200)
})

testBothWays('the environment cannot switch verification off', async t => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  })
  const upstream = await startTls(await createTestAuthority(), { names: [], addresses: ['127.0.0.1'] })
  const app = await setUpBefore(t, upstream, trusting)
  t.equal((await ask(app)).status, 502)
  t.equal(upstream.received.length, 0)
})
