// Which rule decides about which field: order, roles, records, what lies in what.
import t, { type Test } from 'tap'
import { maskingOf, maskWith, type Rules } from '../../support/mask-with.ts'

const rule = (fields: string[], action: Rules[number]['action'], more: Partial<Rules[number]> = {}): Rules[number] => ({ records: ['patient'], fields, action, ...more })

async function see (t: Test, rules: Rules, cases: ReadonlyArray<readonly [body: string, seen: string, asked?: Parameters<typeof maskWith>[2]]>): Promise<void> {
  const room = maskingOf(rules)
  for (const [body, seen, asked] of cases) t.equal((await maskWith(room, body, asked)).body, seen, `${body} ${JSON.stringify(asked ?? {})}`)
}

t.test('each action, for texts, numbers, true and false', async t => {
  await see(t, [
    rule(['h'], 'hide'), rule(['m'], 'mask', { as: 'name' }), rule(['l'], 'last4', { as: 'ssn' }), rule(['y'], 'generalise', { to: 'year' }), rule(['z'], 'generalise', { to: 'zip3' }), rule(['g'], 'generalise', { to: 'age90' }),
    rule(['t'], 'token', { as: 'mrn' }),
  ], [
    ['{"h":"x","a":1}', '{"a":1}'], ['{"h":1}', '{}'], ['{"h":true,"b":2}', '{"b":2}'], ['{"h":["x",{"y":1}]}', '{}'], ['[{"h":1}]', '[{"h":1}]'],
    ['{"m":"Ann"}', '{"m":"[name]"}'], ['{"m":""}', '{"m":"[name]"}'], ['{"m":5}', '{"m":null}'], ['{"m":true}', '{"m":null}'], ['{"m":null}', '{"m":null}'], ['{"m":["Ann",{"x":"Ben"}]}', '{"m":["[name]",{"x":"[name]"}]}'],
    ['{"l":"900-12-3456"}', '{"l":"***3456"}'], ['{"l":"3456"}', '{"l":"[ssn]"}'], ['{"l":900123456}', '{"l":null}'], ['{"l":"***3456"}', '{"l":"***3456"}'],
    ['{"y":"1980-05-06"}', '{"y":"1980"}'], ['{"y":"1912-05-06"}', '{"y":"[date]"}'], ['{"y":"soon"}', '{"y":"[date]"}'], ['{"z":"62704"}', '{"z":"627"}'], ['{"z":"03601"}', '{"z":"000"}'], ['{"g":93}', '{"g":90}'],
  ])
  const token = (await maskWith(maskingOf([rule(['t'], 'token', { as: 'mrn' })]), '{"t":"MRN-1"}')).body
  t.match(token, /^\{"t":"mrn_[\w-]{22}\.[\w-]{11}"\}$/)
  t.equal((await maskWith(maskingOf([rule(['t'], 'token', { as: 'mrn' })]), '{"t":"MRN-1"}')).body, token, 'the same value, the same token')
})

t.test('the first rule that fits a field, or something around it, decides; show is an exception from a wider rule below', async t => {
  await see(t, [rule(['name', 'address.city'], 'show'), rule(['address'], 'hide')], [
    ['{"name":"Ann","address":{"city":"Springfield","street":"1 Main Street"},"x":1}', '{"name":"Ann","address":{"city":"Springfield"},"x":1}'],
  ])
  await see(t, [rule(['id', 'name'], 'show'), rule(['**'], 'hide')], [
    ['{"id":1,"name":{"first":"Ann"},"ssn":"900-12-3456","notes":["a"]}', '{"id":1,"name":{"first":"Ann"}}'],
    ['{"ssn":["900-12-3456"]}', '{}'],
  ])
  await see(t, [rule(['**.email'], 'mask', { as: 'email' }), rule(['address'], 'hide')], [['{"email":"a@clinic.example","address":{"email":"b@clinic.example"}}', '{"email":"[email]"}']])
  await see(t, [rule(['**'], 'hide')], [['"900-12-3456"', 'null'], ['[1,"x"]', 'null'], ['{"a":1}', 'null']])
})

t.test('of several roles the mildest word counts, of several records the strictest', async t => {
  const rules = [rule(['a', 'b'], 'hide', { roles: ['desk'] }), rule(['a'], 'last4', { roles: ['billing'], as: 'ssn' }), rule(['n'], 'mask', { records: ['note'] })]
  await see(t, rules, [
    ['{"a":"900-12-3456","b":"x"}', '{}'],
    ['{"a":"900-12-3456","b":"x"}', '{"a":"***3456","b":"x"}', { roles: ['billing'] }],
    ['{"a":"900-12-3456","b":"x"}', '{"a":"***3456","b":"x"}', { roles: ['desk', 'billing'] }],
    ['{"a":"900-12-3456","b":"x"}', '{}', { roles: ['desk', 'billing'], needsAll: true }],
    ['{"a":"900-12-3456"}', 'unmasked', { roles: ['desk', 'nurse'] }],
    ['{"a":"900-12-3456"}', '{}', { roles: ['desk', 'nurse'], needsAll: true }],
    ['{"a":"900-12-3456","n":"text"}', '{"n":"[redacted]"}', { records: [{ type: 'patient', kind: 'read' }, { type: 'note', kind: 'list' }] }],
    ['{"n":"text"}', 'unmasked', { records: [{ type: 'recording', kind: 'play' }] }],
  ])
})

t.test('a rule can be about one kind of access', async t => {
  await see(t, [rule(['a'], 'hide', { kinds: ['list', 'search'] })], [
    ['{"a":1}', 'unmasked'], ['{"a":1}', '{}', { records: [{ type: 'patient', kind: 'list' }] }], ['{"a":1}', '{}', { records: [{ type: 'patient', kind: 'read' }, { type: 'patient', kind: 'search' }] }],
  ])
})

t.test('JSON inside a text is opened where a rule goes on', async t => {
  await see(t, [rule(['**.ssn'], 'hide')], [
    ['{"raw":"{\\"ssn\\":\\"900-12-3456\\",\\"n\\":[1]}"}', '{"raw":"{\\"n\\":[1]}"}'],
    ['{"raw":"[{\\"raw\\":\\"{\\\\\\"ssn\\\\\\":1}\\"}]"}', '{"raw":"[{\\"raw\\":\\"{}\\"}]"}'],
    ['{"raw":"{ssn: 1}"}', '{"raw":"{ssn: 1}"}'],
    ['{"raw":"{\\"ssn\\":1} and more"}', '{"raw":"{\\"ssn\\":1} and more"}'],
  ])
})

t.test('names of members that are data do not stay in what is masked', async t => {
  await see(t, [rule(['byPhone'], 'mask')], [['{"byPhone":{"555-010-0142":{"note":"x"}},"other":{"555-010-0142":1}}', '{"byPhone":{"redacted-1":{"note":"[redacted]"}},"other":{"555-010-0142":1}}']])
})

t.test('what was masked is told by rule and count, never by what the CRM sent', async t => {
  const room = maskingOf([rule(['people.*.ssn', 'list[].ssn'], 'last4', { as: 'ssn' })])
  const { counts } = await maskWith(room, '{"people":{"Ann Example":{"ssn":"900-12-3456"}},"list":[{"ssn":"900-12-3457"},{"ssn":"900-12-3458"}]}')
  t.equal(counts, 'people.*.ssn last4 1; list[].ssn last4 2')
})

t.test('a configuration that cannot be meant is refused', async t => {
  for (const [rules, message] of [
    [[rule(['a..b'], 'hide')], /rules\.0\.fields\.0/], [[rule(['a'], 'generalise')], /needs to/], [[rule(['a'], 'mask', { to: 'year' })], /generalise only/], [[rule(['a'], 'hide', { as: 'ssn' })], /take it away/],
    [[rule(['a'], 'hide'), rule(['b', 'a'], 'show', { roles: ['nurse'] })], /rules\.1\.fields\.1.*stands above/],
  ] as const) t.throws(() => maskingOf([...rules]), { message })
  t.throws(() => maskingOf([], { opaque: ['patients'] }), /opaque\.0/)
  for (const maxAnswerSize of ['10', '1GiB']) t.throws(() => maskingOf([], { maxAnswerSize }), /maxAnswerSize: write a size/)
})
