import t from 'tap'
import { parseContent, type Content } from '../../../src/inbound/access/content.ts'
import { hasRepeatedName } from '../../../src/inbound/access/repeated-name.ts'
import { buildAccess, readAccess, role, targetOf } from './build-access.ts'

const config = readAccess(`
roles: { nurse: { groups: [nurses] } }
records:
  - { route: 'GET /static/**', type: none }
  - { route: 'GET /patients/new', type: none }
  - { route: 'GET /patients/{id}', type: patient, kind: read }
  - { route: 'GET /patients/{patient}/notes/{id}', type: note, kind: read }
  - { route: 'GET /files/{id}', type: attachment, kind: download, patient: query.patient }
  - { route: '* /index.php', type: patient, kind: read, when: { request.module: [Contacts], request.action: [DetailView] }, id: request.record }
  - { route: '* /index.php', type: patient, kind: export, when: { request.module: [Contacts], request.entryPoint: [export] } }
  - { route: 'GET /search', type: patient, kind: search, when: { query.q: ['*'] } }
  - { route: 'POST /rpc', type: patient, kind: update, when: { body.method: [patient.save, patient.update] }, id: body.params.0.id }
`)
const room = buildAccess(config)
const classify = (request: string, content?: Content) => room.classify({ target: targetOf(request), content })
const json = (value: unknown) => parseContent({ text: Buffer.from(JSON.stringify(value)).toString('latin1'), type: 'application/json; charset=UTF-8', coding: undefined })
const form = (text: string) => parseContent({ text, type: 'application/x-www-form-urlencoded', coding: 'identity' })

t.test('path: the first entry that matches; ids are what was forwarded, decoded', async t => {
  const cases: ReadonlyArray<readonly [string, object]> = [
    ['GET /static/a/b.css', { kind: 'none' }],
    ['GET /patients/new', { kind: 'none' }],
    ['GET /patients/42', { record: { type: 'patient', kind: 'read', id: '42', patient: '42', route: 'GET /patients/{id}', setting: 'access.records[2]' } }],
    ['HEAD /patients/42/', { record: { type: 'patient', kind: 'read', id: '42' } }],
    ['GET /PATIENTS/aB%20%C3%A9', { record: { id: 'aB é' } }],
    ['GET /patients/7/notes/9', { record: { type: 'note', id: '9', patient: '7' } }],
    ['POST /patients/42', { kind: 'unclassified' }],
    ['GET /patients', { kind: 'unclassified' }],
    ['GET /files/3?patient=42', { record: { type: 'attachment', kind: 'download', id: '3', patient: '42' } }],
    ['GET /files/3', { record: { id: '3', patient: undefined } }],
    ['GET /files/3?patient=', { record: { id: '3', patient: undefined } }],
  ]
  for (const [request, expected] of cases) t.match(classify(request), expected, request)
})

t.test('query: fields that stand there once, in their plain spelling', async t => {
  const base = { type: 'patient', kind: 'read', id: '5' }
  for (const query of ['module=Contacts&action=DetailView&record=5', 'x=1&record=5&action=DETAILVIEW&module=contacts', 'm%6fdule=Cont%61cts&action=DetailView&record=5&', 'module=+Contacts%20&action=DetailView&record=5']) {
    t.match(classify(`GET /index.php?${query}`), { record: base }, query)
  }
  t.match(classify('GET /index.php?module=Contacts&entryPoint=export'), { record: { kind: 'export' } })
  t.match(classify('GET /index.php?module=Leads&action=DetailView&record=5'), { kind: 'unclassified' })
  t.match(classify('GET /search?q='), { record: { kind: 'search' } })
  t.match(classify('GET /search'), { kind: 'unclassified' })
  const odd = ['module=Contacts&module=Leads', 'Module=Contacts', 'module[]=Contacts', 'module%5B0%5D=Contacts', 'module=Contacts;x=1', 'x=1;module=Contacts', '+module=Contacts', 'module=%ff', '%ff=1&module=Contacts', 'MODULE=Leads&module=Contacts']
  for (const fields of odd) t.match(classify(`GET /index.php?${fields}&action=DetailView&record=5`), { kind: 'twoWays', field: 'request.module' }, fields)
  t.match(classify('GET /index.php?module=Contacts&action=DetailView&record=5&record=6'), { kind: 'twoWays', field: 'id' })
  t.match(classify(`GET /index.php?module=Contacts&action=DetailView&record=${'5'.repeat(600)}`), { kind: 'twoWays', field: 'id' })
  t.match(classify('GET /other?module=Contacts&module=Leads'), { kind: 'unclassified' }, 'what nothing depends on may stand there twice')
})

t.test('PHP field names: dots, spaces and an open bracket are underscores', async t => {
  const php = buildAccess(readAccess("{ roles: { nurse: { groups: [n] } }, records: [{ route: 'GET /x', type: patient, kind: read, when: { query.entry_point: [a] } }] }"))
  for (const name of ['entry.point', 'entry+point', 'entry[point', 'Entry_Point', 'entry_point[]']) t.match(php.classify({ target: targetOf(`GET /x?${name}=a`) }), { kind: 'twoWays' }, name)
  t.match(php.classify({ target: targetOf('GET /x?entry_point=a') }), { kind: 'record' })
})

t.test('body: JSON and forms; not read yet; nothing that can be read two ways', async t => {
  t.match(classify('POST /rpc'), { kind: 'contentNeeded', setting: 'access.records[8]' })
  t.match(classify('POST /rpc', json({ method: 'patient.save', params: [{ id: 42 }] })), { record: { kind: 'update', id: '42', patient: '42' } })
  t.match(classify('POST /rpc', json({ method: 'patient.list' })), { kind: 'unclassified' })
  t.match(classify('POST /rpc', form('method=patient.save&params.0.id=42')), { record: { id: '42' } }, 'a form has flat names')
  t.match(classify('POST /rpc', parseContent({ text: '', type: undefined, coding: undefined })), { kind: 'unclassified' }, 'no body at all')
  const odd: ReadonlyArray<readonly [unknown, string]> = [
    [{ Method: 'patient.save' }, 'body.method'], [{ method: 'a', METHOD: 'patient.save' }, 'body.method'], [[{ method: 'patient.save' }], 'body.method'], [{ method: ['patient.save'] }, 'body.method'],
    [{ method: { toString: 1 } }, 'body.method'], ['patient.save', 'body.method'],
    [{ method: 'patient.save', params: [{ id: 2 ** 60 }] }, 'id'], [{ method: 'patient.save', params: [{ id: 4.5 }] }, 'id'], [{ method: 'patient.save', params: { 0: { Id: 1 } } }, 'id'],
  ]
  for (const [value, field] of odd) t.match(classify('POST /rpc', json(value)), { kind: 'twoWays', field }, JSON.stringify(value))
})

t.test('request: query and body together, which must agree', async t => {
  const body = form('module=Contacts&action=DetailView&record=5')
  t.match(classify('POST /index.php', body), { record: { id: '5' } })
  t.match(classify('POST /index.php?module=Contacts', body), { record: { id: '5' } })
  t.match(classify('POST /index.php?module=Leads', body), { kind: 'twoWays', field: 'request.module' })
  t.match(classify('POST /index.php?module=Contacts'), { kind: 'contentNeeded' }, 'the body could say otherwise')
})

t.test('a body that cannot be read in one way is none', async t => {
  const parse = (text: string, type = 'application/json', coding?: string) => parseContent({ text, type, coding })
  const bad: ReadonlyArray<readonly [string, ...(readonly string[])]> = [
    ['{"a":1,"a":2}'], ['{"a":1,"\\u0061":2}'], ['[{"b":{"a":1,"a":2}}]'], ['{"a":1'], ['\u00ef\u00bb\u00bf{}'], ['{"a":"\u00ff"}'], ['{"a":NaN}'], ["{'a':1}"],
    ['{}', 'application/json; charset=utf-16'], ['{}', 'text/plain'], ['{}', ''], ['{}', 'application/json', 'gzip'], ['a=\u00e9', 'application/x-www-form-urlencoded'], ['a=1', 'multipart/form-data; boundary=x'],
  ]
  for (const [text, type, coding] of bad) t.equal(parse(text, type, coding), undefined, `${text} ${type}`)
  for (const type of ['application/json', 'application/problem+json', 'Application/JSON;charset="utf-8"']) t.same(parse('{"a":1}', type), { kind: 'json', value: { a: 1 } }, type)
})

t.test('repeated names: only in the same object, found at any depth, and in linear time', async t => {
  for (const [text, expected] of [
    ['{"a":{"a":1},"b":[{"a":1},{"a":2}]}', false], ['{"a":"{\\"a\\":1,\\"a\\":2}"}', false], ['{"a":["a","a"],"b":"a"}', false], ['{"a" :1, "a"\n: 2}', true], ['{"a\\\\":1,"a\\\\":2}', true], ['[[[{"x":1,"y":{"x":1},"x":2}]]]', true],
  ] as const) t.equal(hasRepeatedName(text), expected, text)
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, '\\'.repeat(4)])))
  const began = process.cpuUsage()
  t.equal(hasRepeatedName(deep), false)
  t.equal(hasRepeatedName(wide), false)
  const used = process.cpuUsage(began)
  t.ok(used.user + used.system < 1_000_000, `${used.user + used.system} µs`)
})

t.test('unclassified is allowed or refused by one setting; without entries everything is as it was', async t => {
  const question = (one: ReturnType<typeof buildAccess>) => ({ roles: one.rolesOf({ id: 'n', groups: ['nurses'] }), person: 'n', address: '203.0.113.7', now: 0, signIn: { authenticatedAt: 0, authnContext: undefined }, target: targetOf('GET /leads') })
  t.match(room.explain(question(room)), { isAllowed: true, decision: { isUnclassified: true } })
  const closed = buildAccess({ ...config, unclassified: 'refuse' })
  t.throws(() => closed.require(question(closed)), { code: 'access.unclassified', reason: { status: 403 } })
  const bare = buildAccess({ roles: { nurse: role({ groups: ['nurses'] }) } })
  t.match(bare.explain(question(bare)), { isAllowed: true, decision: { isUnclassified: false, record: undefined, route: '* /**' } })
})

t.test('what somebody sends to make it slow is refused, or read once', async t => {
  const many = buildAccess(readAccess(`
roles: { nurse: { groups: [nurses] } }
records:
${Array.from({ length: 200 }, (_, index) => `  - { route: 'POST /rpc', type: patient, kind: read, when: { body.method: [m${index}] } }`).join('\n')}`))
  const wide = json(Object.fromEntries([...Array.from({ length: 40_000 }, (_, index) => [`k${index}`, 1]), ['method', 'm199']]))
  const began = process.cpuUsage()
  t.match(many.classify({ target: targetOf('POST /rpc'), content: wide }), { record: { setting: 'access.records[199]' } })
  for (const text of [`method${'[]'.repeat(250_000)}=m1`, '&'.repeat(500_000), 'a=1&'.repeat(100_000), `${'['.repeat(500_000)}=1`]) {
    t.match(many.classify({ target: targetOf('POST /rpc'), content: form(text) }), { kind: 'twoWays' }, text.slice(0, 12))
  }
  const used = process.cpuUsage(began)
  t.ok(used.user + used.system < 3_000_000, `${used.user + used.system} µs`)
})

t.test('a second way to the same pages is refused, whoever asks', async t => {
  const twice = buildAccess(readAccess("{ roles: { nurse: { groups: [n] } }, records: [{ route: '* /index.php/**', type: refused }] }"))
  for (const path of ['/index.php', '/index.php/x', '/INDEX.php/x/y?a=1']) t.match(twice.classify({ target: targetOf(`GET ${path}`) }), { kind: 'twoWays', field: 'route' }, path)
  t.throws(() => buildAccess(readAccess("{ roles: { nurse: { groups: [n] } }, records: [{ route: 'GET /x', type: refused, kind: read }] }")), /refused, has neither/)
})
