// Counting: what passed, what failed, and everything that is neither.
import t from 'tap'
import { createTapReader, type FileResult } from '../../scripts/tap-report.ts'

function readAll (text: string): { readonly results: readonly FileResult[], readonly totals: { passed: number, failed: number } } {
  const reader = createTapReader()
  const results = [...text.split('\n').map(line => reader.push(line)), reader.end()].filter(result => result !== undefined)
  return { results, totals: reader.totals() }
}

const file = (name: string, lines: readonly string[], end: string) => [`# Subtest: ${name}`, ...lines.map(line => `    ${line}`), end].join('\n')

t.test('assertions count, the tests around them do not', async t => {
  const { results, totals } = readAll(file('a.test.ts', ['# Subtest: one', '    ok 1 - x', '    # Subtest: inner', '        ok 1 - y', '        1..1', '    ok 2 - inner # time=1ms', '    1..2', 'ok 1 - one', '1..1'], 'ok 1 - a.test.ts # time=12.5ms'))
  t.same(totals, { passed: 2, failed: 0 })
  t.match(results, [{ file: 'a.test.ts', passed: 2, failed: 0 }])
})

t.test('a failed assertion counts once, however many tests are around it', async t => {
  const { totals } = readAll(file('a.test.ts', ['# Subtest: one', '    not ok 1 - x', '      ---', '      diff: |', '        ok 7 - not a result', '      ...', '    ok 2 - y', '    1..2', 'not ok 1 - one', '1..1'], 'not ok 1 - a.test.ts'))
  t.same(totals, { passed: 1, failed: 1 })
})

t.test('a file that broke before its first assertion is a failure', async t => {
  t.same(readAll(file('a.test.ts', ['1..0 # no tests found'], 'not ok 1 - a.test.ts')).totals, { passed: 0, failed: 1 })
})

t.test('a test that threw or timed out is a failure, though all in it passed', async t => {
  t.same(readAll(file('a.test.ts', ['# Subtest: one', '    ok 1 - x', 'not ok 1 - one'], 'not ok 1 - a.test.ts')).totals, { passed: 1, failed: 1 })
})

t.test('what was skipped or left for later is a failure, and so is an empty file', async t => {
  t.same(readAll(file('a.test.ts', ['ok 1 - later # TODO', 'ok 2 - elsewhere # SKIP no browser', 'ok 3 - x'], 'ok 1 - a.test.ts')).totals, { passed: 1, failed: 2 })
  t.same(readAll(file('a.test.ts', ['1..0'], 'ok 1 - a.test.ts # SKIP no tests found')).totals, { passed: 0, failed: 1 })
})

t.test('several files are told apart, with the diagnostics of each', async t => {
  const { results, totals } = readAll([
    file('a.test.ts', ['ok 1 - x'], 'ok 1 - a.test.ts'),
    file('b.test.ts', ['not ok 1 - y'], 'not ok 2 - b.test.ts'), '  ---', '  exitCode: 1', '  ...',
    file('c.test.ts', ['ok 1 - z'], 'ok 3 - c.test.ts'),
  ].join('\n'))
  t.same(results.map(({ file, passed, failed }) => [file, passed, failed]), [['a.test.ts', 1, 0], ['b.test.ts', 0, 1], ['c.test.ts', 1, 0]])
  t.ok(results[1]?.lines.includes('  exitCode: 1'))
  t.notOk(results[2]?.lines.includes('  exitCode: 1'))
  t.same(totals, { passed: 2, failed: 1 })
})

t.test('nothing at all is nothing', async t => {
  t.same(readAll('TAP version 14\n1..0').totals, { passed: 0, failed: 0 })
})
