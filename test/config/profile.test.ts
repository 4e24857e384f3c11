import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compareConfig } from '../../src/config/config.ts'
import { listProfiles } from '../../src/config/load-profile.ts'
import { formatFinding } from '../../src/shared/errors.ts'
import { baseYaml, createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const withAccess = (more: string) => replaceLine('access:', `access:\n${more}`)
const own = `product: Our CRM
version: '1'
identity: { way: none, how: nothing }
records:
  - { route: 'GET /cards/{id}', type: patient, kind: read }
  - { route: 'POST /calls', type: recording, kind: create }
`

t.test('every profile that comes with Sallyport loads, wherever the process runs, and says where its facts are from', async t => {
  t.same(listProfiles(), ['demo', 'dolibarr', 'espocrm', 'request-tracker', 'suitecrm', 'twenty'])
  const before = process.cwd()
  process.chdir('/')
  t.teardown(() => { process.chdir(before) })
  for (const name of listProfiles()) {
    const { loaded, lines } = await workspace.load(withAccess(`  profile: ${name}`))
    t.same(lines, [], name)
    const profile = loaded?.config.profile
    t.ok((profile?.records.length ?? 0) > 30, name)
    t.equal(profile?.file, join(import.meta.dirname, '../../config/profiles', `${name}.yaml`))
    t.ok(loaded?.files.includes(profile?.file ?? ''), 'a change in it is a reason to read again')
    // A group begins with a comment that names the file; a long list without one is facts from nowhere.
    const text = readFileSync(profile?.file ?? '', 'utf8')
    const groups = text.slice(text.indexOf('records:')).split('\n\n').filter(group => group.trim() !== '')
    t.same(groups.filter(group => !/#.*(?:\.[a-z]{2,5}\b|\/)/.test(group)).map(group => group.slice(0, 80)), [], `${name}: groups without a file`)
  }
})

t.test('a path is relative to the configuration; findings in a profile name its own file, line and column', async t => {
  workspace.write('ours/crm.yaml', own)
  const { loaded, lines } = await workspace.load(withAccess('  profile: ./ours/crm.yaml'))
  t.same(lines, [])
  t.match(loaded?.config.profile, { product: 'Our CRM', background: [], signOut: [] })
  t.same(loaded?.placeOf('access.profile.records[1]'), { file: workspace.path('ours/crm.yaml'), line: 6 })
  t.same(loaded?.placeOf('access.profile'), { line: baseYaml.split('\n').indexOf('access:') + 2 })
  const findingsOf = async (text: string) => {
    const file = workspace.write('ours/bad.yaml', text)
    const found = await workspace.load(withAccess('  profile: ours/bad.yaml'))
    return found.findings.map(finding => formatFinding(finding).replace(file, 'bad.yaml').replace(workspace.path('gateway.yaml'), 'gateway.yaml')).join('\n')
  }
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    [own.replace('kind: read', 'kind: reed'), /bad\.yaml:5:5\d\s+records\[0\]\.kind is reed: it must be read or list/],
    [own.replace('product: Our CRM\n', ''), /bad\.yaml:1:1\s+product is missing/],
    [`${own}polling: []\n`, /bad\.yaml:7:1\s+polling is not a setting/],
    [own.replace("'POST /calls'", "'GET /CARDS/*'"), /bad\.yaml:6:14\s+records\[1\]\.route cannot stand like this: records\[0\] \(GET \/cards\/\{id\}\) stands above it/],
    [own.replace('way: none', 'way: header'), /identity\.way cannot stand like this: header is missing/],
    [`${own}signOut: [{ route: 'POST /rpc', when: { body.method: [bye] } }]\n`, /signOut\[0\]\.when cannot stand like this: it looks into the body, which is read only where an entry of records/],
    [`${own}background: [{ route: 'GET x' }]\n`, /bad\.yaml:7:\d+\s+background\[0\]\.route cannot stand like this: write it as METHOD/],
    ['records: [', /bad\.yaml:1:\d+/],
    ['', /bad\.yaml:1:1\s+The profile is empty: begin with a copy of one in config\/profiles/],
  ]
  for (const [text, expected] of cases) {
    const shown = await findingsOf(text)
    t.match(shown, expected, text.slice(0, 60))
    t.match(shown, /gateway\.yaml:\d+:\d+\s+access\.profile is ours\/bad\.yaml: it cannot be used/)
  }
})

t.test('a name that there is not, and a file that there is not', async t => {
  const [unknown] = (await workspace.load(withAccess('  profile: suitecmr'))).lines
  t.match(unknown, /access\.profile is suitecmr: there is no such profile\. Did you mean suitecrm\? There are demo, dolibarr, espocrm, request-tracker, suitecrm, twenty; for a file of your own write its path, as \.\/suitecmr\.yaml\./)
  const missing = await workspace.load(withAccess('  profile: ./none.yaml'))
  t.match(missing.findings.map(({ message }) => message).join(' '), /The profile does not exist: check the path/)
  t.match((await workspace.load(withAccess('  profile: 7'))).lines, [/access\.profile is a number: put it in quotes/])
})

t.test('rules may speak of the types of the profile, and of no others; the mistakes of a profile that cannot be read are not told as mistakes of the rules', async t => {
  const rules = (profile: string, type: string) => withAccess(`  profile: ${profile}\n  rules:\n    - { effect: deny, records: [${type}] }\n    - { effect: allow }`)
  t.same((await workspace.load(rules('twenty', 'recording'))).lines, [])
  t.match((await workspace.load(rules('twenty', 'recordin'))).lines, [/recordin is not a type in access\.records or the profile: did you mean recording\?/])
  t.equal((await workspace.load(rules('twentyy', 'recording'))).lines.length, 1)
  t.match((await workspace.load(withAccess("  profile: demo\n  records: [{ route: '* /**', type: none }]"))).lines, [/access\.records\[0\]\.route cannot stand like this: it stands above the profile and matches all of it/])
  t.match((await workspace.load(withAccess("  signOut: [{ route: 'POST /bye', when: { body.x: ['1'] } }]"))).lines, [/access\.signOut\[0\]\.when cannot stand like this: it looks into the body/])
})

t.test('the header that the CRM looks at and the header that it is told are compared', async t => {
  workspace.write('ours/header.yaml', own.replace('way: none', 'way: header, header: X-Remote-User'))
  const { loaded } = await workspace.load(withAccess('  profile: ours/header.yaml'))
  t.match(loaded?.warnings.map(({ message }) => message), [/upstream\.identity\.user is X-Forwarded-User, and Our CRM takes the person from X-Remote-User/])
  t.same((await workspace.load(withAccess('  profile: demo'))).loaded?.warnings, [])
})

t.test('digest and comparison cover what the profile says', async t => {
  const load = async (file: string, text: string) => {
    workspace.write(file, text)
    const { loaded } = await workspace.load(withAccess('  profile: ./ours/now.yaml'))
    if (loaded === undefined) throw new Error('not loaded')
    return loaded
  }
  const first = await load('ours/now.yaml', own)
  const remark = await load('ours/now.yaml', `# a remark\n${own}`)
  const other = await load('ours/now.yaml', own.replace('/cards/', '/charts/'))
  t.equal(remark.digest, first.digest)
  t.not(other.digest, first.digest)
  t.same(compareConfig(first.config, other.config), { changed: ['profile'], needsRestart: [] })
  const without = (await workspace.load(baseYaml)).loaded
  if (without === undefined) throw new Error('not loaded')
  t.same(compareConfig(without.config, first.config), { changed: ['access', 'profile'], needsRestart: [] })
  t.same(compareConfig(first.config, without.config), { changed: ['access', 'profile'], needsRestart: [] })
})

t.test('the examples of the documentation can be used', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/profiles.md'), 'utf8')
  const blocks = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(match => match[1] ?? '')
  const sections = blocks.filter(block => block.startsWith('access:'))
  t.equal(sections.length, 2)
  const roles = '  roles:\n    nurse: { groups: [nurses], allow: [\'* /**\'] }\n    billing: { groups: [billing], allow: [\'* /**\'] }\n'
  const rules = blocks.find(block => block.startsWith('rules:')) ?? ''
  const indented = rules.split('\n').map(line => line === '' ? '' : `  ${line}`).join('\n')
  for (const section of [...sections, `access:\n  profile: twenty\n${indented}`]) {
    const whole = section.includes('roles:\n') ? section : `${section}${roles}`
    t.same((await workspace.load(baseYaml.replace(/access:\n[^]*?(?=audit:)/, whole))).lines, [], section)
  }
})
