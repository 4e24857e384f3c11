import t from 'tap'
import fc from 'fast-check'
import { canonicalJson } from '../../src/audit/canonical-json.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { expand } from '../../src/audit/event-text.ts'
import { maxEventBytes, writeBoundedEvent } from '../../src/audit/shorten-event.ts'
import { admitted } from '../support/audit.ts'

const read = (event: AuditEvent) => JSON.parse(expand(writeBoundedEvent(event))) as AuditEvent

t.test('an event of ordinary size is written as it is', async t => {
  const event = admitted('an-id')
  t.equal(expand(writeBoundedEvent(event)), canonicalJson(event))
})

t.test('an over-long text is cut and says how long it was and what its digest is', async t => {
  const path = read(admitted('an-id', { what: { kind: 'read', method: 'GET', path: '/p/' + 'x'.repeat(5000) } })).what?.path ?? ''
  t.ok(path.length <= 4096)
  t.match(path, /^\/p\/x+… 5003 long, sha256 [A-Za-z0-9_-]{43}$/)
})

t.test('a long list becomes its first entries, a count and a digest', async t => {
  const roles = Array.from({ length: 5000 }, (_, n) => `role-${n}`)
  const kept = read(admitted('an-id', { who: { id: 'someone', roles } })).who?.roles ?? []
  t.ok(kept.length <= 64)
  t.equal(kept[0], 'role-0')
  t.match(kept.at(-1), /^… 5000 in all, sha256 /)
})

t.test('too many facts become some facts, a number and a digest', async t => {
  const facts = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`fact${n}`, 'x'.repeat(50)]))
  const kept = read(admitted('an-id', { facts })).facts ?? {}
  t.match(kept['shortened'], / more, sha256 /)
  t.equal(kept['fact0'], 'x'.repeat(50))
})

t.test('whatever is in it, an event is at most 8 KiB and keeps its kind, time and who', async () => {
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', minLength: 1500, maxLength: 6000 }), fc.constant('\u0001'.repeat(3000)), fc.constant('\ud800'.repeat(900)))
  fc.assert(fc.property(
    fc.record({ id: text, name: text, agent: text, path: text, query: text, roles: fc.array(text, { maxLength: 80 }), facts: fc.dictionary(text, text, { maxKeys: 60 }) }),
    ({ id, name, agent, path, query, roles, facts }) => {
      const event = admitted('an-id', { who: { id, name, roles }, from: { address: '203.0.113.7', userAgent: agent }, what: { kind: 'read', method: 'GET', path, query }, facts })
      const written = expand(writeBoundedEvent(event))
      const back = JSON.parse(written) as AuditEvent
      return Buffer.byteLength(written) <= maxEventBytes && back.kind === event.kind && back.time === event.time && back.who !== undefined && canonicalJson(back) === written
    },
  ), { numRuns: 60 })
})
