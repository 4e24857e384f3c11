import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { explainAccessConfig } from '../../../src/inbound/access/access.ts'
import { accessConfig, askOf, buildAccess, noon, readAccess } from './build-access.ts'

const roles = 'roles: { nurse: { groups: [nurses] }, physician: { groups: [physicians] }, billing: { groups: [billing] } }'
const records = `records:
  - { route: 'GET /patients', type: patient, kind: list }
  - { route: 'GET /patients/{id}', type: patient, kind: read }
  - { route: 'GET /export', type: patient, kind: export }
  - { route: 'GET /recordings/{id}', type: recording, kind: play }
  - { route: 'DELETE /recordings/{id}', type: recording, kind: delete }`

const build = (rules: string, more = '') => {
  const room = buildAccess(readAccess(`${roles}\n${records}\n${more}\nrules:\n${rules}`))
  return {
    room,
    ask: askOf(room),
    verdict: (...asked: Parameters<ReturnType<typeof askOf>>) => {
      const answer = room.explain(askOf(room)(...asked))
      return answer.isAllowed ? answer.decision.rule : answer.refusal.reason
    }
  }
}

const nurse = { id: 'n', groups: ['nurses'] }
const physician = { id: 'p', groups: ['physicians'] }
const biller = { id: 'b', groups: ['billing'] }

t.test('by role, type and kind: the first rule that applies decides, and what none allows is refused', async t => {
  const { verdict } = build(`
    - { effect: deny, roles: [billing], records: [recording] }
    - { effect: allow, roles: [nurse], kinds: [read, list] }
    - { effect: deny, kinds: [export], people: [p] }
    - { effect: allow, roles: [physician] }`)
  t.equal(verdict(nurse, 'GET /patients/1'), 'access.rules[1]')
  t.equal(verdict(nurse, 'HEAD /patients/1'), 'access.rules[1]')
  t.equal(verdict(nurse, 'GET /recordings/1'), 'access.notAllowed')
  t.equal(verdict(physician, 'GET /recordings/1'), 'access.rules[3]')
  t.equal(verdict(physician, 'GET /export'), 'access.notAllowed', 'the third rule is about this person')
  t.equal(verdict({ id: 'q', groups: ['physicians'] }, 'GET /export'), 'access.rules[3]')
  t.equal(verdict(biller, 'GET /recordings/1'), 'access.notAllowed')
  t.equal(verdict({ id: 'x', groups: ['billing', 'physicians'] }, 'GET /recordings/1'), 'access.notAllowed', 'with two roles the order of the rules counts')
  t.equal(verdict(nurse, 'GET /leads'), 'access.roles.nurse.allow[0]', 'rules speak of records; what is unclassified goes by the routes of the role')
})

t.test('address', async t => {
  const { verdict } = build('    - { effect: allow, when: { from: [203.0.113.0/24, 2001:db8::/32] } }')
  for (const [address, expected] of [['203.0.113.7', 'access.rules[0]'], ['2001:db8::1', 'access.rules[0]'], ['198.51.100.1', 'access.conditions'], ['', 'access.conditions'], ['unknown', 'access.conditions'], ['203.0.113.007', 'access.conditions']] as const) {
    t.equal(verdict(nurse, 'GET /patients/1', { address }), expected, address)
  }
  const { verdict: unless } = build('    - { effect: deny, unless: { from: [203.0.113.0/24] } }\n    - { effect: allow }')
  t.equal(unless(nurse, 'GET /patients/1', { address: '203.0.113.7' }), 'access.rules[1]')
  for (const address of ['198.51.100.1', '', 'unknown']) t.equal(unless(nurse, 'GET /patients/1', { address }), 'access.notAllowed', `a doubt is no exception: ${address}`)
})

t.test('time of day and day of the week, in the zone of the clinic', async t => {
  const { verdict } = build("    - { effect: allow, when: { hours: '07:00-19:00', days: [mon, tue, wed, thu, fri] } }", 'timeZone: America/Chicago')
  const at = (text: string) => verdict(nurse, 'GET /patients/1', { now: Date.parse(text) })
  t.equal(at('2026-11-26T13:00:00Z'), 'access.rules[0]', '07:00 on a Thursday')
  t.equal(at('2026-11-26T12:59:59Z'), 'access.conditions')
  t.equal(at('2026-11-27T00:59:59Z'), 'access.rules[0]', '18:59 of the same Thursday')
  t.equal(at('2026-11-27T01:00:00Z'), 'access.conditions', 'the end does not belong to it')
  t.equal(at('2026-11-28T15:00:00Z'), 'access.conditions', 'Saturday')
  t.equal(at('2026-07-01T12:00:00Z'), 'access.rules[0]', 'summer time')
  const { verdict: night } = build("    - { effect: allow, when: { hours: '22:00-06:00' } }")
  for (const [text, expected] of [['22:00', 'access.rules[0]'], ['02:00', 'access.rules[0]'], ['05:59', 'access.rules[0]'], ['06:00', 'access.conditions'], ['21:59', 'access.conditions']] as const) {
    t.equal(night(nurse, 'GET /patients/1', { now: Date.parse(`2026-11-26T${text}:00Z`) }), expected, text)
  }
})

t.test('age and strength of the sign-in', async t => {
  const { verdict } = build("    - { effect: allow, kinds: [export], when: { maxSignInAge: 10m, signIn: ['urn:example:token'] } }")
  const at = (ageMs: number, context?: string) => verdict(physician, 'GET /export', { signedInAt: noon - ageMs, ...(context === undefined ? {} : { context }) })
  t.equal(at(600_000, 'urn:example:token'), 'access.rules[0]')
  t.equal(at(600_001, 'urn:example:token'), 'access.conditions')
  t.equal(at(0), 'access.conditions', 'nothing said')
  t.equal(at(0, 'urn:example:token2'), 'access.conditions')
  t.equal(at(0, 'URN:example:token'), 'access.conditions')
})

t.test('why() tells the steps of the same decision', async t => {
  const { room, ask } = build("    - { effect: deny, kinds: [export], when: { hours: '00:00-06:00' } }\n    - { effect: allow, roles: [physician], when: { maxSignInAge: 5m } }")
  const { answer, steps } = room.why(ask(physician, 'GET /export', { signedInAt: noon - 400_000 }))
  t.match(answer, { isAllowed: false, refusal: { reason: 'access.conditions' } })
  t.same(steps.map(({ name, outcome, setting }) => `${name} ${outcome} ${setting}`), [
    'role passes undefined', 'route passes access.roles.physician.allow[0]', 'record passes access.records[2]', 'rule skipped access.rules[0]', 'rule skipped access.rules[1]', 'rule refuses access.rules',
  ])
  t.match(steps[4]?.text, /not signed in within 5m/)
})

t.test('a configuration that would not do what it says is refused', async t => {
  const role = '{ roles: { nurse: { groups: [n] } }, methods: [GET, POST], '
  const wrong = (rest: string) => explainAccessConfig(readAccess(`${role}${rest} }`)).map(({ path, message }) => `${path}: ${message}`).join('\n')
  const good = "{ route: 'GET /p/{id}', type: patient, kind: read }"
  t.equal(wrong(`records: [${good}], rules: [{ effect: allow, roles: [nurse], records: [patient] }]`), '')
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ["records: [{ route: 'PUT /p/{id}', type: patient, kind: read }]", /records\.0\.route: PUT is not in access\.methods/],
    ["records: [{ route: 'HEAD /p/{id}', type: patient, kind: read }]", /records\.0\.route: HEAD/],
    ["records: [{ route: 'GET /p/{id}/{id}', type: patient, kind: read }]", /two parts of the path have the same name/],
    ["records: [{ route: 'GET /p/x{id}', type: patient, kind: read }]", /braces stand around a whole segment/],
    ["records: [{ route: 'GET p', type: patient, kind: read }]", /write it as METHOD \/path/],
    ["records: [{ route: 'GET /a//b', type: patient, kind: read }]", /no request can have this path/],
    ["records: [{ route: 'GET /p', type: patient }]", /kind is missing/],
    ["records: [{ route: 'GET /p', type: none, kind: read }]", /has neither kind nor id/],
    ["records: [{ route: 'GET /p/{id}', type: patient, kind: read, id: path.no }]", /records\.0\.id: path\.no is no place.*write path\.id, query\.NAME/],
    ["records: [{ route: 'GET /p', type: patient, kind: read, when: { path.id: [x] } }]", /records\.0\.when: path\.id is no place/],
    ['records: [{ route: \'GET /p/*\', type: patient, kind: read }, { route: \'GET /P/new\', type: none }]', /records\.1\.route: access\.records\[0\] \(GET \/p\/\*\) stands above it/],
    [`records: [{ route: '* /**', type: none }, ${good}]`, /records\.1\.route: access\.records\[0\]/],
    ['records: [{ route: \'GET /p/**\', type: none }, { route: \'GET /p/**\', type: note, kind: read }]', /records\.1\.route/],
    [`records: [${good}], rules: [{ effect: allow, roles: [nurze] }]`, /rules\.0\.roles\.0: nurze is not in access\.roles: did you mean nurse\?/],
    [`records: [${good}], rules: [{ effect: allow, records: [pateint] }]`, /rules\.0\.records\.0: pateint is not a type in access\.records: did you mean patient\?/],
    [`records: [${good}], rules: [{ effect: allow, when: {} }]`, /rules\.0\.when: it has no condition/],
    [`records: [${good}], rules: [{ effect: allow }, { effect: deny, roles: [nurse] }]`, /rules\.1\.effect: access\.rules\[0\] stands above it/],
    ['timeZone: Europe/Nowhere', /timeZone: there is no such zone/],
  ]
  for (const [rest, expected] of cases) t.match(wrong(rest), expected, rest)
  for (const rest of [
    "records: [{ route: 'GET /p', type: patient, kind: search, when: { query.q: ['*'] } }, { route: 'GET /p', type: patient, kind: list }]",
    "records: [{ route: 'GET /p/new', type: none }, { route: 'GET /p/*', type: patient, kind: read }, { route: 'GET /p/**', type: note, kind: read }, { route: 'POST /p/x', type: note, kind: create }]",
    `records: [${good}], rules: [{ effect: deny, when: { from: [203.0.113.0/24] } }, { effect: allow, kinds: [read] }, { effect: allow }]`,
  ]) t.equal(wrong(rest), '', rest)
  t.throws(() => buildAccess(accessConfig({ ...readAccess(`${role}records: [${good}] }`), timeZone: 'Nowhere' })), TypeError)
})

t.test('the example in the documentation does what the documentation says', async t => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/access.md'), 'utf8')
  const yaml = /```yaml\naccess:\n([^`]*)```/.exec(text)?.[1]?.replaceAll(/^ {2}/gm, '')
  const config = readAccess(yaml ?? '')
  t.same(explainAccessConfig(config), [])
  const room = buildAccess(config)
  const ask = askOf(room)
  const rule = (group: string, request: string, address = '203.0.113.7') => {
    const answer = room.explain(ask({ id: 'x', groups: [group] }, request, { address, now: Date.parse('2026-11-26T16:00:00Z') }))
    return answer.isAllowed ? answer.decision.rule : answer.refusal.rule ?? answer.refusal.reason
  }
  t.equal(rule('clinic-nurses', 'GET /patients/42'), 'access.rules[3]')
  t.equal(rule('clinic-billing', 'GET /patients/42'), 'access.rules[2]')
  t.equal(rule('clinic-billing', 'GET /patients/42/notes/7'), 'access.rules[0]')
  t.equal(rule('clinic-billing', 'GET /patients?q=an'), 'access.notAllowed')
  t.equal(rule('clinic-nurses', 'GET /assets/crm.css'), 'access.roles.nurse.allow[0]')
})
