// What the operator reads when the shield mailbox cannot be right.
import t from 'tap'
import { stringify } from 'yaml'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
workspace.write('policies/mail.yaml', 'name: mail\nversion: 1\nrules:\n  - { path: body, action: prose }\n')
workspace.write('keys/mailbox', 'a password of the mailbox')

const alias = { name: 'leads', address: 'leads@clinic.example', mailbox: 'leads@crm.example', policy: 'policies/mail.yaml' }
const shield = { name: 'crm.clinic.example', mailbox: { host: 'mail.crm.example' }, aliases: [alias] }
const load = (changes: object) => workspace.load(`${baseYaml}${stringify({ outbound: { shield: { ...shield, ...changes } } })}`)
const more = (changes: object) => ({ aliases: [alias, { ...alias, name: 'desk', address: 'desk@clinic.example', ...changes }] })
const mailbox = (changes: object) => ({ mailbox: { host: 'mail.crm.example', ...changes } })
const at = 'outbound.shield.aliases[1]'

const refused: ReadonlyArray<readonly [string, object, string, RegExp]> = [
  ['no alias', { aliases: [] }, 'outbound.shield.aliases', /./],
  ['an alias without a policy', { aliases: [{ ...alias, policy: undefined }] }, 'outbound.shield.aliases[0].policy', /./],
  ['an address twice, whatever its capitals', more({ address: 'Leads@clinic.example' }), `${at}.address`, /stands for one mailbox/],
  ['a name twice', more({ name: 'leads' }), `${at}.name`, /a name stands for one/],
  ['a mailbox that is an alias', more({ mailbox: 'leads@clinic.example' }), `${at}.mailbox`, /round in a circle/],
  ['an agreement that is not there', more({ associate: 'vendor' }), `${at}.associate`, /not in associates/],
  ['an address that is none', more({ address: 'desk' }), `${at}.address`, /./],
  ['no encryption to another machine', mailbox({ tls: 'none' }), 'outbound.shield.mailbox.tls', /unencrypted/],
  ['a user without a password', mailbox({ user: 'gateway' }), 'outbound.shield.mailbox.user', /without a password/],
  ['a password without a user', mailbox({ password: { file: 'keys/mailbox' } }), 'outbound.shield.mailbox.password', /without a user/],
  ['the gateway itself as the mailbox', { ...mailbox({ host: '127.0.0.1', port: 2526, tls: 'none' }) }, 'outbound.shield.mailbox.port', /round in a circle/],
  ['a port that is taken', { listener: { port: 9090 } }, 'outbound.shield.listener.port', /listeners\.health/],
  ['a certificate that is not there', { listener: { tls: { certificate: 'tls/none.pem', key: 'tls/none.key' } } }, 'outbound.shield.listener.tls.certificate', /names a file that/],
  ['an address instead of a name', { name: '192.0.2.1' }, 'outbound.shield.name', /write the name/],
  ['a network that is none', { listener: { networks: ['203.0.113.0/33'] } }, 'outbound.shield.listener.networks[0]', /./],
  ['a name server that is none: ns.clinic.example', { nameServers: ['192.0.2.1', 'ns.clinic.example'] }, 'outbound.shield.nameServers[1]', /address of a name server/],
  ['a name server that is none: 999.1.1.1', { nameServers: ['192.0.2.1', '999.1.1.1'] }, 'outbound.shield.nameServers[1]', /address of a name server/],
  ['a name server that is none: 192.0.2.1:99999', { nameServers: ['192.0.2.1', '192.0.2.1:99999'] }, 'outbound.shield.nameServers[1]', /address of a name server/],
  ['a name server that is none: [2001:db8::1', { nameServers: ['192.0.2.1', '[2001:db8::1'] }, 'outbound.shield.nameServers[1]', /address of a name server/],
  ['a name server that is none: 2001:db8::1:5353:x', { nameServers: ['192.0.2.1', '2001:db8::1:5353:x'] }, 'outbound.shield.nameServers[1]', /address of a name server/],
  ['a policy for forgeries that there is not', { dmarc: 'reject' }, 'outbound.shield.dmarc', /record|quarantine|refuse/],
]
for (const [name, changes, path, words] of refused) {
  t.test(name, async t => {
    const { findings, lines } = await load(changes)
    t.ok(findings.some(one => one.path === path && words.test(one.message)), lines.join('\n'))
  })
}

t.test('a policy that is not there', async t => {
  const { findings, lines } = await load({ aliases: [{ ...alias, policy: 'policies/none.yaml' }] })
  t.ok(findings.some(({ file }) => file.endsWith('none.yaml')), lines.join('\n'))
})

t.test('nothing to complain about', async t => {
  t.same((await load({})).lines, [])
  t.same((await load({ ...mailbox({ host: '127.0.0.1', protocol: 'lmtp', tls: 'none', port: 24 }), nameServers: ['192.0.2.53', '192.0.2.53:5353', '[2001:db8::1]:53', '2001:db8::1'] })).lines, [])
})
