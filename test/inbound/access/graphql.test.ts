import fc from 'fast-check'
import t from 'tap'
import { parseContent } from '../../../src/inbound/access/content.ts'
import { readOperations } from '../../../src/inbound/access/graphql.ts'
import { askOf, buildAccess, readAccess, targetOf } from './build-access.ts'

const room = buildAccess(readAccess(`
roles: { nurse: { groups: [nurses] } }
records:
  - { route: '* /graphql', when: { graphql.field: [__typename, __schema] }, type: none }
  - { route: '* /graphql', when: { graphql.type: [query], graphql.field: [patient] }, type: patient, kind: read, id: graphql.argument.id }
  - { route: '* /graphql', when: { graphql.field: [patients, patientSearch] }, type: patient, kind: list }
  - { route: '* /graphql', when: { graphql.type: [mutation], graphql.field: [updateNote] }, type: note, kind: update, id: graphql.argument.input.id, patient: graphql.argument.input.patient }
  - { route: '* /graphql', when: { graphql.field: [recording] }, type: recording, kind: play, id: graphql.argument.id }
rules:
  - { effect: deny, records: [recording] }
  - { effect: allow, roles: [nurse] }
`))
const ask = askOf(room)
const nurse = { id: 'n', groups: ['nurses'] }

const contentOf = (body: unknown) => parseContent({ text: Buffer.from(JSON.stringify(body)).toString('latin1'), type: 'application/json', coding: undefined })
const classify = (body: unknown, target = 'POST /graphql') => room.classify({ target: targetOf(target), content: contentOf(body) })
const post = (query: string, variables?: unknown, operationName?: string) => classify({ query, variables, operationName })

t.test('the root field says what record it is, its arguments which one, with variables, defaults and aliases', async t => {
  const patient = { kind: 'record', record: { type: 'patient', kind: 'read', id: '42', patient: '42' } }
  for (const [query, variables] of [
    ['{ patient(id: 42) { name } }'], ['query { patient(id: "42") { name { full } } }'], ['query Q($id: ID!) { patient(id: $id) { name } }', { id: '42' }], ['query Q($id: ID! = "42") { patient(id: $id) { name } }'],
    ['{ recording: patient(id: 42) { name } }'], ['# recording(id: 1)\n{ patient ( id : 42 , ) { name(style: "}") } }'], ['{ ...F } fragment F on Query { patient(id: 42) { name } }'],
    ['{ ... on Query @include(if: true) { ... { patient(id: 42) { name } } } }'], ['query Q($a: [Int!]! = [1, 2], $b: In = {x: {y: null}}) @d(a: 1) { patient(id: 42, b: $b) @skip(if: false) { a b c } }'],
    ['{ patient(id: 42, text: """recording(id: 1) \\""" { }""") { name } }'],
  ] as const) t.match(post(query, variables), patient, query)
  t.match(post('mutation { updateNote(input: {id: 7, patient: "42", text: "x"}) { id } }'), { record: { type: 'note', kind: 'update', id: '7', patient: '42' } })
  t.match(post('mutation M($i: In!) { updateNote(input: $i) { id } }', { i: { id: 7, patient: 42 } }), { record: { id: '7', patient: '42' } })
  t.match(post('query A { patients { id } } query B { patient(id: 42) { id } }', undefined, 'B'), patient)
  t.match(post('{ __typename }'), { kind: 'none' })
  t.match(post('{ clinics { name } }'), { kind: 'unclassified' })
  t.match(post('mutation { patient(id: 42) { name } }'), { kind: 'unclassified' }, 'another type of operation')
})

t.test('several root fields are several records: each must be allowed', async t => {
  const found = post('{ patient(id: 42) { name } patients { id } other: patient(id: 43) { name } __typename }')
  t.match(found, { kind: 'record', record: { id: '42' }, more: [{ kind: 'list' }, { id: '43' }], isPartial: false })
  const decide = (query: string) => room.explain({ ...ask(nurse, 'POST /graphql'), content: contentOf({ query }) })
  t.match(decide('{ patient(id: 42) { name } patients { id } }'), { isAllowed: true, decision: { rule: 'access.rules[1]', more: [{ kind: 'list' }] } })
  for (const query of ['{ patient(id: 42) { name } recording(id: 1) { url } }', '{ recording(id: 1) { url } patient(id: 42) { name } }', '{ a: patient(id: 42) { name } ...F } fragment F on Query { patient: recording(id: 1) { url } }']) {
    t.match(decide(query), { isAllowed: false, refusal: { rule: 'access.rules[0]', record: { type: 'recording' } } }, query)
  }
  t.match(decide('{ patient(id: 42) { name } clinics { name } }'), { isAllowed: true, decision: { isUnclassified: true } }, 'a part that nobody classified is marked')
  const strict = buildAccess({ ...readAccess("{ roles: { nurse: { groups: [nurses] } }, unclassified: refuse, records: [{ route: '* /graphql', when: { graphql.field: [patient] }, type: patient, kind: read }] }") })
  t.match(strict.explain({ ...askOf(strict)(nurse, 'POST /graphql'), content: contentOf({ query: '{ patient(id: 42) { name } clinics { name } }' }) }), { isAllowed: false, refusal: { reason: 'access.unclassified' } })
})

t.test('what has no one reading is refused', async t => {
  const good = '{ patient(id: 42) { name } }'
  const bodies: ReadonlyArray<readonly [unknown, string?]> = [
    [[{ query: good }]], [{}], [{ query: '' }], [{ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }], [{ query: good, operationName: 'Other' }], [{ Query: good }], [{ query: good, QUERY: good }],
    [{ query: 'query A { patients { id } } query B { patient(id: 1) { id } }' }], [{ query: 'query A { a } query A { b }' }], [{ query: good, variables: '{"id":1}' }], [{ query: good, variables: [] }],
    [{ query: good }, 'POST /graphql?query={recording{id}}'], [{ query: good }, 'POST /graphql?operationName=A'], [{ query: `${good} type T { a: Int }` }], [{ query: '{ patient(id: 42, id: 43) { name } }' }],
    [{ query: '{ ...F }' }], [{ query: '{ patient(id: [42]) { name } }' }], [{ query: 'query Q($id: ID) { patient(id: $id) { n } }', variables: { id: [42] } }], [{ query: 'query Q($id: ID) { patient(id: $id) { n } }', variables: { id: { a: 1 } } }],
    [{ query: '{ patient(id: """42""") { name } }' }], [{ query: '{ patient(id: 042) { name } }' }], [{ query: '{ patient(id: 42) { name }' }], [{ query: '{ }' }], [{ query: '{ patient(id: "42) { name } }' }], [{ query: `${'{a'.repeat(100)}${'}'.repeat(100)}` }],
    [{ query: '{ patient(id: 42, in: {a: 1, a: 2}) { name } }' }], [{ query: '{ patient(id: 42) { name(a: 1, a: 2) } }' }], [{ query: 'query Q($a: Int, $a: Int) { patient(id: 42) { name } }' }],
    [{ query: `${good} fragment F on Q { a } fragment F on Q { b }` }],
  ]
  for (const [body, target] of bodies) t.match(classify(body, target), { kind: 'twoWays' }, JSON.stringify(body).slice(0, 90))
  t.match(room.classify({ target: targetOf('POST /graphql'), content: undefined }), { kind: 'contentNeeded' })
  t.match(room.classify({ target: targetOf('POST /graphql'), content: parseContent({ text: 'query=x', type: 'application/x-www-form-urlencoded', coding: undefined }) }), { kind: 'twoWays' })
})

t.test('GET: the document stands in the query', async t => {
  const get = (query: string) => room.classify({ target: targetOf(`GET /graphql?${query}`), content: undefined })
  t.match(get(`query=${encodeURIComponent('query Q($id: ID) { patient(id: $id) { name } }')}&variables=${encodeURIComponent('{"id":42}')}`), { record: { id: '42' } })
  for (const query of ['query={patient(id:1){a}}&query={a}', 'query={patient(id:1){a}}&Query={a}', 'variables={}', 'query={patient(id:1){a}}&variables={', `query={patient(id:1){a}}&variables=${encodeURIComponent('{"id":1,"id":2}')}`]) {
    t.match(get(query.replaceAll('"', '%22')), { kind: 'twoWays' }, query)
  }
})

t.test('property: nothing that is written makes it throw, or take long', async t => {
  const piece = fc.constantFrom('{', '}', '(', ')', '[', ']', ':', '$', '@', '...', 'on', 'query', 'fragment', 'F', 'patient', '"', '"""', '\\', '#', '\n', '42', '-', '!', '=', 'null', ' ', ',', '\u0000', 'é')
  const began = process.cpuUsage()
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), pieces => { readOperations(pieces.join('')) }), { numRuns: 5000 })
  for (const text of ['{'.repeat(100_000), '"""\\'.repeat(50_000), '{a('.repeat(50_000), '#'.repeat(200_000), '...F '.repeat(50_000), '"\\"'.repeat(50_000), `{a(b:${'['.repeat(60_000)}`, `query($a:${'['.repeat(60_000)}`]) t.equal(readOperations(text), undefined, text.slice(0, 10))
  for (const text of [`${'{a'.repeat(9000)}${'}'.repeat(9000)}`, `{a(b:${'[{c:'.repeat(6000)}1${'}]'.repeat(6000)})}`, `${'#\n'.repeat(100_000)}{a}`, `{${'a '.repeat(30_000)}}`]) t.equal(readOperations(text), undefined, `deep, or too much: ${text.slice(0, 10)}`)
  const used = process.cpuUsage(began)
  t.ok(used.user + used.system < 8_000_000, `${used.user + used.system} µs`)
})

t.test('what lies below a root field counts where an entry names it: nobody reads patients through their clinic', async t => {
  const nested = buildAccess(readAccess(`
roles: { nurse: { groups: [nurses] } }
records:
  - { route: '* /graphql', when: { graphql.nested: [people, contact] }, type: patient, kind: read }
  - { route: '* /graphql', when: { graphql.field: [people] }, type: patient, kind: list }
  - { route: '* /graphql', when: { graphql.type: [query] }, type: other, kind: list }
rules:
  - { effect: deny, records: [patient] }
  - { effect: allow, roles: [nurse] }
`))
  const about = (query: string) => nested.classify({ target: targetOf('POST /graphql'), content: contentOf({ query }) })
  const explain = (query: string) => nested.explain({ ...askOf(nested)(nurse, 'POST /graphql'), content: contentOf({ query }) })
  for (const query of [
    '{ companies { edges { node { people { id } } } } }', '{ companies { x: people { id } } }', '{ companies { ...F } } fragment F on Company { owner { contact { id } } }',
    '{ companies { ... on Company @include(if: false) { people { id } } } }', '{ ...R } fragment R on Query { companies { people { id } } }',
  ]) {
    t.match(about(query), { kind: 'record', record: { type: 'other' }, more: [{ type: 'patient', kind: 'read' }] }, query)
    t.match(explain(query), { isAllowed: false, refusal: { reason: 'access.notAllowed', rule: 'access.rules[0]' } }, query)
  }
  t.match(about('{ companies { name people: size } }'), { record: { type: 'other' }, more: [] }, 'a name in the answer is no field')
  t.match(about('{ people { id } }'), { record: { type: 'patient', kind: 'list' }, more: [] }, 'a root field is none below one')
})
