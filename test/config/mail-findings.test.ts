// What the operator reads when the mail relay cannot be right.
import t from 'tap'
import { stringify } from 'yaml'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
workspace.write('policies/mail.yaml', 'name: mail\nversion: 1\nrules:\n  - { path: body, action: prose }\n')
workspace.write('lists/bad.txt', 'nell@clinic.example\nnobody\n')
workspace.write('keys/short', 'short')
workspace.write('keys/no.pem', 'nothing')

const staff = { name: 'staff', who: 'staff', domains: ['clinic.example'], action: 'redact', policy: 'policies/mail.yaml' }
const mail = { smarthost: { host: 'smtp.vendor.example' }, sender: 'crm@clinic.example', recipients: [staff] }
const load = (changes: object) => workspace.load(`${baseYaml}${stringify({ outbound: { mail: { ...mail, ...changes } } })}`)
const first = (changes: object) => ({ recipients: [{ ...staff, ...changes }] })
const at = 'outbound.mail.recipients[0]'

const refused: ReadonlyArray<readonly [string, object, string, RegExp]> = [
  ['redact without a policy', { recipients: [{ name: 'staff', who: 'staff', domains: ['clinic.example'], action: 'redact' }] }, at, /has no policy/],
  ['a policy without redact', first({ action: 'notice' }), `${at}.policy`, /has no effect/],
  ['a vendor without an agreement', first({ who: 'vendor' }), at, /has no associate/],
  ['an agreement with one\'s own people', first({ associate: 'vendor' }), `${at}.associate`, /has no effect/],
  ['nobody', first({ domains: [] }), at, /names nobody/],
  ['the name of the rest', first({ name: 'others' }), `${at}.name`, /no class/],
  ['a list with a line that is no address', first({ list: 'lists/bad.txt' }), `${at}.list`, /line 2 is no address/],
  ['a list that is not there', first({ list: 'lists/none.txt' }), `${at}.list`, /names a file that/],
  ['a class behind everybody', { recipients: [{ ...staff, domains: ['*'] }, { ...staff, name: 'more' }] }, 'outbound.mail.recipients[1].name', /never reached/],
  ['a name twice', { recipients: [staff, staff] }, 'outbound.mail.recipients[1].name', /a name stands for one/],
  ['a listener for everybody', { listener: { host: '0.0.0.0' } }, 'outbound.mail.listener.host', /anybody there/],
  ['a port that is taken', { listener: { port: 9090 } }, 'outbound.mail.listener.port', /listeners\.health/],
  ['a short password', { listener: { users: [{ name: 'crm', password: { file: 'keys/short' } }] } }, 'outbound.mail.listener.users[0].password', /at least 16/],
  ['a user without a password', { smarthost: { host: 'smtp.vendor.example', user: 'crm' } }, 'outbound.mail.smarthost.user', /without a password/],
  ['a key that is none', { dkim: { domain: 'clinic.example', selector: 's', key: { file: 'keys/no.pem' } } }, 'outbound.mail.dkim.key', /not a private key/],
  ['a sender that is none', { sender: 'clinic.example' }, 'outbound.mail.sender', /./],
]
for (const [name, changes, path, words] of refused) {
  t.test(name, async t => {
    const { findings, lines } = await load(changes)
    t.ok(findings.some(one => one.path === path && words.test(one.message)), lines.join('\n'))
  })
}

t.test('nothing to complain about', async t => { t.same((await load({})).lines, []) })
t.test('a door that leads nowhere', async t => { t.match((await workspace.load(`${baseYaml}outbound: {}\n`)).lines[0], /neither destinations nor mail|is empty/) })
