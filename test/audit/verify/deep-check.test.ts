// What somebody who has the key can write so that every seal holds: clear fields, tokens and endings that say something else.
import t from 'tap'
import { deriveAuditKeys } from '../../../src/audit/audit.ts'
import type { AuditEvent } from '../../../src/audit/event.ts'
import type { AuditRecord } from '../../../src/audit/record-form.ts'
import { outcomeOf } from '../../../src/audit/seal.ts'
import { tokeniserOf } from '../../../src/audit/tokens.ts'
import { createDeepCheck } from '../../../src/audit/verify/deep-check.ts'
import { admitted, completed, createKey, gateway } from '../../support/audit.ts'

const keys = deriveAuditKeys(createKey(), gateway)
let seq = 0

function entry (event: AuditEvent, changes: Partial<AuditRecord> = {}) {
  seq += 1
  const tokens = tokeniserOf(keys, 1).tokensOf(event)
  const record: AuditRecord = { seq, time: event.time, kind: event.kind, outcome: outcomeOf(event), tokens, leaf: '', hash: '', mac: '', seal: '', ...changes }
  return { writer: 'w', epoch: 1, seq, event, problems: [], record }
}

const details = (check: ReturnType<typeof createDeepCheck>, ...given: Parameters<typeof entry>) => check.take(entry(...given)).map(({ class: name, detail }) => `${name}: ${detail}`)

t.test('what agrees is no finding, and an exchange without ending is told', async t => {
  const check = createDeepCheck(keys)
  t.same(details(check, admitted('a')), [])
  t.same(details(check, completed('a')), [])
  t.same(details(check, admitted('b')), [])
  t.match(check.unended(), [{ seq, kind: 'request.admitted' }])
})

t.test('clear fields and tokens that do not say what is sealed', async t => {
  const check = createDeepCheck(keys)
  const clear = ['edit: its clear fields do not say what is sealed']
  t.same(details(check, admitted('a'), { kind: 'request.denied' }), clear)
  t.same(details(check, admitted('a'), { time: 1 }), clear)
  t.same(details(check, completed('a'), { outcome: '500' }), clear)
  const other = tokeniserOf(keys, 1).tokensOf(admitted('x', { who: { id: 'somebody else', roles: [] } }))
  t.same(details(check, admitted('b'), { tokens: other }), ['edit: its tokens are not those of what is sealed'])
  t.same(details(check, admitted('c', { who: { id: `${'x'.repeat(20)}… 3000 long, sha256 ${'y'.repeat(43)}`, roles: [] } }), { tokens: other }), [], 'a text that was cut has the token of the whole one')
  const claims = admitted('d', { from: { address: '203.0.113.7', peer: '203.0.113.7', userAgent: `… 3000 long, sha256 ${'y'.repeat(43)}` } })
  t.same(details(check, claims, { tokens: other }), ['edit: its tokens are not those of what is sealed'], 'another text that looks cut excuses nothing')
})

t.test('a second ending', async t => {
  const check = createDeepCheck(keys)
  details(check, admitted('a'))
  details(check, completed('a'))
  t.same(details(check, completed('a')), ['edit: its exchange had an ending already'])
  t.same(details(check, completed('began before this')), [], 'its beginning may lie elsewhere')
})
