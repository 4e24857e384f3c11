// Questions to the trail from the command line: each answer, its record with the reason, and what is damaged is said loudly.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { readTrail } from '../support/trail.ts'
import { createQuestionPlace, type QuestionPlace } from './question-place.ts'
import { runCli, type CliResult } from './run-cli.ts'

const reason = ['--reason', 'complaint 2026-114']
const ask = (place: QuestionPlace, ...args: string[]) => runCli(['audit', ...args, '--config', place.file])
const rowsOf = ({ out }: CliResult) => out.trimEnd().split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Record<string, unknown>)
const idsOf = (result: CliResult) => [...new Set(rowsOf(result).map(row => row['id']))]

t.test('a question without a reason is refused, and nothing is read or recorded', async t => {
  const place = await createQuestionPlace(t)
  for (const args of [['query', '--patient', '4711'], ['patient', '4711'], ['disclosures', '--patient', '4711'], ['export', '--format', 'csv', '--to-dir', place.workspace.path('out')], ['tail', '--patient', '4711'], ['tail']]) {
    t.match(await ask(place, ...args), { code: 2, out: '', err: /^Please say why you ask: --reason/ })
  }
  t.notOk(readdirSync(place.workspace.path('data')).includes('audit-cli'))
})

t.test('query finds by each filter, both ends of an exchange', async t => {
  const place = await createQuestionPlace(t)
  const cases: ReadonlyArray<readonly [string[], string[]]> = [
    [['--patient', '4711'], ['r1', 'r2', 'r3', 'stranger', 'r4', 'r5', 'r6', 'r7', 'm1', 'm2', 'r8']],
    [['--person', 'clerk-3'], ['r3']],
    [['--record', 'appointment/88'], ['r4']],
    [['--address', '198.51.100.9'], ['stranger']],
    [['--kind', 'request.denied'], ['r3', 'stranger']],
    [['--kind', 'message'], ['m1', 'm2']],
    [['--kind', 'delete'], ['r7']],
    [['--outcome', 'failed'], ['r5']],
    [['--outcome', '4xx'], ['r7']],
    [['--outcome', 'wouldRefuse'], ['r8']],
    [['--outcome', 'client.hungUp', '--patient', '4711'], ['r6']],
    [['--from', '2026-11-22', '--to', '2026-11-22'], ['m1', 'm2']],
    [['--from', '2026-11-21T16:16:30', '--to', '2026-11-21T16:17:30', '--time-zone', 'America/Chicago', '--patient', '4711'], ['r6']],
    [['--patient', '4712', '--person', 'nurse-1'], ['other']],
    [['--patient', 'nobody'], []],
  ]
  for (const [args, ids] of cases) {
    const result = await ask(place, 'query', ...args, ...reason)
    t.equal(result.code, 0, result.err)
    // A question that was asked before about the same patient is an answer too.
    t.same(idsOf(result).filter(id => String(id).length < 9), ids, args.join(' '))
  }
  const [admitted, completed] = rowsOf(await ask(place, 'query', '--record', 'appointment/88', ...reason))
  t.match(completed, { kind: 'request.completed', outcome: 'completed', status: 204, person: 'physician-2', patient: '4711', recordType: 'appointment', record: '88', path: '/appointments/88' }, 'an ending knows what it ended')
  t.match(admitted, { time: '2026-11-21T22:15:00.000Z', outcome: 'admitted', fields: ['time'], access: 'update' })
  t.same(rowsOf(await ask(place, 'query', '--patient', '4711', '--kind', 'request', '--limit', '2', ...reason)).map(row => row['id']), ['r7', 'r8'], 'the latest')
  t.match(rowsOf(await ask(place, 'query', '--id', 'r7', ...reason)).map(row => [row['id'], row['kind']]), [['r7', 'request.admitted'], ['r7', 'request.completed']])
  t.match((await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)).at(-2), { facts: { operation: 'audit.query', step: 'done', found: 2, requestId: 'r7' } })
  t.match(await ask(place, 'query', '--kind', 'raed', ...reason), { code: 2, err: /Did you mean read\?/ })
  t.match(await ask(place, 'query', '--from', 'yesterday', ...reason), { code: 2, err: /--from yesterday is not a time: write/ })
  t.match(await ask(place, 'query', '--time-zone', 'Mars', ...reason), { code: 2, err: /--time-zone Mars is not known/ })
})

t.test('the question is on record before it is answered, with its reason, and is part of the patient\'s own trail', async t => {
  const place = await createQuestionPlace(t)
  await ask(place, 'query', '--patient', '4711', ...reason)
  const events = (await readTrail(place.workspace.path('data/audit-cli'), place.config.audit.key)).filter(event => event.kind === 'operation.run')
  t.match(events, [
    { what: { record: { type: 'patient', patient: '4711' } }, facts: { operation: 'audit.query', step: 'asked', reason: 'complaint 2026-114' } },
    { facts: { operation: 'audit.query', step: 'done', found: 17, damaged: 0 } },
  ])
  t.match(rowsOf(await ask(place, 'query', '--patient', '4711', '--kind', 'operation', ...reason)), [{ facts: { step: 'asked' } }, { facts: { step: 'done' } }])
  rmSync(place.workspace.path('data/audit-cli'), { recursive: true })
  place.workspace.write('data/audit-cli', 'a file where a directory should be')
  t.match(await ask(place, 'query', '--patient', '4711', ...reason), { code: 1, out: '' }, 'what cannot be recorded is not answered')
})

t.test('damage is told with its place, and the exit code says it', async t => {
  const place = await createQuestionPlace(t)
  const [name = ''] = readdirSync(place.workspace.path('data/audit')).filter(file => file.endsWith('.audit'))
  const path = place.workspace.path(`data/audit/${name}`)
  const lines = readFileSync(path, 'latin1').split('\n')
  const original = lines[3] as string
  lines[3] = original.replace(/"seal":"(.)/, (_all, first: string) => `"seal":"${first === 'A' ? 'B' : 'A'}`)
  writeFileSync(path, lines.join('\n'), 'latin1')
  t.match(await ask(place, 'query', '--patient', 'nobody', ...reason), { code: 0, err: '' }, 'what cannot concern the question is not opened')
  t.match(await ask(place, 'query', ...reason), { code: 3, err: /!! DAMAGED: 1 record is not as it was written.*\n!! {3}the gateway's spool: writer \S+, epoch \d+, record 3: seal\n/ })
  lines[3] = original.replace('"k":"request.completed"', '"k":"request.abandoned"')
  writeFileSync(path, lines.join('\n'), 'latin1')
  t.match(await ask(place, 'query', '--patient', '4711', ...reason), { code: 3, err: /record 3: mac\n/ })
  lines.splice(3, 1)
  writeFileSync(path, lines.join('\n'), 'latin1')
  const gap = await ask(place, 'patient', '4711', ...reason)
  t.match(gap, { code: 3, err: /record 4: gap\n/ })
  t.match(gap.out, /^Patient 4711/, 'the answer is there all the same')
})

t.test('an address is one address: a range or a part of one is refused, and not answered with nothing', async t => {
  const place = await createQuestionPlace(t)
  for (const address of ['999.1', '127.0.0.0/8', '10']) {
    t.match(await runCli(['audit', 'query', '--address', address, '--reason', 'look', '--config', place.file]), { code: 2, err: /--address .*is not an address: write one/ }, address)
  }
})
