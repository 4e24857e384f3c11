import t from 'tap'
import { ConfigurationError, Denial, Failure, defineReasons, formatFinding } from '../../src/shared/errors.ts'

const reasons = defineReasons({
  'room.no': { status: 403, publicText: 'Ask your administrator.', operatorText: 'A rule said no.', citation: 'RFC 9110 section 15.5.4' },
  'room.broken': { status: 502, publicText: 'Try again later.', operatorText: 'The other side broke.' },
})

t.test('a denial is its code and its row of the table', async t => {
  const denial = reasons.deny('room.no')
  t.ok(denial instanceof Denial && denial instanceof Error && !((denial as Error) instanceof Failure))
  t.match(denial, { name: 'Denial', code: 'room.no', message: 'room.no', retryAfterSeconds: undefined })
  t.equal(denial.reason, reasons.table['room.no'])
  t.equal(reasons.deny('room.no', { retryAfterSeconds: 30 }).retryAfterSeconds, 30)
})

t.test('a failure names its source and keeps its cause out of every text', async t => {
  const cause = new Error('refused for patient 4711')
  const failure = reasons.fail('room.broken', 'upstream', { cause, retryAfterSeconds: 5 })
  t.ok(failure instanceof Failure && !((failure as Error) instanceof Denial))
  t.match(failure, { name: 'Failure', code: 'room.broken', source: 'upstream', retryAfterSeconds: 5 })
  t.equal(failure.cause, cause)
  t.equal(failure.reason, reasons.table['room.broken'])
  for (const text of [failure.message, String(failure), failure.stack ?? '', JSON.stringify(failure)]) t.notMatch(text, /4711/)
  const bare = reasons.fail('room.broken', 'store')
  t.match(bare, { source: 'store', retryAfterSeconds: undefined })
  t.equal(bare.cause, undefined)
})

t.test('findings are lines that an editor can follow', async t => {
  const findings = [
    { file: 'gateway.yaml', line: 14, column: 3, path: 'session.idle', message: 'session.idle is not a setting.' },
    { file: 'roles.yaml', line: 1, column: 1, path: '', message: 'It is empty.' },
  ]
  t.equal(formatFinding(findings[0] as typeof findings[number]), 'gateway.yaml:14:3  session.idle is not a setting.')
  const error = new ConfigurationError(findings)
  t.equal(error.name, 'ConfigurationError')
  t.equal(error.message, 'gateway.yaml:14:3  session.idle is not a setting.\nroles.yaml:1:1  It is empty.')
  t.equal(error.findings, findings)
})
