// Policy files: what they cannot mean is said with line and column, and what they let pass has a form that leaves no room for a person.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadTable } from '../../src/config/config.ts'
import { PolicyFile } from '../../src/phi/config.ts'
import { createConstraint } from '../../src/phi/constraint.ts'
import { identifierKinds, kindWords } from '../../src/phi/identifier-kinds.ts'
import { compilePolicy, type Policy } from '../../src/phi/policy.ts'
import { ConfigurationError, formatFinding } from '../../src/shared/errors.ts'

const directory = mkdtempSync(join(tmpdir(), 'policy-'))
t.teardown(() => { rmSync(directory, { recursive: true }) })

async function load (yaml: string): Promise<Policy> {
  const file = join(directory, 'policy.yaml')
  writeFileSync(file, yaml)
  return loadTable<PolicyFile, Policy>(file, PolicyFile, {
    subject: { name: 'The policy', begin: 'see docs/redaction.md.' },
    compile (value) {
      const { policy, problems } = compilePolicy(value)
      return { made: policy, problems }
    },
  })
}

async function findings (yaml: string): Promise<readonly string[]> {
  try {
    await load(yaml)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.findings.map(finding => formatFinding(finding).slice(directory.length + 1))
  }
}

const head = 'name: leads\nversion: 3\n'

t.test('the eighteen identifiers of 45 CFR 164.514(b)(2)(i) have a word each', async t => {
  const letters = new Set(kindWords.map(word => identifierKinds[word].letter))
  t.same([...letters].sort(), [...'ABCDEFGHIJKLMNOPQR'])
})

t.test('a policy is closed unless it says otherwise', async t => {
  const policy = await load(`${head}rules: []\n`)
  t.equal(policy.unknown, 'mask')
  t.equal(policy.profile, 'safe-harbor')
  t.equal(policy.deepest, 64)
  t.equal(policy.paths.next('anything').value, undefined)
})

t.test('findings say where and what to do', async t => {
  t.same(await findings(`${head}rule: []\n`), ['policy.yaml:3:1  rule is not a setting. Did you mean rules?'])
  t.same(await findings(`${head}rules:\n  - path: a\n    action: keeep\n`),
    ['policy.yaml:5:13  rules[0].action is keeep: it must be keep or drop or mask or last4 or generalise or token or prose or hold or release. Did you mean keep?'])
  t.match((await findings(`${head}rules:\n  - path: a\n    action: keep\n`))[0], /^policy\.yaml:5:13 {2}rules\[0\]\.action needs a constraint/)
  t.match((await findings(`${head}rules:\n  - path: a..b\n    action: mask\n`))[0], /^policy\.yaml:4:11 {2}rules\[0\]\.path is not a path/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: mask\n  - path: '"a"'\n    action: drop\n`))[0], /^policy\.yaml:6:11 {2}rules\[1\]\.path stands already in rules\[0\]/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: mask\n    to: year\n`))[0], /^policy\.yaml:6:9 {2}rules\[0\]\.to goes with action generalise only/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: generalise\n`))[0], /needs to: write to: year/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: token\n`))[0], /needs kind/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: keep\n    minimum: 1\n`))[0], /needs a constraint/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: keep\n    format: integer\n`))[0], /needs minimum and maximum/)
  t.match((await findings(`${head}rules:\n  - path: a\n    action: keep\n    minimum: 9\n    maximum: 1\n`))[0], /no value could pass/)
  t.same(await findings(''), ['policy.yaml:1:1  The policy is empty: see docs/redaction.md.'])
  t.match((await findings('- a\n'))[0], /^policy\.yaml:1:1 {2}The policy has sections/)
})

t.test('a part of an identifier is an identifier under Safe Harbor', async t => {
  const rules = 'rules:\n  - path: a\n    action: last4\n    kind: account\n'
  t.match((await findings(`${head}${rules}`))[0], /164\.514\(b\)\(2\)/)
  t.same(await findings(`${head}profile: minimum-necessary\n${rules}`), [])
})

t.test('what a kept value may look like', async t => {
  const cases: readonly [Parameters<typeof createConstraint>[0], readonly string[], readonly string[]][] = [
    [{ path: 'a', action: 'keep', oneOf: ['new', '7'] }, ['new', '7'], ['New', 'new ', '', '70']],
    [{ path: 'a', action: 'keep', format: 'boolean' }, ['true', 'false'], ['TRUE', '1']],
    [{ path: 'a', action: 'keep', minimum: 0, maximum: 10 }, ['0', '10', '3.5', '1e1'], ['11', '-1', '', ' 1', '0x1', '1_0', 'NaN', 'Infinity', '٣', '1e400']],
    [{ path: 'a', action: 'keep', format: 'integer', minimum: 0, maximum: 10 }, ['3'], ['3.5', '03e0']],
    [{ path: 'a', action: 'keep', format: 'state' }, ['NY'], ['JD', 'ny', 'NY1']],
    [{ path: 'a', action: 'keep', format: 'country' }, ['US', 'DE'], ['XJ', 'USA', 'us']],
    [{ path: 'a', action: 'keep', format: 'currency' }, ['USD'], ['JOE']],
    [{ path: 'a', action: 'keep', format: 'language' }, ['en', 'de-AT'], ['joe', 'EN']],
    [{ path: 'a', action: 'keep', format: 'year' }, ['1999'], ['199', '19990', '555-0101']],
    [{ path: 'a', action: 'keep', format: 'version' }, ['v1', 'v1.22.3'], ['12.31.80', '203.0.113.7', 'v1.2.3.4']],
    [{ path: 'a', action: 'keep', format: 'uuid' }, ['2f1b0c9e-0000-4000-8000-000000000001'], ['900-55-0101']],
  ]
  for (const [rule, good, bad] of cases) {
    const passes = createConstraint(rule)
    for (const value of good) t.ok(passes(value), `${rule.format ?? 'list or range'} lets ${value} pass`)
    for (const value of bad) t.notOk(passes(value), `${rule.format ?? 'list or range'} stops ${value}`)
  }
})
