// Files that are not a configuration at all: each gets a sentence with its line, none gets through, none takes long.
import t from 'tap'
import { loadConfig } from '../../src/config/config.ts'
import { explainFileError } from '../../src/config/read-file.ts'
import { ConfigurationError } from '../../src/shared/errors.ts'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const quoted = 'gateway:\n  publicUrl: "https://crm.example\n  name: a\n'

const cases: readonly (readonly [name: string, yaml: string, place: string, words: RegExp])[] = [
  ['a setting twice', 'gateway:\n  name: a\n  name: b\n', '3:3', /stands here a second time/],
  ['a section twice', `${baseYaml}gateway: {}\n`, '24:1', /stands here a second time/],
  ['a tab', 'gateway:\n\tname: a\n', '2:1', /A tab indents this line/],
  ['a missing quote', quoted, '2:14', /quote that is opened here/],
  ['an unclosed list', 'clientIp:\n  allow: [203.0.113.0/24\n', '3:1', /every \[ and \{ above is closed/],
  ['a second document', 'gateway: {}\n---\naudit: {}\n', '2:1', /second document/],
  ['indentation that fits nothing', 'gateway:\n    name: a\n  publicUrl: b\n', '3:3', /begins in column 3.*in column 1 or 5/],
  ['a tag', 'gateway: !custom {}\n', '1:10', /Tags/],
  ['an alias of nothing', 'gateway: *nothing\n', '1:10', /alias/],
  ['a directive', '%FOO bar\n---\ngateway: {}\n', '1:1', /directive|Tags|line that begins with %/],
  ['nothing', '', '1:1', /is empty/],
  ['remarks only', '# nothing here\n', '1:1', /is empty/],
  ['a list in an endless alias', 'a: &a [*a]\n', '1:1', /alias/],
]

for (const [name, yaml, place, words] of cases) {
  t.test(name, async t => {
    const [line] = (await workspace.load(yaml)).lines
    t.equal(line?.split(' ')[0], place, line ?? 'nothing was found')
    t.match(line, words)
  })
}

t.test('aliases that grow without bound', async t => {
  const levels = Array.from({ length: 12 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`)
  const { lines } = await workspace.load(`a0: &a0 [x]\n${levels.join('\n')}\n`)
  t.equal(lines.length, 1)
  t.match(lines[0], /alias/)
})

t.test('brackets a hundred thousand deep', async t => {
  const { lines } = await workspace.load(`gateway: ${'['.repeat(100_000)}\n`)
  t.match(lines[0], /nested too deeply|missing/)
})

t.test('a file that is too large, and one that is not text', async t => {
  t.match((await workspace.load(`# ${'x'.repeat(1024 ** 2)}\n`)).lines[0], /larger than 1 MiB/)
  const file = workspace.write('latin1.yaml', new Uint8Array([0x67, 0xe4, 0x3a, 0x20, 0x31]))
  await t.rejects(loadConfig(file, {}), { message: /not UTF-8/ })
})

t.test('a byte order mark is no part of the first name', async t => {
  t.same((await workspace.load(`\uFEFF${baseYaml}`)).lines, [])
})

t.test('Windows line ends change nothing', async t => {
  t.same((await workspace.load(baseYaml.replaceAll('\n', '\r\n'))).lines, [])
  t.match((await workspace.load(baseYaml.replace('audit:', 'audits:').replaceAll('\n', '\r\n'))).lines, ['1:1', '22:1  audits is not a setting. Did you mean audit?'])
})

t.test('a file that is not there, or is a directory', async t => {
  for (const [name, words] of [['nowhere.yaml', /does not exist/], ['tls', /is a directory/]] as const) {
    const file = workspace.path(name)
    const error = await loadConfig(file, {}).then(() => undefined, (reason: unknown) => reason)
    t.ok(error instanceof ConfigurationError)
    t.match((error as Error).message, words)
    t.ok((error as Error).message.startsWith(`${file}:1:1  `))
  }
})

t.test('every way in which a file cannot be read has its words', async t => {
  for (const [code, words] of [['EACCES', /may not be read by this account/], ['ENOTDIR', /not a directory/], ['EIO', /cannot be read \(EIO\)/]] as const) {
    t.match(explainFileError(Object.assign(new Error('from outside'), { code })), words)
  }
})
