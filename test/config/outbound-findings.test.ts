// What the operator reads when the outbound door or the register of associates cannot be right.
import t from 'tap'
import { associate, crmToken } from '../support/outbound-place.ts'
import { signingKey } from '../support/receiver.ts'
import { stringify } from 'yaml'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
workspace.write('keys/crm.token', crmToken)
workspace.write('keys/short.token', 'short')
workspace.write('keys/signing.key', signingKey)
workspace.write('keys/weak.key', 'whsec_AAAA')
workspace.write('policies/leads.yaml', 'name: leads\nversion: 1\nrules:\n  - { path: status, action: keep, oneOf: [new] }\n')
workspace.write('policies/bad.yaml', 'name: leads\nversion: 1\nrules:\n  - path: status\n    action: keep\n  - path: phone\n    action: release\n    kind: phone\n')

const destination = {
  name: 'leads',
  url: 'https://hooks.vendor.example/in',
  policy: 'policies/leads.yaml',
  purpose: 'reminders',
  sender: { form: 'token', secret: { file: 'keys/crm.token' } },
  signingKey: { file: 'keys/signing.key' },
}

interface Parts { readonly destination?: object, readonly outbound?: object, readonly associates?: readonly object[], readonly without?: string }

async function load ({ destination: changes = {}, outbound = {}, associates = [], without = '' }: Parts) {
  const changed = { ...destination, ...changes }
  const kept = Object.fromEntries(Object.entries(changed).filter(([key]) => key !== without))
  return await workspace.load(`${baseYaml}${stringify({ outbound: { destinations: [kept], ...outbound }, associates })}`)
}

const refused: ReadonlyArray<readonly [string, Parts, string, RegExp]> = [
  ['an http destination', { destination: { url: 'http://hooks.vendor.example/in' } }, 'outbound.destinations[0].url', /begins with https:\/\//],
  ['a name and password in the url', { destination: { url: 'https://a:b@hooks.vendor.example/in' } }, 'outbound.destinations[0].url', /must not hold a name or password/],
  ['no policy', { without: 'policy' }, 'outbound.destinations[0].policy', /is missing.*no destination without one/],
  ['no sender', { without: 'sender' }, 'outbound.destinations[0].sender', /missing/],
  ['a sender of no known form', { destination: { sender: { form: 'trust' } } }, 'outbound.destinations[0].sender', /form: token/],
  ['a short token', { destination: { sender: { form: 'token', secret: { file: 'keys/short.token' } } } }, 'outbound.destinations[0].sender.secret', /at least 24/],
  ['a weak signing key', { destination: { signingKey: { file: 'keys/weak.key' } } }, 'outbound.destinations[0].signingKey', /24 to 64 bytes/],
  ['a certificate without TLS', { destination: { sender: { form: 'certificate', fingerprint: 'a'.repeat(64) } } }, 'outbound.destinations[0].sender.form', /outbound\.listener\.tls/],
  ['a path that is one already', { destination: { paths: ['/new/'] } }, 'outbound.destinations[0].paths[0]', /without a slash at its ends/],
  ['a name twice', { outbound: { destinations: [destination, { ...destination, signingKey: { env: 'NOT_THERE' } }] } }, 'outbound.destinations[1].name', /a name stands for one/],
  ['a key for two receivers', { outbound: { destinations: [destination, { ...destination, name: 'other' }] } }, 'outbound.destinations[1].signingKey', /could sign for the other/],
  ['an associate that is not there', { destination: { associate: 'vendor' } }, 'outbound.destinations[0].associate', /not in associates/],
  ['an associate for other destinations', { destination: { associate: 'vendor' }, associates: [{ ...associate, destinations: ['other'] }] }, 'outbound.destinations[0].associate', /does not name the destination leads/],
  ['an agreement for a destination that is not there', { associates: [{ ...associate, destinations: ['other'] }] }, 'associates[0].destinations[0]', /not in outbound\.destinations/],
  ['an agreement that ends before it begins', { associates: [{ ...associate, signed: '2027-01-01', expires: '2026-01-01' }] }, 'associates[0].expires', /one of the two is wrong/],
  ['a day that is none', { associates: [{ ...associate, expires: '2027-02-30' }] }, 'associates[0].expires', /is not a day/],
  ['a kind that is none', { associates: [{ ...associate, kinds: ['fon'] }] }, 'associates[0].kinds[0]', /must be name or/],
  ['a digest that is none', { associates: [{ ...associate, documentSha256: 'abc' }] }, 'associates[0].documentSha256', /sha256sum/],
  ['a listener for everybody', { outbound: { listener: { host: '0.0.0.0' } } }, 'outbound.listener.host', /unencrypted/],
  ['a port that is taken', { outbound: { listener: { port: 9090 } } }, 'outbound.listener.port', /listeners\.health/],
  ['every address', { outbound: { allowAddresses: ['0.0.0.0/0'] } }, 'outbound.allowAddresses[0]', /metadata/],
]

t.test('refused', async t => {
  for (const [name, parts, path, words] of refused) {
    const { findings, lines } = await load(parts)
    const found = findings.find(finding => finding.path === path)
    t.match(found?.message, words, `${name}: ${lines.join(' | ')}`)
  }
})

t.test('a policy is compiled at the start, and its mistakes are told with their lines', async t => {
  const { findings } = await load({ destination: { policy: 'policies/bad.yaml' } })
  t.same(findings.map(({ file, line, column }) => [file.replace(workspace.directory, ''), line, column]), [['/policies/bad.yaml', 5, 13], ['/policies/bad.yaml', 7, 13]])
  t.match(findings.map(({ message }) => message).join(' '), /needs a constraint.*Safe Harbor lets no identifier pass/)
  const { findings: missing } = await load({ destination: { policy: 'policies/none.yaml' } })
  t.match(missing.map(({ message }) => message), [/The policy does not exist/])
})

t.test('an agreement that ends soon, or has ended, is a warning', async t => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
  for (const [offset, words] of [[10, /ends in 11 days/], [-1, /has passed: there is no agreement/]] as const) {
    const { loaded, lines } = await load({ destination: { associate: 'vendor' }, associates: [{ ...associate, expires: day(offset) }] })
    t.match(loaded?.warnings.map(({ message }) => message), [words], lines.join('|'))
  }
  const { loaded } = await load({ destination: { associate: 'vendor' }, associates: [associate] })
  t.same(loaded?.warnings, [])
  t.ok(loaded?.files.some(file => file.endsWith('policies/leads.yaml')), 'a change of the policy is a reason to load again')
})
