// Mistakes that somebody makes who writes roles, rules and masks for the first time: each is told once, at its place, with what to do.
import t from 'tap'
import { createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const clinic = `access:
  profile: espocrm
  timeZone: America/Chicago
  unclassified: refuse
  roles:
    nurse: { groups: [nurses], allow: ['* /**'] }
    desk: { groups: [desk], allow: ['* /**'] }
  records:
    - { route: 'GET /visits/{id}', type: visit, kind: read }
  rules:
    - { effect: deny, records: [patient], kinds: [export, delete] }
    - { effect: allow, roles: [desk], when: { hours: '07:00-19:00', days: [mon, tue], maxSignInAge: 8h } }
    - { effect: allow, roles: [nurse] }
masking:
  rules:
    - { roles: [desk], records: [patient], fields: ['**.description'], action: hide }
  searches:
    - { records: [patient], text: [query.q], over: [name] }`
const whole = replaceLine('access:', clinic).replace(/ {2}roles:\n {4}nurse: \{ groups: \[nurses\], allow: \['\* \/\*\*'\] \}\naudit:/, 'audit:')

/** Line 1 is `access:`. */
const first = whole.split('\n').indexOf('access:') + 1

async function findingsOf (from: string, to: string): Promise<readonly string[]> {
  if (!whole.includes(from)) throw new Error(`${from} is not in the configuration`)
  const { lines } = await workspace.load(whole.replace(from, () => to))
  return lines.map(line => line.replace(/^(\d+):/, (_, number: string) => `${Number(number) - first + 1}:`))
}

t.test('the configuration itself is right', async t => {
  t.same((await workspace.load(whole)).lines, [])
})

const told: readonly (readonly [name: string, from: string, to: string, lines: readonly string[]])[] = [
  ['a mistyped setting of an item of a list', '{ effect: deny', '{ efect: deny', ['11:7  access.rules[0].effect is missing: write allow or deny.', '11:9  access.rules[0].efect is not a setting. Did you mean effect?']],
  ['one for many', 'roles: [nurse] }', 'role: [nurse] }', ['13:24  access.rules[2].role is not a setting. Did you mean roles?']],
  ['a setting that has its namesake elsewhere', 'kinds: [export, delete]', 'kind: [export]', ['11:43  access.rules[0].kind is not a setting. Did you mean kinds?']],
  ['a mistyped word', 'kinds: [export, delete]', 'kinds: [exports]', ['11:51  access.rules[0].kinds[0] is exports: it must be read or list or search or create or update or delete or export or download or play. Did you mean export?']],
  ['a whole word for a short one', 'days: [mon, tue]', 'days: [monday]', ['12:76  access.rules[1].when.days[0] is monday: it must be mon or tue or wed or thu or fri or sat or sun. Did you mean mon?']],
  ['a place that says no place', 'kind: read }', 'kind: read, when: { module: [Visits] } }', ['9:69  access.records[0].when.module is not a setting: write where it stands, as query.module, body.patient.id, request.module or graphql.field.']],
  ['text for a section', 'kind: read }', 'kind: list, items: rows }', ['9:68  access.records[0].items is text: write its settings below it, indented: list, id, patient.']],
  ['rules as if they were a role', '  records:\n', '    rules: [x]\n  records:\n', ['8:12  access.roles.rules is a list: write its settings below it, indented: groups, people, allow, deny.']],
  ['a profile that is none, and masks of its records', 'profile: espocrm', 'profile: EspoCMR', [
    '2:12  access.profile is EspoCMR: there is no such profile. Did you mean espocrm? There are demo, dolibarr, espocrm, request-tracker, suitecrm, twenty; for a file of your own write its path, as ./EspoCMR.yaml.']],
  ['a role that is none', 'roles: [nurse] }', 'roles: [nurze] }', ['13:32  access.rules[2].roles[0] cannot stand like this: nurze is not in access.roles: did you mean nurse?']],
  ['a role in a mask that is none, and none is near', '{ roles: [desk], records', '{ roles: [reception], records', ['16:17  masking.rules[0].roles[0] is reception, which is not in access.roles: nothing would be masked. There are nurse, desk.']],
  ['a city for a zone', 'America/Chicago', 'Chicago', ['3:13  access.timeZone cannot stand like this: there is no such zone: did you mean America/Chicago?']],
  ['a zone that is none', 'America/Chicago', 'Harbor/Clinic', ['3:13  access.timeZone cannot stand like this: there is no such zone: write it as Europe/Berlin, America/Chicago or UTC.']],
  ['a day that begins and ends at once', '07:00-19:00', '07:00-07:00', ['12:54  access.rules[1].when.hours cannot stand like this: it begins and ends at the same minute: for the whole day leave hours out.']],
  ['a time of 24:00', '07:00-19:00', '07:00-24:00', ['12:54  access.rules[1].when.hours cannot be used: write a time of day as 07:00-19:00, in quotes; until midnight is 07:00-00:00.']],
  ['a segment as other programs write it', 'GET /visits/{id}', 'GET /visits/:id', ['9:16  access.records[0].route cannot stand like this: :id is no name: write {id}.']],
  ['a regular expression for a segment', 'GET /visits/{id}', 'GET /visits/[0-9]+', ['9:16  access.records[0].route cannot stand like this: regular expressions are not known here: * is any one segment, a last ** any rest.']],
  ['a regular expression for a role', "desk: { groups: [desk], allow: ['* /**'] }", "desk: { groups: [desk], allow: ['GET /visits/\\d+'] }", ['7:37  access.roles.desk.allow[0]: GET /visits/\\d+ is not a route: regular expressions are not known here: * is any one segment, a last ** any rest.']],
  ['a field as JSONPath', '**.description', '$.description', ['16:53  masking.rules[0].fields[0] cannot stand like this: it is no place of a field: write names with dots and no $ before them, as **.ssn.']],
  ['a field as a path', '**.description', 'list/description', ['16:53  masking.rules[0].fields[0] cannot stand like this: it is no place of a field: names are joined by dots; a name with a / stands in double quotes.']],
  ['a field with a blank', '**.description', '**.Date of birth', ['16:53  masking.rules[0].fields[0] cannot stand like this: it is no place of a field: a name with a blank stands in double quotes, as **."Date of birth".']],
  ['two rules that say the opposite', 'roles: [nurse] }\n', 'roles: [nurse] }\n    - { effect: deny, roles: [nurse], records: [patient] }\n', [`14:17  access.rules[3].effect cannot stand like this: access.rules[2] (line ${first + 12}) stands above it and decides all that it is about: put the narrower one first, or take one away.`]],
]

t.test('a copied {id} in a route of a role, which would never match', async t => {
  const [line] = await findingsOf("desk: { groups: [desk], allow: ['* /**'] }", "desk: { groups: [desk], allow: ['* /**'], deny: ['GET /visits/{id}'] }")
  t.equal(line, '7:54  access.roles.desk.deny[0]: GET /visits/{id} is not a route: {id} is no name here: a * stands for any one segment.')
})

t.test('masks on records that are searched, and nobody said how: told once, at the first of them', async t => {
  const [searches] = / {2}searches:\n.*\n/.exec(whole) ?? []
  const more = "    - { roles: [desk], records: [patient], fields: ['**.phoneNumber'], action: mask }\n"
  const lines = await findingsOf(searches ?? '', more)
  t.equal(lines.length, 1, lines.join('\n'))
  t.match(lines[0], /^16:\d+ {2}masking\.rules\[0\]\.records masks patient, which access\.records or the profile searches.*searches: \[\{ records: \[patient\], text:/)
})

t.test('a stricter mask may be tried above the one that counts; one below it would never be asked', async t => {
  const mask = "    - { roles: [desk], records: [patient], fields: ['**.description'], action: hide }\n"
  const tried = "    - { mode: report, roles: [desk], records: [patient], fields: ['**.description'], action: mask }\n"
  t.same(await findingsOf(mask, tried + mask), [])
  t.match((await findingsOf(mask, mask + tried))[0], `masking.rules[1].fields[0] cannot stand like this: masking.rules[0] (line ${first + 15}) stands above it`)
})

t.test('an exception stands above the rule for everything', async t => {
  const mask = "    - { roles: [desk], records: [patient], fields: ['**.description'], action: hide }\n"
  const [all, shown] = ["    - { roles: [desk], records: [patient], fields: ['**'], action: hide }\n", mask.replace('hide', 'show')]
  t.same(await findingsOf(mask, shown + all), [])
  t.match((await findingsOf(mask, all + shown))[0], /^17:\d+ {2}masking\.rules\[1\]\.fields\[0\] cannot stand like this: masking\.rules\[0\] \(line \d+\) stands above it and decides about this field: put the narrower one first/)
})

t.test('roles that open nothing are told, and everything starts', async t => {
  const warningsOf = async (from: string, to: string) => (await workspace.load(whole.replace(from, to))).loaded?.warnings.map(({ message }) => message)
  t.same(await warningsOf('effect: allow, roles: [nurse] }', 'effect: allow, roles: [desk], records: [visit] }'), ['access.roles.nurse is in no rule that allows something: it opens no record.'])
  t.same(await warningsOf(/ {4}- \{ effect: allow.*\n {4}- \{ effect: allow.*\n/.exec(whole)?.[0] ?? '', ''),
    ['access.rules only deny, and what none allows is refused: nobody opens any record. If that is not meant, end with - { effect: allow }.'])
  t.same(await warningsOf('effect: allow, roles: [nurse] }', 'effect: allow }'), [])
})

for (const [name, from, to, lines] of told) {
  t.test(name, async t => { t.same(await findingsOf(from, to), lines) })
}
