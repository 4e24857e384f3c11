// A policy with rules by the type of a message: each type by its own, what is of no one type by the rules for all or held, and nobody gets more by mixing types.
import t from 'tap'
import { compilePolicy, createKeyedTokens, createRedactor } from '../../src/phi/phi.ts'
import type { PolicyFile } from '../../src/phi/config.ts'
import { narrowPolicy, listPassed } from '../../src/outbound/redaction/narrow-policy.ts'

const file: PolicyFile = {
  name: 'events',
  version: 1,
  profile: 'safe-harbor',
  unknown: 'mask',
  deepest: 64,
  byType: {
    path: 'event.type',
    otherwise: 'rules',
    cases: [
      { is: ['lead.created', 'lead.updated'], rules: [{ path: 'state', action: 'keep', oneOf: ['new'] }, { path: 'note', action: 'prose' }] },
      { is: ['lead.deleted'], rules: [{ path: 'state', action: 'drop' }, { path: 'other', action: 'drop' }] },
      { is: ['chart.opened'], rules: [{ path: 'patient', action: 'hold' }] },
    ],
  },
  rules: [{ path: 'count', action: 'keep', minimum: 0, maximum: 9 }, { path: 'note', action: 'mask' }],
}

function run (body: object | string, { policy = file, type = 'application/json' } = {}) {
  const redactor = createRedactor({ policy: compilePolicy(policy).policy, tokens: createKeyedTokens(Buffer.alloc(32)), now: () => 0 })
  const first = redactor.redact({ type, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) })
  if (first.held !== undefined) return { held: first.held }
  const again = redactor.redact({ type, body: first.body })
  return { out: first.body.toString(), type: first.manifest.type, again: again.held ?? again.body.toString() }
}

const lead = (event: unknown) => ({ event, state: 'new', note: 'Call 555-0100', count: 3, other: 'Zyxwina' })

t.test('the type chooses, the rules for all follow, and a second time changes nothing', async t => {
  const created = run(lead({ type: 'lead.created' }))
  t.equal(created.out, '{"event":{"type":"lead.created"},"state":"new","note":"Call [phone]","count":3,"other":"[redacted]"}')
  t.equal(created.type, 'lead.created')
  t.equal(created.again, created.out)
  const deleted = run(lead({ type: 'lead.deleted' }))
  t.equal(deleted.out, '{"event":{"type":"lead.deleted"},"note":"[redacted]","count":3}')
  t.equal(deleted.again, deleted.out)
  t.same(run({ event: { type: 'chart.opened' }, patient: 'Zyxwina' }), { held: 'byRule' })
  t.match(run({ event: { type: 'chart.opened' }, state: 'new' }), { out: /"state":"\[redacted\]"/ })
})

t.test('it is found wherever it stands in the message, and in forms and XML', async t => {
  t.match(run({ state: 'new', event: { type: 'lead.updated' } }).out, /"state":"new"/)
  t.equal(run('state=new&event[type]=lead.created', { type: 'application/x-www-form-urlencoded' }).out, 'state=new&event[type]=lead.created')
  const xml: PolicyFile = { ...file, byType: { path: 'm.@type', otherwise: 'rules', cases: [{ is: ['a'], rules: [{ path: 'm.s', action: 'keep', oneOf: ['new'] }] }] } }
  t.equal(run('<m type="a"><s>new</s></m>', { policy: xml, type: 'application/xml' }).out, '<m type="a"><s>new</s></m>')
  t.equal(run('<m type="b"><s>new</s></m>', { policy: xml, type: 'application/xml' }).out, '<m type="[redacted]"><s>[redacted]</s></m>')
})

t.test('of no type, of an unknown one, of two: the rules for all', async t => {
  for (const event of [undefined, {}, { type: 'Zyxwina' }, { type: 7 }, { type: null }, ['lead.created'], { type: ['lead.created'] }]) {
    const { out, type } = run(lead(event))
    t.match(out, /"state":"\[redacted\]","note":"\[redacted\]","count":3/, JSON.stringify(event))
    t.equal(type, undefined)
  }
  const two = run('{"event":{"type":"lead.created"},"event":{"type":"lead.deleted"},"state":"new"}')
  t.match(two.out, /"state":"\[redacted\]"/)
  t.match(run('[{"event":{"type":"lead.created"},"state":"new"}]').out, /"state":"\[redacted\]"/)
})

t.test('other types can be held', async t => {
  const policy: PolicyFile = { ...file, byType: { ...file.byType as NonNullable<PolicyFile['byType']>, otherwise: 'hold' } }
  t.same(run(lead({ type: 'Zyxwina' }), { policy }), { held: 'noType' })
  t.same(run('Zyxwina', { policy, type: 'text/plain' }), { held: 'noType' })
  t.match(run(lead({ type: 'lead.created' }), { policy }), { out: /"state":"new"/ })
  t.match(run(lead({ type: 'Zyxwina' }), { policy: narrowPolicy(policy, { isLive: true, kinds: [], isApproved: true }) }), { out: /"type":"\[redacted\]"/ })
})

t.test('the agreement narrows the rules of each type too', async t => {
  const released: PolicyFile = {
    ...file, profile: 'minimum-necessary', byType: { path: 'type', otherwise: 'rules', cases: [{ is: ['a'], rules: [{ path: 'phone', action: 'release', kind: 'phone' }, { path: 'note', action: 'prose' }] }] },
  }
  t.same(listPassed(released), { kinds: ['phone'], hasProse: true })
  t.match(run({ type: 'a', phone: '555-0100' }, { policy: released }).out, /555-0100/)
  for (const allowance of [{ isLive: false, kinds: ['phone'] as const }, { isLive: true, kinds: [] as const }]) {
    const policy = narrowPolicy(released, { ...allowance, isApproved: false })
    t.match(run({ type: 'a', phone: '555-0100' }, { policy }).out, /"phone":"\[phone\]"/)
  }
  t.match(run({ type: 'a', note: 'is late' }, { policy: narrowPolicy(released, { isLive: false, kinds: [], isApproved: false }) }).out, /"note":"\[redacted\]"/)
})

t.test('what cannot be meant', async t => {
  const problems = (byType: NonNullable<PolicyFile['byType']>, rules: PolicyFile['rules'] = []) => compilePolicy({ ...file, byType, rules }).problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
  t.match(problems({ path: 'a b', otherwise: 'rules', cases: [{ is: ['x'], rules: [] }] }), [/^byType\.path: byType\.path is not a path/])
  t.match(problems({ path: 'a', otherwise: 'rules', cases: [{ is: ['x'], rules: [] }, { is: ['y', 'x'], rules: [] }] }), [/^byType\.cases\.1\.is\.1: .* names x a second time/])
  t.match(problems({ path: 'a', otherwise: 'rules', cases: [{ is: ['x'], rules: [{ path: 'b', action: 'keep' }] }] }), [/^byType\.cases\.0\.rules\.0\.action: byType\.cases\[0\]\.rules\[0\]\.action needs a constraint/])
  for (const path of ['**', 'a', '*']) t.match(problems({ path: 'a.b', otherwise: 'rules', cases: [{ is: ['x'], rules: [{ path, action: 'drop' }] }] }), [/^byType\.cases\.0: .* drops something that byType\.path leads through/])
  t.match(problems({ path: 'a', otherwise: 'rules', cases: [{ is: ['x'], rules: [] }] }, [{ path: 'a', action: 'mask' }]), [/^rules\.0\.path: rules\[0\]\.path stands already in byType/])
})

const bundles: PolicyFile = {
  ...file,
  byType: {
    path: 'resourceType',
    each: ['entry[].resource', 'contained[]'],
    otherwise: 'rules',
    cases: [
      { is: ['Bundle'], rules: [{ path: 'type', action: 'keep', oneOf: ['searchset'] }, { path: 'gender', action: 'mask' }] },
      { is: ['Patient'], rules: [{ path: 'gender', action: 'keep', oneOf: ['female'] }, { path: 'name[].family', action: 'mask', kind: 'name' }] },
      { is: ['Note'], rules: [{ path: 'note', action: 'prose' }, { path: 'gender', action: 'drop' }] },
    ],
  },
  rules: [{ path: 'status', action: 'keep', oneOf: ['final'] }],
}

t.test('parts of a message have types of their own: each is judged by its own rules, and by no neighbour\'s', async t => {
  const patient = { gender: 'female', name: [{ family: 'Zyxwina' }], note: 'female', resourceType: 'Patient' }
  const note = { resourceType: 'Note', gender: 'female', note: 'Zyxwina called 555-0100', status: 'final' }
  const clean = { gender: 'female', name: [{ family: '[name]' }], note: '[redacted]', resourceType: 'Patient' }
  const read = (body: object) => { const { out = '', again } = run(body, { policy: bundles }); t.equal(again, out); return JSON.parse(out) as object }
  t.same(read({ resourceType: 'Bundle', type: 'searchset', gender: 'female', entry: [{ resource: patient }, { resource: note, gender: 'female' }] }),
    { resourceType: 'Bundle', type: 'searchset', gender: '[redacted]', entry: [{ resource: clean }, { resource: { resourceType: 'Note', note: '[name] called [phone]', status: 'final' }, gender: '[redacted]' }] })
  t.same(read({ resourceType: 'Note', note: 'ok', contained: [patient, { ...patient, resourceType: 'Other' }, { gender: 'female' }] }),
    { resourceType: 'Note', note: 'ok', contained: [clean, { gender: '[redacted]', name: [{ family: '[redacted]' }], note: '[redacted]', resourceType: '[redacted]' }, { gender: '[redacted]' }] })
  t.same(read({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: patient }] } }] }),
    { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: clean }] } }] }, 'a bundle in a bundle')
  t.match(run('{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Note","resourceType":"Patient","gender":"female"}}]}', { policy: bundles }).out, /"gender":"\[redacted\]"/, 'two types are none')
  t.same(read({ resourceType: 'Patient', gender: 'female', entry: { resource: 'female' } }), { resourceType: 'Patient', gender: 'female', entry: { resource: '[redacted]' } })
})

t.test('a part of no type is held where others are, and an agreement narrows the rules of parts too', async t => {
  const strict: PolicyFile = { ...bundles, byType: { ...bundles.byType as NonNullable<PolicyFile['byType']>, otherwise: 'hold' } }
  t.same(run({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Other' } }] }, { policy: strict }), { held: 'noType' })
  const narrowed = narrowPolicy(bundles, { isLive: false, kinds: [], isApproved: false })
  t.match(run({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Note', note: 'all is well' } }] }, { policy: narrowed }).out, /"note":"\[redacted\]"/)
  const { problems } = compilePolicy({ ...bundles, byType: { ...bundles.byType as NonNullable<PolicyFile['byType']>, each: ['entry[.resource'] } })
  t.match(problems[0], { path: ['byType', 'each', 0], message: /is not a path/ })
  const { problems: dropped } = compilePolicy({ ...bundles, rules: [{ path: 'entry[]', action: 'drop' }] })
  t.same(dropped, [], 'what is dropped needs no type')
})
