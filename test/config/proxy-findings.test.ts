// What the operator reads when the settings of the forward proxy cannot be right.
import t from 'tap'
import { stringify } from 'yaml'
import { createCertificateAuthority } from '../../src/outbound/proxy/authority.ts'
import { associate } from '../support/outbound-place.ts'
import { proxyPassword } from '../support/proxy-place.ts'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
const own = await createCertificateAuthority(['api.vendor.example'], { now: Date.now(), days: 100 })
const other = await createCertificateAuthority(['other.example'], { now: Date.now(), days: 100 })
const ending = await createCertificateAuthority(['api.vendor.example'], { now: Date.now(), days: 5 })
for (const [name, pair] of Object.entries({ own, other, ending })) {
  workspace.write(`keys/${name}.pem`, pair.certificatePem)
  workspace.write(`keys/${name}.key`, pair.keyPem)
}
workspace.write('keys/crm.password', proxyPassword)
workspace.write('keys/short.password', 'short')
workspace.write('keys/odd.password', 'a password with blanks/and-slashes')
workspace.write('policies/leads.yaml', 'name: leads\nversion: 1\nrules:\n  - { path: status, action: keep, oneOf: [new] }\n')

const open = { action: 'open', name: 'api', host: 'api.vendor.example', policy: 'policies/leads.yaml', requests: ['POST /v1/leads'], purpose: 'reminders' }
const tunnel = { action: 'tunnel', name: 'files', host: 'files.vendor.example', associate: 'vendor', purpose: 'documents' }
const pair = (certificate: string, key = certificate) => ({ authority: { certificate: `keys/${certificate}.pem`, key: { file: `keys/${key}.key` } } })
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

const load = async (proxy: object, associates: readonly object[] = [{ ...associate, destinations: ['files'] }]) => {
  const whole = { listener: { password: { file: 'keys/crm.password' } }, hosts: [open, tunnel], ...pair('own'), ...proxy }
  return await workspace.load(`${baseYaml}${stringify({ outbound: { proxy: whole }, associates })}`)
}

const refused: ReadonlyArray<readonly [string, object, string, RegExp]> = [
  ['a listener for everybody', { listener: { host: '0.0.0.0', password: { file: 'keys/crm.password' } } }, 'outbound.proxy.listener.host', /Write 127\.0\.0\.1/],
  ['no password', { listener: {} }, 'outbound.proxy.listener.password', /missing/],
  ['a short password', { listener: { password: { file: 'keys/short.password' } } }, 'outbound.proxy.listener.password', /at least 24/],
  ['a password that an address cannot carry', { listener: { password: { file: 'keys/odd.password' } } }, 'outbound.proxy.listener.password', /openssl rand -hex 24/],
  ['a host twice', { hosts: [open, tunnel, { action: 'block', host: 'api.vendor.example' }] }, 'outbound.proxy.hosts[2].host', /blocked, tunnelled or opened/],
  ['a name twice', { hosts: [open, { ...tunnel, name: 'api' }] }, 'outbound.proxy.hosts[1].name', /a name stands for one/],
  ['an address for a host', { hosts: [{ ...open, host: '203.0.113.7' }, tunnel] }, 'outbound.proxy.hosts[0].host', /write one host in small letters.*no address/],
  ['a pattern for a host', { hosts: [{ ...open, host: '*.vendor.example' }, tunnel] }, 'outbound.proxy.hosts[0].host', /no \*/],
  ['a request with a query', { hosts: [{ ...open, requests: ['GET /v1?x=1'] }, tunnel] }, 'outbound.proxy.hosts[0].requests[0]', /method and path/],
  ['an address that is none', { hosts: [{ ...open, address: '300.1.1.1' }, tunnel] }, 'outbound.proxy.hosts[0].address', /no address/],
  ['a tunnel without an associate', { hosts: [open, { ...tunnel, associate: undefined }] }, 'outbound.proxy.hosts[1].associate', /missing/],
  ['a tunnel of an associate that is not there', { hosts: [open, { ...tunnel, associate: 'nobody' }] }, 'outbound.proxy.hosts[1].associate', /not in associates/],
  ['no policy', { hosts: [{ ...open, policy: undefined }, tunnel] }, 'outbound.proxy.hosts[0].policy', /missing/],
  ['an opened host without an authority', { authority: undefined }, 'outbound.proxy.hosts[0].action', /sallyport keys ca/],
  ['an authority for another host', pair('other'), 'outbound.proxy.authority.certificate', /may not vouch for api\.vendor\.example/],
  ['another key', pair('own', 'other'), 'outbound.proxy.authority.key', /two different pairs/],
  ['looking only for a long time', { reportUnknownUntil: day(40) }, 'outbound.proxy.reportUnknownUntil', /more than 31 days ahead/],
]

for (const [name, proxy, path, message] of refused) {
  t.test(`refused: ${name}`, async t => {
    const { findings } = await load(proxy)
    const found = findings.find(finding => finding.path === path)
    t.match(found?.message, message, JSON.stringify(findings.map(finding => [finding.path, finding.message])))
  })
}

t.test('an authority that nothing binds is refused', async t => {
  const { createTestAuthority } = await import('../support/certificates.ts')
  workspace.write('keys/unbound.pem', (await createTestAuthority()).caPem)
  const { findings } = await load(pair('unbound', 'own'))
  t.match(findings.find(({ path }) => path === 'outbound.proxy.authority.certificate')?.message, /could stand in for any site/)
})

t.test('what is right starts, with warnings about what ends', async t => {
  const { loaded, findings } = await load({ ...pair('ending'), reportUnknownUntil: day(3) })
  t.same(findings, [])
  const warnings = loaded?.warnings.map(({ path, message }) => `${path}: ${message}`).join('\n') ?? ''
  t.match(warnings, /outbound\.proxy\.authority\.certificate: .* ends on .*sallyport keys ca/)
  t.match(warnings, /outbound\.proxy\.reportUnknownUntil: .* let through unread/)
})
