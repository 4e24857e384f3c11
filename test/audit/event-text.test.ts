// An abbreviated event is its canonical JSON again, whatever is in it, and what was written with today's table stays readable.
import t from 'tap'
import fc from 'fast-check'
import { canonicalJson } from '../../src/audit/canonical-json.ts'
import { abbreviateBrowser, expand, readEventText, saltBytes } from '../../src/audit/event-text.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { writeBoundedEvent } from '../../src/audit/shorten-event.ts'
import { admitted } from '../support/audit.ts'

const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const event: AuditEvent = {
  kind: 'request.completed',
  time: 1,
  id: 'id',
  who: { id: 'nurse', name: 'A nurse', roles: ['clinician'], idp: 'i', session: 's' },
  from: { address: '203.0.113.7', peer: 'p', userAgent: browser },
  what: { kind: 'read', method: 'GET', path: '/p', protocol: 'HTTP/2', route: 'r', query: 'q', host: 'h', record: { type: 'patient', id: '1', patient: '1' } },
  decision: { rule: 'r', reason: 'x' },
  outcome: { status: 200, bytesIn: 0, bytesOut: 1, durationMs: 2, source: 's', messagesIn: 1, messagesOut: 2 },
  count: 2,
  facts: { a: 1 },
}

t.test('the table only grows: this was written when it had its first form', async t => {
  const written = 'ex84MiwEex81IngiLBciciJ9LB83eyJhIjoxfSwGewEiMjAzLjAuMTEzLjciLB85InAiLBwiH2AfZzE0MB9rIn0sCCJpZCIsDB8yLBB7AjAsAzEsBTIsHzsxLB88MiwfOiJzIiwZMjAwfSwaMSwdewciaCIsDB9HLA4fPSwRIi9wIiwTH0UsHzYicSIsFHsIIjEiLBIiMSIsGyJwYXRpZW50In0sFiJyIn0sHnsIIm51cnNlIiwLImkiLA8iQSBudXJzZSIsFVsiY2xpbmljaWFuIl0sGCJzIn19'
  const text = writeBoundedEvent(event)
  t.equal(Buffer.from(text).toString('base64url'), written)
  t.same(readEventText(Buffer.concat([Buffer.alloc(saltBytes), Buffer.from(text)])), event)
})

t.test('it is less than half, and canonical JSON when it is expanded', async t => {
  const text = writeBoundedEvent(event)
  t.equal(expand(text), canonicalJson(event))
  t.ok(text.length < canonicalJson(event).length / 2, `${text.length} of ${canonicalJson(event).length}`)
  t.notMatch(text, /[\t\n\r]/)
})

t.test('nothing that a person or a browser can send is taken for an abbreviation', async () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\u0001', '\u001f0', '"id":', '"GET"', 'request.admitted', 'GET', 'read', browser, `${browser}${browser}`, '\u001f`', '\ud800'))
  fc.assert(fc.property(
    fc.record({ id: text, name: text, userAgent: text, method: text, protocol: text, path: text, facts: fc.dictionary(text, text) }),
    ({ id, name, userAgent, method, protocol, path, facts }) => {
      const strange = admitted(id, { who: { id: name, name, roles: [name] }, from: { address: id, userAgent }, what: { kind: 'read', method, protocol, path }, facts })
      return expand(writeBoundedEvent(strange)) === canonicalJson(strange)
    },
  ), { numRuns: 500 })
})

t.test('a browser\'s name that is longer than one has is written out', async t => {
  const long = 'Mozilla/5.0 ('.repeat(100)
  t.equal(abbreviateBrowser(long), JSON.stringify(long))
  t.ok(abbreviateBrowser(browser).length < 15)
})
