// The documents that answer for something keep their word: every row of the HIPAA map and of the threat model names tests that exist, every rule has an
// honest last column, and commands and files that operations name are there.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { read, root } from '../architecture/sources.ts'
import { runCli } from '../cli/run-cli.ts'

interface Row { readonly cells: readonly string[], readonly tests: readonly string[] }

/** Rows of all tables that have a column of proofs. */
function readRows (text: string): readonly Row[] {
  let isProven = false
  return text.split('\n').flatMap(line => {
    if (!line.startsWith('|')) { isProven = false; return [] }
    const cells = line.split('|').slice(1, -1).map(cell => cell.trim())
    if (cells.includes('proven by')) { isProven = true; return [] }
    if (!isProven || /^-+$/.test(cells[0] ?? '')) return []
    return [{ cells, tests: [...line.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file) }]
  })
}

for (const [file, least] of [['docs/hipaa-map.md', 19], ['docs/threat-model.md', 13]] as const) {
  t.test(`${file}: every row names tests, and they exist and test something`, async t => {
    const rows = readRows(read(file))
    t.ok(rows.length >= least, `${rows.length} rows`)
    t.same(rows.filter(({ tests }) => tests.length === 0).map(({ cells }) => cells[0]), [], 'a row without a proof')
    const named = [...new Set(rows.flatMap(({ tests }) => tests))]
    t.same(named.filter(name => !name.endsWith('.test.ts') || !existsSync(join(root, name))), [], 'a proof that does not exist')
    t.same(named.filter(name => existsSync(join(root, name)) && !/t\.test\(|\bt\.\w+\(|import /.test(read(name))), [])
  })
}

t.test('the HIPAA map: each rule has its citation and says what the gateway cannot do', async t => {
  for (const { cells } of readRows(read('docs/hipaa-map.md'))) {
    t.equal(cells.length, 4, cells[0] ?? '')
    t.match(cells[0], /164\.\d{3}/)
    t.ok((cells[3] ?? '').length > 20, `${cells[0]}: what it cannot do`)
  }
  const covered = read('docs/hipaa-map.md')
  for (const rule of ['(a)(1)', '(a)(2)(i)', '(a)(2)(ii)', '(a)(2)(iii)', '(a)(2)(iv)', '(b)', '(c)(1)', '(d)', '(e)(1)']) t.ok(covered.includes(`164.312${rule}`), `164.312${rule}`)
})

t.test('operations: every command that is named exists', async t => {
  const names = new Set([...read('docs/operations.md').matchAll(/\bsallyport ((?:audit|keys|config|sessions) [a-z]+|[a-z][a-z-]+)(?= |`|,|$)/gm)].map(([, name = '']) => name))
  const { out } = await runCli(['--help'])
  const known = new Set([...out.matchAll(/^ {2}([a-z][a-z-]*(?: [a-z]+)?) {2}/gm)].map(([, name = '']) => name))
  t.ok(names.size > 8, [...names].join(', '))
  t.same([...names].filter(name => !known.has(name)), [])
})
