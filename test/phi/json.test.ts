// JSON through the engine: no planted value survives where a rule applies, the result parses, types and untouched bytes stay, twice is once.
import fc from 'fast-check'
import t from 'tap'
import { redactorOf, redactWith } from '../support/phi-policy.ts'

const json = 'application/json'

t.test('what no rule names is closed, and keeps its type', async t => {
  const redactor = redactorOf([{ path: 'status', action: 'keep', oneOf: ['new'] }])
  t.equal(redactWith(redactor, json, '{ "status":"new",\n "a":"x","b":12.50,"c":true,"d":null,"e":[1,"x",[]],"f":{} }'),
    '{ "status":"new",\n "a":"[redacted]","b":0,"c":false,"d":null,"e":[0,"[redacted]",[]],"f":{} }')
  t.equal(redactWith(redactor, json, '{"status":"new patient"}'), '{"status":"[redacted]"}', 'a value that breaks its constraint')
  t.equal(redactWith(redactor, json, '{"status":{"x":"new"},"status":["new"]}'), '{"status":{"x":"[redacted]"},"status":["[redacted]"]}', 'a rule for a leaf is none for a container')
  t.equal(redactWith(redactor, json, '{"st\\u0061tus":"new"}'), '{"st\\u0061tus":"new"}', 'a name is a name however it is written')
})

t.test('numbers, blanks and the order of names stay byte for byte', async t => {
  const redactor = redactorOf([{ path: '**', action: 'keep', minimum: 0, maximum: 1e30 }])
  const body = '\ufeff {"b" : 12345678901234.50 ,\t"a":1e5,"a":0.10}\r\n'
  t.equal(redactWith(redactor, json, body), body)
})

t.test('two members of one name are two leaves', async t => {
  t.equal(redactWith(redactorOf([{ path: 'a', action: 'mask', kind: 'name' }]), json, '{"a":"Jane","a":"Roe"}'), '{"a":"[name]","a":"[name]"}')
})

t.test('what is taken out leaves no comma behind', async t => {
  const redactor = redactorOf([{ path: 'x', action: 'drop' }, { path: 'y[]', action: 'drop' }, { path: '*', action: 'keep', oneOf: ['k'] }])
  const cases = [
    ['{"x":1}', '{}'], ['{"x":1,"a":"k"}', '{"a":"k"}'], ['{"a":"k","x":{"q":[1]}}', '{"a":"k"}'], ['{"x":1,"x":2}', '{}'], ['{"x":1,"a":"k","x":2,"b":"k","x":3}', '{"a":"k","b":"k"}'],
    ['{ "x" : 1 , "x" : 2 , "a":"k" }', '{  "a":"k" }'], ['{"y":["1",2]}', '{"y":[null,null]}'],
  ] as const
  for (const [body, expected] of cases) t.equal(redactWith(redactor, json, body), expected)
})

t.test('names that are data do not leave', async t => {
  const redactor = redactorOf([{ path: 'byEmail.*', action: 'keep', oneOf: ['k'] }])
  t.equal(redactWith(redactor, json, '{"byEmail":{"j.roe@x.example":"k","900-55-0101":"k","Jane Roe":"k","plain":"k"}}'),
    '{"byEmail":{"redacted-1":"k","redacted-2":"k","redacted-3":"k","plain":"k"}}')
  const redaction = redactor.redact({ type: json, body: Buffer.from('{"Jane Roe":{"900-55-0101":1}}') })
  t.ok(redaction.held === undefined)
  t.notMatch(JSON.stringify(redaction), /Jane|0101/, 'and stand in no manifest')
})

t.test('each action', async t => {
  const rules = [
    { path: 'year', action: 'generalise', to: 'year' }, { path: 'zip', action: 'generalise', to: 'zip3' }, { path: 'age', action: 'generalise', to: 'age90' },
    { path: 'id', action: 'token', kind: 'mrn' }, { path: 'card', action: 'last4', kind: 'account' },
  ] as const
  const redactor = redactorOf(rules, { profile: 'minimum-necessary' })
  const out = (body: object) => JSON.parse(redactWith(redactor, json, JSON.stringify(body))) as Record<string, unknown>
  for (const [given, expected] of [['1984-03-02', '1984'], ['3/2/1984', '1984'], ['1930-01-01', '[date]'], ['1936', '[date]'], ['soon', '[date]'], ['1984', '1984']] as const) t.equal(out({ year: given })['year'], expected, given)
  t.equal(out({ year: Date.UTC(1999, 4, 5) })['year'], Date.UTC(1999, 0, 1))
  for (const [given, expected] of [['94107-1234', '941'], ['03601', '000'], ['941', '941'], ['x94107', '[zip]']] as const) t.equal(out({ zip: given })['zip'], expected, given)
  for (const [given, expected] of [['41', '41'], ['93', '90'], ['old', '[age]']] as const) t.equal(out({ age: given })['age'], expected)
  t.equal(out({ age: 101 })['age'], 90)
  t.equal(out({ card: '9000 0000 0000 1234' })['card'], '***1234')
  t.equal(out({ card: '12345' })['card'], '[account]')
  const [one, same, other] = ['A1', 'A1', 'A2'].map(id => out({ id })['id'])
  t.match(one, /^mrn_[\w-]{22}\.[\w-]{11}$/)
  t.equal(one, same)
  t.not(one, other)
  t.equal(out({ id: one })['id'], one, 'a token passes a second time')
  t.not(out({ id: `mrn_${'x'.repeat(22)}.${'y'.repeat(11)}` })['id'], `mrn_${'x'.repeat(22)}.${'y'.repeat(11)}`, 'what only looks like one does not')
  t.equal(redactWith(redactorOf([{ path: 'a', action: 'hold' }]), json, '{"b":[{"c":1}],"a":""}'), '{"b":[{"c":0}],"a":""}', 'nothing is in an empty text')
  t.equal(redactWith(redactorOf([{ path: 'a', action: 'hold' }]), json, '{"a":{}}'), 'held: byRule')
})

t.test('what is packed into a text is opened and packed again', async t => {
  const redactor = redactorOf([{ path: 'payload.status', action: 'keep', oneOf: ['new'] }, { path: 'payload.who', action: 'mask' }, { path: 'note', action: 'prose' }])
  const inner = '{"status":"new","who":"Jane Roe"}'
  const clean = '{"status":"new","who":"[redacted]"}'
  t.equal(redactWith(redactor, json, JSON.stringify({ payload: inner })), JSON.stringify({ payload: clean }))
  t.equal(redactWith(redactor, json, JSON.stringify({ payload: Buffer.from(inner).toString('base64') })), JSON.stringify({ payload: Buffer.from(clean).toString('base64') }))
  t.equal(redactWith(redactor, json, JSON.stringify({ payload: 'status=new&who=Jane+Roe' })), JSON.stringify({ payload: 'status=new&who=%5Bredacted%5D' }))
  t.equal(redactWith(redactor, json, JSON.stringify({ payload: 'status=new&jane=1' })), '{"payload":"[redacted]"}')
  t.equal(redactWith(redactor, json, JSON.stringify({ payload: 'Jane Roe' })), '{"payload":"[redacted]"}')
  const note = (text: string) => (JSON.parse(redactWith(redactor, json, JSON.stringify({ note: text }))) as { note: string }).note
  t.equal(note('{"p":"call 555-0100"}'), '{"p":"call [phone]"}')
  t.equal(Buffer.from(note(Buffer.from('please call 555-0100').toString('base64')), 'base64').toString(), 'please call [phone]')
  t.equal(note(Buffer.from([0, 1, 2, 250, 251, 7, 9, 200, 13, 17, 99, 88, 77, 66, 55]).toString('base64').repeat(2)), '[redacted]', 'what cannot be read')
  let deep = 'call 555-0100'
  for (let layer = 0; layer < 8; layer++) deep = Buffer.from(deep).toString('base64')
  t.equal(Buffer.from(note(deep), 'base64').toString().includes('0100'), false)
  t.equal(note('<p>900-55-<b>0101</b></p>'), '<p>[ssn]<b></b></p>')
})

t.test('a name from a field is found in a note', async t => {
  const redactor = redactorOf([{ path: 'contact.name', action: 'mask', kind: 'name' }, { path: 'note', action: 'prose' }])
  t.equal(redactWith(redactor, json, '{"note":"zyxandra asked for a refill","contact":{"name":"Zyxandra Qwerl"}}'), '{"note":"[name] asked for a refill","contact":{"name":"[name]"}}')
})

t.test('what is not JSON, or is too deep, is held', async t => {
  const redactor = redactorOf([], { deepest: 8 })
  const broken = ['', '{', '{"a":1,}', '[1 2]', '{"a"}', "{'a':1}", '{"a":01}', '{"a":+1}', '{"a":"\n"}', '{"a":"\\x"}', '{"a":tru}', '{"a":1}x', '[,]', '{"a":NaN}', '"', '{,"a":1}', '{"x":1 "y":2}']
  for (const body of broken) t.equal(redactWith(redactor, json, body), 'held: notJson', body)
  t.equal(redactWith(redactor, json, '['.repeat(9) + ']'.repeat(9)), 'held: tooDeep')
  t.equal(redactWith(redactor, json, '['.repeat(100_000)), 'held: tooDeep')
  t.equal(redactWith(redactor, json, Buffer.from([0x22, 0xff, 0x22])), 'held: notUtf8')
  t.equal(redactWith(redactor, 'application/json; charset=utf-16', '{}'), 'held: charset')
  t.equal(redactWith(redactor, 'application/octet-stream', '{}'), 'held: unknownType')
})

t.test('the reader takes what JSON.parse takes', async () => {
  const redactor = redactorOf([], { deepest: 256 })
  const text = fc.oneof(fc.json(), fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', '.5', 'e3', 'null', 'true', ' ', '"', '\\', '\\u00e9', '\t'), { maxLength: 12 }).map(parts => parts.join('')))
  fc.assert(fc.property(text, body => {
    let isJson = true
    try { JSON.parse(body) } catch { isJson = false }
    return redactWith(redactor, json, body).startsWith('held: notJson') === !isJson
  }), { numRuns: 3000 })
})

/** Shape of a value: everything but its leaves' values and the names of its members. */
function shapeOf (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  return typeof value === 'object' && value !== null ? Object.values(value).map(shapeOf) : value === null ? null : typeof value
}

t.test('no planted value survives, the result parses, its shape stays, twice is once', async () => {
  const redactor = redactorOf([{ path: '**.keep', action: 'keep', oneOf: ['allowed'] }, { path: '**.note', action: 'prose' }, { path: '**.gone', action: 'mask', kind: 'name' }])
  const planted = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom(...'qwxzQWXZ"\\é\u200b\n&=<') }).map(text => `zqj${text}`)
  const leaf = fc.oneof(planted, fc.integer({ min: 1_000_000 }), fc.boolean(), fc.constant(null), fc.constant('allowed'))
  const name = fc.constantFrom('keep', 'gone', 'other', 'k2', 'list')
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(name, tie('tree'), { maxKeys: 4 })),
  }))
  fc.assert(fc.property(tree, fc.boolean(), (value, isSpaced) => {
    const body = isSpaced ? JSON.stringify(value, null, 2) : JSON.stringify(value)
    const out = redactWith(redactor, json, body)
    const parsed = JSON.parse(out) as unknown
    return !out.includes('zqj') && !/[1-9]\d{6}/.test(out) && JSON.stringify(shapeOf(parsed)) === JSON.stringify(shapeOf(value)) && redactWith(redactor, json, out) === out
  }), { numRuns: 1500 })
})
