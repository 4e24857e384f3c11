import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { baseYaml, createWorkspace, replaceLine } from '../config/workspace.ts'
import { runCli } from './run-cli.ts'

const accessYaml = `  records:
    - { route: 'GET /patients', type: patient, kind: list }
    - { route: 'GET /patients/{id}', type: patient, kind: read }
    - { route: 'POST /rpc', type: patient, kind: update, id: body.patient, when: { body.method: [save] } }
  rules:
    - effect: deny
      records: [patient]
      unless: { from: [203.0.113.0/28] }
    - { effect: allow, roles: [nurse], kinds: [read, update], when: { hours: '07:00-19:00' } }`

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
const nurseLine = "    nurse: { groups: [nurses], allow: ['* /**'] }"
const yaml = replaceLine(nurseLine, `${nurseLine}\n    desk: { groups: [desk], people: [dora], allow: ['GET /**'], deny: ['* /admin/**'] }\n${accessYaml}`)
workspace.write('gateway.yaml', yaml)
const lineOf = (text: string) => yaml.split('\n').findIndex(line => line.includes(text)) + 1

const explain = (...args: string[]) => runCli(['explain', ...args], { cwd: workspace.directory })

t.test('each step of the way, and the rule that decided with its line in the file', async t => {
  const told = await explain('--as', 'nurse', '--from', '203.0.113.7', '--at', '2026-11-26T08:00', 'GET /patients/42')
  t.equal(told.err, '')
  t.equal(told.code, 0)
  t.same(told.out.trimEnd().split('\n'), [
    'GET /patients/42  as nurse, from 203.0.113.7, on thu 2026-11-26 at 08:00 (UTC)',
    '    reading GET /patients/42',
    `    address 203.0.113.7 is on the allowlist  clientIp.allow  gateway.yaml:${lineOf('allow: [203')}`,
    '    role    nurse',
    `    route   allowed by * /**  access.roles.nurse.allow[0]  gateway.yaml:${lineOf('nurse:')}`,
    `    record  read patient 42  access.records[1]  gateway.yaml:${lineOf('/patients/{id}')}`,
    `  - rule    does not apply: it makes an exception: from 203.0.113.0/28  access.rules[0]  gateway.yaml:${lineOf('effect: deny')}`,
    `  + rule    allows it  access.rules[1]  gateway.yaml:${lineOf('effect: allow')}`,
    `Allowed, by access.rules[1] (gateway.yaml:${lineOf('effect: allow')}).`,
  ])
})

const cases: ReadonlyArray<readonly [string, readonly string[], RegExp]> = [
  ['a rule that denies', ['--as', 'nurse', '--from', '203.0.113.77', 'GET /patients/42'], new RegExp(`Refused: access.notAllowed, by access.rules\\[0\\] \\(gateway.yaml:${lineOf('effect: deny')}\\)`)],
  ['a condition', ['--as', 'nurse', '--from', '203.0.113.7', '--at', '2026-11-26T20:00', 'GET /patients/42'], /not at 07:00-19:00 \(UTC\)[^]*Refused: access\.conditions, by access\.rules /],
  ['a condition in another zone', ['--as', 'nurse', '--from', '203.0.113.7', '--at', '2026-11-26T20:00', '--time-zone', 'Asia/Tokyo', 'GET /patients/42'], /Allowed, by access.rules\[1\]/],
  ['no rule', ['--as', 'desk', '--from', '203.0.113.7', 'GET /patients/42'], /none allows it[^]*Refused: access\.notAllowed/],
  ['a route of the role', ['--as', 'desk,nurse', '--from', '203.0.113.7', 'GET /%61dmin/x'], /reading GET \/admin\/x[^]*Refused: access\.notAllowed, by access\.roles\.desk\.deny\[0\]/],
  ['the allowlist', ['--as', 'nurse', '--from', '198.51.100.1', 'GET /patients/42'], /Refused: clientIp\.notAllowed, by clientIp\.allow/],
  ['an ambiguous path', ['--as', 'nurse', 'GET /x/../patients'], /Refused: canonical\.pathSegment/],
  ['nobody', ['--person', 'x', '--groups', 'visitors', 'GET /patients/42'], /as nobody with a role[^]*Refused: access\.roleMissing/],
  ['no body', ['--as', 'nurse', 'POST /rpc'], /Refused: access\.contentNeeded[^]*name it with --body FILE\./],
]

for (const [name, args, expected] of cases) {
  t.test(`it says why not: ${name}`, async t => {
    const told = await explain(...args)
    t.match(told.out, expected)
    t.equal(told.code, /^Allowed/m.test(told.out) ? 0 : 1)
    t.equal(told.err, '')
  })
}

t.test('a time is meant in access.timeZone, as the hours of rules are', async t => {
  const place = await createWorkspace()
  t.teardown(() => { place.remove() })
  place.write('gateway.yaml', yaml.replace('  records:\n', '  timeZone: America/Chicago\n  records:\n'))
  const ask = (...args: string[]) => runCli(['explain', '--as', 'nurse', '--from', '203.0.113.7', ...args, 'GET /patients/42'], { cwd: place.directory })
  t.match(await ask('--at', '2026-11-26T08:30'), { code: 0, out: /on thu 2026-11-26 at 08:30 \(America\/Chicago\)\n/ })
  t.match(await ask('--at', '2026-11-26T08:30Z'), { code: 1, out: /on thu 2026-11-26 at 02:30 \(America\/Chicago\)\n[^]*not at 07:00-19:00 \(America\/Chicago\)/ })
  t.match(await ask('--at', '2026-11-26T08:30', '--time-zone', 'UTC'), { code: 1, out: /at 02:30/ })
})

t.test('roles come from id and groups too; a body is a file', async t => {
  t.match(await explain('--person', 'dora', 'GET /leads'), { out: /as desk[^]*unclassified[^]*Allowed, by access\.unclassified/, code: 0 })
  workspace.write('body.json', '{"method":"save","patient":"42"}')
  t.match(await explain('--groups', 'nurses', '--from', '203.0.113.7', '--at', '2026-11-26T08:00', '--body', 'body.json', 'POST /rpc'), { out: /update patient 42/, code: 0 })
  t.match(JSON.parse((await explain('--as', 'nurse', '--json', '--body', 'body.json', '--type', 'text/plain', 'POST /rpc')).out), { isAllowed: false, reason: 'access.contentUnreadable' })
})

t.test('what is not understood is said, with what to do', async t => {
  t.match(await explain('--as', 'nurze', 'GET /x'), { code: 1, err: /no role nurze.*Did you mean nurse\?/ })
  t.match(await explain('GET /x'), { code: 2, err: /needs somebody: --as ROLE/ })
  t.match(await explain('--as', 'nurse', '/patients/42'), { code: 2, err: /write method and path in quotes/ })
  t.match(await explain('--as', 'nurse', '--from', '203.0.113.0/24', 'GET /x'), { code: 1, err: /is not an address/ })
  t.match(await explain('--as', 'nurse', '--sign-in-age', 'soon', 'GET /x'), { code: 2, err: /not a duration/ })
  t.match(await explain('--as', 'nurse', '--body', 'none.json', 'GET /x'), { code: 2, err: /cannot be read \(ENOENT\)/ })
})

t.test('it says what would be masked, and what a request may not say of it', async t => {
  const place = await createWorkspace()
  t.teardown(() => { place.remove() })
  const masks = `${yaml}masking:
  searches: []
  rules:
    - { roles: [nurse], records: [patient], fields: ['**.ssn'], action: last4, as: ssn }
    - { mode: report, records: [patient], fields: ['**.phone'], action: hide }
    - { records: [patient], fields: ['**.born'], action: generalise, to: year }
`
  place.write('gateway.yaml', masks)
  const line = (text: string) => masks.split('\n').findIndex(one => one.includes(text)) + 1
  const ask = (request: string) => runCli(['explain', '--as', 'nurse', '--from', '203.0.113.7', '--at', '2026-11-26T08:00', request], { cwd: place.directory })
  const told = await ask('GET /patients/42')
  t.match(told.out, `    mask    **.ssn last4  masking.rules[0]  gateway.yaml:${line('**.ssn')}\n    mask    **.born generalise to year  masking.rules[2]  gateway.yaml:${line('**.born')}\n    mask    would be, mode: report: **.phone hide  masking.rules[1]  gateway.yaml:${line('**.phone')}\nAllowed, by access.rules[1]`)
  t.equal(told.code, 0)
  const refused = await ask('GET /patients/42?sort=ssn')
  t.match(refused.out, 'Refused: masking.search, by masking.rules')
  t.equal(refused.code, 1)
})

t.test('with a profile: its entries come after those of the configuration, and are shown with the profile\'s own file and line', async t => {
  const place = await createWorkspace()
  t.teardown(() => { place.remove() })
  const text = readFileSync(join(import.meta.dirname, '../../config/profiles/suitecrm.yaml'), 'utf8').split('\n')
  const entries = text.filter(line => /^ {2}- \{ route: .*type: /.test(line))
  const wanted = 'type: patient, kind: read, when: { request.module: [Contacts], request.action: [DetailView'
  const line = text.findIndex(one => one.includes(wanted)) + 1
  const index = entries.findIndex(one => one.includes(wanted))
  place.write('gateway.yaml', replaceLine(nurseLine, `${nurseLine}\n  profile: suitecrm\n  records:\n    - { route: '* /index.php', type: visit, kind: read, when: { request.module: [abc_Visits] }, id: request.record }\n  rules: [{ effect: deny, records: [visit] }, { effect: allow }]`))
  const ask = (request: string) => runCli(['explain', '--as', 'nurse', request], { cwd: place.directory })
  const patient = await ask('GET /index.php?module=Contacts&action=DetailView&record=42')
  t.match(patient.out, `record  read patient 42  access.profile.records[${index}]  ${join(import.meta.dirname, '../../config/profiles/suitecrm.yaml')}:${line}`)
  t.equal(patient.code, 0)
  const visit = await ask('GET /index.php?module=abc_Visits&action=DetailView&record=7')
  t.match(visit.out, /record {2}read visit 7 {2}access\.records\[0\] {2}gateway\.yaml:\d+[^]*Refused: access\.notAllowed, by access\.rules\[0\]/)
})

t.test('a list on trial is told with its line, and refuses nobody', async t => {
  const place = await createWorkspace()
  t.teardown(() => { place.remove() })
  const ask = (...args: string[]) => runCli(['explain', '--as', 'nurse', ...args, 'GET /x'], { cwd: place.directory })
  const narrower = replaceLine('  allow: [203.0.113.0/24]', '  allow: [203.0.113.0/24]\n  restrict:\n    - { mode: report, allow: [203.0.113.16/28] }')
  place.write('gateway.yaml', narrower)
  const line = narrower.split('\n').findIndex(one => one.includes('mode: report')) + 1
  const told = await ask('--from', '203.0.113.7')
  t.match(told.out, `  - address would refuse 203.0.113.7; mode: report decides nothing  clientIp.restrict[0]  gateway.yaml:${line}\n    address 203.0.113.7 is on the allowlist`)
  t.equal(told.code, 0)
  t.notMatch((await ask('--from', '203.0.113.17')).out, 'would refuse')
  place.write('gateway.yaml', replaceLine('  allow: [203.0.113.0/24]', '  mode: report\n  allow: [203.0.113.0/24]'))
  const outside = await ask('--from', '198.51.100.1')
  t.match(outside.out, / {2}- address would refuse 198\.51\.100\.1; mode: report decides nothing {2}clientIp\.allow/)
  t.notMatch(outside.out, 'is on the allowlist')
  t.equal(outside.code, 0)
  t.equal((await ask('--from', '203.0.113.7')).code, 0)
})

t.test('a certificate that is missing or has ended keeps nobody from asking; what decides is checked all the same', async t => {
  const place = await createWorkspace()
  t.teardown(() => { place.remove() })
  const ask = () => runCli(['explain', '--as', 'nurse', 'GET /x'], { cwd: place.directory })
  for (const name of ['tls/crm.pem', 'tls/crm.key', 'idp/metadata.xml']) rmSync(join(place.directory, name))
  place.write('gateway.yaml', baseYaml)
  t.match(await ask(), { code: 0, err: '', out: /Allowed/ })
  const served = await runCli(['config', 'check'], { cwd: place.directory })
  t.match(served, { code: 1, out: /certificate names a file that does not exist/ }, 'whoever starts a gateway is told')
  place.write('gateway.yaml', replaceLine('  allow: [203.0.113.0/24]', '  allow: []'))
  t.match(await ask(), { code: 1, out: '', err: /clientIp\.allow/ })
})
