import t from 'tap'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { admit, at, complete, nurse } from '../support/patient-trail.ts'
import { createQuestionPlace } from './question-place.ts'
import { runCli } from './run-cli.ts'

const seen = (patient: string): AuditEvent => ({
  kind: 'record.seen',
  time: at('20T08:00:05'),
  id: 'list',
  who: nurse,
  from: { address: '203.0.113.7' },
  what: { kind: 'list', method: 'GET', route: 'GET /api/patients', record: { type: 'patient', id: patient, patient } },
})

t.test('who saw a patient includes the lists that the patient was on', async t => {
  const place = await createQuestionPlace(t, {
    events: [
      admit('list', at('20T08:00:05'), { who: nurse, what: { kind: 'list', path: '/api/patients', route: 'GET /api/patients', record: { type: 'patient' } } }),
      seen('4711'), seen('4712'), complete('list', at('20T08:00:06')),
    ],
  })
  const ask = (...args: string[]) => runCli(['audit', ...args, '--reason', 'complaint', '--config', place.file, '--to', '2026-11-21'])
  const told = await ask('patient', '4711')
  t.match(told, { code: 0, err: '' })
  t.match(told.out, /1 person got to this patient's data, once/)
  t.match(told.out, /Invented Nurse <nurse-1> \(nurse\): listed once/)
  t.match(told.out, /08:00 +listed the patient's own record/)
  const rows = (await ask('query', '--patient', '4712')).out.trim().split('\n').map(line => JSON.parse(line) as object)
  t.match(rows, [{ kind: 'record.seen', access: 'list', person: 'nurse-1', route: 'GET /api/patients', patient: '4712', id: 'list' }])
  t.match(await ask('patient', '4713'), { out: /Nobody is on record with this patient\./ })
})
