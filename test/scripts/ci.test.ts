// `.ci/run` from a copy of the repository, with an npm that says what it is told to: the last line and the exit code are what counts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { read, root } from '../architecture/sources.ts'

interface Saying { readonly prints: string, readonly code: number }

async function runCi (t: { teardown(action: () => void): void }, test: Saying, check: Saying): Promise<{ readonly lines: readonly string[], readonly code: number | null }> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-ci-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  mkdirSync(join(directory, '.ci'))
  mkdirSync(join(directory, 'tools'))
  copyFileSync(join(root, '.ci/run'), join(directory, '.ci/run'))
  writeFileSync(join(directory, 'tools/npm'), `#!/bin/sh\n[ "$CI" = true ] || exit 99\ncase "$*" in\ntest) printf '${test.prints}'; exit ${test.code};;\n"run check") printf '${check.prints}'; exit ${check.code};;\nesac\nexit 98\n`)
  chmodSync(join(directory, 'tools/npm'), 0o755)
  const child = spawn('bash', ['.ci/run'], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: `${join(directory, 'tools')}:${process.env['PATH'] ?? ''}` } })
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
  return { lines: out.trimEnd().split('\n'), code }
}

const fine = { prints: 'ok   types\\n', code: 0 }

const cases: readonly (readonly [name: string, test: Saying, check: Saying, last: string, code: number])[] = [
  ['all is well', { prints: 'ok a\\n12 passed, 0 failed\\n', code: 0 }, fine, '12 passed, 0 failed', 0],
  ['a test failed', { prints: '11 passed, 1 failed\\n', code: 1 }, fine, '11 passed, 1 failed', 1],
  ['checks found something', { prints: '12 passed, 0 failed\\n', code: 0 }, { prints: 'FAIL types\\n    x\\nok   lint\\nFAIL boundaries\\n', code: 1 }, '12 passed, 2 failed', 1],
  ['both', { prints: '11 passed, 1 failed\\n', code: 1 }, { prints: 'FAIL types\\n', code: 1 }, '11 passed, 2 failed', 1],
  ['the tests broke without a count', { prints: 'segmentation fault\\n', code: 139 }, fine, '0 passed, 1 failed', 1],
  ['the tests ended badly though none failed', { prints: '12 passed, 0 failed\\n', code: 1 }, fine, '12 passed, 1 failed', 1],
  ['the checks broke without a word', { prints: '12 passed, 0 failed\\n', code: 0 }, { prints: '', code: 1 }, '12 passed, 1 failed', 1],
  ['no test ran', { prints: '0 passed, 0 failed\\n', code: 0 }, fine, '0 passed, 0 failed', 1],
]

for (const [name, test, check, last, code] of cases) {
  t.test(name, async t => {
    const result = await runCi(t, test, check)
    t.equal(result.lines.at(-1), last)
    t.equal(result.code, code)
  })
}

t.test('it calls npm test by its name', async t => {
  t.match(read('.ci/run'), /^npm test\b/m)
  t.match(read('.ci/run'), /^exec <\/dev\/null$/m)
})
