// Secrets: what is wrong is told, what they are is not, wherever they were written.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { baseYaml, createWorkspace, replaceLine } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const line = '  secret: { file: keys/session.secret }'
const withSecret = (text: string) => replaceLine(line, `  secret: ${text}`)

t.test('a secret in the configuration itself is refused and not repeated', async t => {
  for (const text of ['hunter2hunter2', '{ value: hunter2hunter2 }', '{ env: hunter2hunter2, file: hunter2hunter2 }', '[hunter2hunter2]', '{ env: "hunter2 hunter2" }', '{ env: "" }', '12345', '{ env: 5 }']) {
    const { lines } = await workspace.load(withSecret(text))
    t.same(lines, ['18:11  session.secret is a secret and never stands in the configuration itself: write { env: NAME } for an environment variable or { file: PATH } for a file.'], text)
  }
})

const cases: readonly (readonly [name: string, reference: string, env: Record<string, string>, words: RegExp])[] = [
  ['a variable that is not set', '{ env: NOT_SET }', {}, /^18:11 {2}session\.secret: the environment variable NOT_SET is not set\. `sallyport keys create DIRECTORY` makes one\.$/],
  ['a variable that is empty', '{ env: EMPTY }', { EMPTY: ' ' }, /EMPTY is empty/],
  ['a file that is not there', '{ file: keys/none }', {}, /the file keys\/none does not exist: check its path.*`sallyport keys create DIRECTORY` makes one\.$/],
  ['a file that is empty', '{ file: keys/empty }', {}, /keys\/empty is empty/],
  ['a directory', '{ file: keys }', {}, /is a directory/],
  ['a file that is too large', '{ file: keys/large }', {}, /larger than any secret/],
  ['text that is not base64', '{ env: KEY }', { KEY: 'hunter2 hunter2 hunter2 hunter2 hunter2 hunter2' }, /is not base64/],
  ['two alphabets in one', '{ env: KEY }', { KEY: `${'ab+_'.repeat(11)}` }, /is not base64/],
  ['a short key', '{ env: KEY }', { KEY: randomBytes(31).toString('base64') }, /has 31 bytes, at least 32/],
  ['a key of zeros', '{ env: KEY }', { KEY: Buffer.alloc(32).toString('base64') }, /is not random/],
]

workspace.write('keys/empty', '\n')
workspace.write('keys/large', 'x'.repeat(70_000))

for (const [name, reference, env, words] of cases) {
  t.test(name, async t => {
    const { lines } = await workspace.load(withSecret(reference), { env })
    t.equal(lines.length, 1, lines.join(' / '))
    t.match(lines[0], words)
    for (const value of Object.values(env)) t.notOk(value.trim() !== '' && lines[0]?.includes(value), 'the value is not repeated')
  })
}

t.test('without the trail\'s own key, a new one is the advice only for a gateway that never ran', async t => {
  const { lines } = await workspace.load(baseYaml.replace('keys/audit.key', 'keys/none'))
  t.match(lines, [/audit\.key: the file keys\/none does not exist.* For a gateway that never ran, `sallyport keys create DIRECTORY` makes one\. A trail that is there already can be read with its own key only: `sallyport keys recover FILE`/])
})

t.test('one line break at the end of a file is no part of the secret', async t => {
  const value = randomBytes(32).toString('base64url')
  workspace.write('keys/windows', `${value}\r\n`)
  const { loaded, lines } = await workspace.load(withSecret('{ file: keys/windows }'))
  t.same(lines, [])
  t.equal(loaded?.config.session.secret.reveal(), value)
})

t.test('a variable is read from the environment that was given, never from another', async t => {
  const { lines } = await workspace.load(withSecret('{ env: PATH }'))
  t.same(lines, ['18:11  session.secret: the environment variable PATH is not set. `sallyport keys create DIRECTORY` makes one.'])
})

t.test('the order of mistakes does not hide one: a bad secret beside a bad setting', async t => {
  const { findings } = await workspace.load(baseYaml.replace('file: keys/audit.key', 'env: NOT_SET').replace('203.0.113.0/24', 'nonsense'))
  t.same(findings.map(finding => finding.path), ['clientIp.allow[0]', 'audit.key'])
})

t.test('a key file with earlier keys is read as such, and what is wrong with it is told with its line', async t => {
  const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
  workspace.write('keys/ring', `${one}\n${two} until 1795690000\n`)
  workspace.write('keys/broken', `${one}\n${two}\n`)
  const load = (name: string) => workspace.load(baseYaml.replace('keys/audit.key', name))
  t.same((await load('keys/ring')).lines, [])
  const { findings } = await load('keys/broken')
  t.match(findings, [{ path: 'audit.key', message: /has several lines and cannot be used\. audit\.key, line 2: an earlier key says until which epoch/ }])
  workspace.write('keys/session', one)
  const shared = await workspace.load(baseYaml.replace('keys/audit.key', 'keys/ring').replace('keys/session.secret', 'keys/session'))
  t.match(shared.findings, [{ path: 'audit.key', message: /same as session\.secret/ }])
})
