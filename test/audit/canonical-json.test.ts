import t from 'tap'
import fc from 'fast-check'
import { canonicalJson, compileCanonicalJson } from '../../src/audit/canonical-json.ts'
import { AuditEvent } from '../../src/audit/event.ts'
import { admitted } from '../support/audit.ts'

t.test('keys stand in code unit order, without blanks, at every depth', async t => {
  t.equal(canonicalJson({ b: 1, a: { '\u20ac': 2, 1: [true, null, { z: '', y: '"' }] }, ö: 0 }), '{"a":{"1":[true,null,{"y":"\\"","z":""}],"€":2},"b":1,"ö":0}')
})

t.test('what has no value is left out, numbers have one spelling', async t => {
  t.equal(canonicalJson({ a: undefined, b: NaN, c: -0, d: 1e21, e: Infinity, f: 0.1 }), '{"c":0,"d":1e+21,"f":0.1}')
})

t.test('what is not data is refused', async t => {
  t.throws(() => canonicalJson({ a: () => 1 }), TypeError)
  t.throws(() => canonicalJson({ a: 1n }), TypeError)
})

t.test('the order in which an object was built changes nothing, and nothing is lost', async () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), value => {
    const turned = Object.fromEntries(Object.entries(value).reverse())
    const text = canonicalJson(value)
    return text === canonicalJson(turned) && text === canonicalJson(JSON.parse(text)) && text.length === JSON.stringify(JSON.parse(text)).length
  }), { numRuns: 200 })
})

t.test('the writer for events writes what the general one writes, keys that the form does not know included', async t => {
  const write = compileCanonicalJson(AuditEvent)
  const event = admitted('an-id', { facts: { z: 1, a: 'x' }, count: 3 })
  t.equal(write(event), canonicalJson(event))
  const strange = { ...event, who: { ...event.who, unknown: 'kept' }, extra: [1] }
  t.equal(write(strange), canonicalJson(strange))
  t.match(write(strange), /"unknown":"kept"/)
})

t.test('what is remembered of frozen objects is what they say; what can change is written anew each time', async t => {
  const write = compileCanonicalJson(AuditEvent)
  const event = (who: object) => ({ kind: 'session.began', time: 1, id: 'x', who })
  const frozen = Object.freeze({ id: 'nurse', roles: Object.freeze(['a']) })
  for (let round = 0; round < 2; round += 1) t.equal(write(event(frozen)), canonicalJson(event(frozen)))
  const halfFrozen = Object.freeze({ id: 'nurse', roles: ['a'] })
  t.match(write(event(halfFrozen)), '"roles":["a"]')
  halfFrozen.roles.push('b')
  t.match(write(event(halfFrozen)), '"roles":["a","b"]')
  const open = { id: 'nurse', roles: Object.freeze([]) }
  t.match(write(event(open)), '"id":"nurse"')
  open.id = 'doctor'
  t.match(write(event(open)), '"id":"doctor"')
})
