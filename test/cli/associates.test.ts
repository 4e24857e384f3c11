// The register of agreements from the command line: what is in force, what ends soon, whose document changed.
import { createHash } from 'node:crypto'
import t from 'tap'
import { baseYaml, createWorkspace } from '../config/workspace.ts'
import { associate, crmToken } from '../support/outbound-place.ts'
import { signingKey } from '../support/receiver.ts'
import { stringify } from 'yaml'
import { runCli } from './run-cli.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
workspace.write('keys/crm.token', crmToken)
workspace.write('keys/signing.key', signingKey)
workspace.write('policies/leads.yaml', 'name: leads\nversion: 1\nprofile: minimum-necessary\nrules:\n  - { path: phone, action: release, kind: phone }\n  - { path: mail, action: last4, kind: email }\n  - { path: note, action: prose }\n')
workspace.write('agreement.pdf', 'signed')

const outbound = {
  destinations: [{
    name: 'leads',
    url: 'https://hooks.vendor.example/in/a-secret',
    policy: 'policies/leads.yaml',
    associate: 'vendor',
    purpose: 'reminders',
    sender: { form: 'token', secret: { file: 'keys/crm.token' } },
    signingKey: { file: 'keys/signing.key' },
  }],
}
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const configure = (changes: object) => workspace.write('gateway.yaml', `${baseYaml}${stringify({ outbound, associates: [{ ...associate, ...changes }] })}`)
const check = async (changes: object) => await runCli(['associates', 'check', '--config', configure(changes)])

t.test('check', async t => {
  const covered = { kinds: ['phone', 'email'] }
  t.match(await check(covered), { code: 0, out: /^ok {2}1 agreement is in force/ })
  t.match(await check({}), { code: 0, out: /The policy of leads would let email pass, and the agreement with vendor does not cover it: it is taken out/ })
  for (const days of [59, 29, 6]) t.match(await check({ ...covered, expires: inDays(days) }), { code: 0, out: new RegExp(`ends in ${days + 1} days`) })
  const expired = await check({ ...covered, expires: inDays(-1) })
  t.match(expired, { code: 1, out: /ended on .*nothing that identifies a person/ })
  t.match(expired.out, /would let phone, email and free text pass, and no agreement is in force/)
  t.match(await check({ ...covered, signed: inDays(2) }), { code: 1, out: /counts as none/ })
  const documentSha256 = createHash('sha256').update('signed').digest('hex')
  t.match(await check({ ...covered, documentFile: 'agreement.pdf', documentSha256 }), { code: 0, out: /^ok/ })
  t.match(await check({ ...covered, documentFile: 'agreement.pdf' }), { code: 1, out: /not the one that was signed/ })
  t.match(await check({ ...covered, documentFile: 'nowhere.pdf' }), { code: 1, out: /cannot be read/ })
})

t.test('report', async t => {
  const { code, out } = await runCli(['associates', 'report', '--config', configure({})])
  t.equal(code, 0)
  t.match(JSON.parse(out), {
    associates: [{ name: 'vendor', state: 'live', document: 'notGiven' }],
    destinations: [{ name: 'leads', origin: 'https://hooks.vendor.example', associate: 'vendor', passed: ['phone'], takenOut: ['email'], prose: 'passes' }],
  })
  t.notOk(out.includes('a-secret'), 'the address of a receiver can be a secret')
})
