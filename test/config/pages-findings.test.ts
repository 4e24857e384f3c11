// What the operator reads about brand and texts that cannot be used: each with the line and column of the file that it is in.
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseYaml, createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
const withPages = (yaml: string) => `${baseYaml}pages:\n${yaml}`
workspace.write('brand/logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
workspace.write('brand/large.svg', `<svg>${' '.repeat(40_000)}</svg>`)
workspace.write('brand/logo.gif', 'GIF89a')
workspace.write('texts/fr.yaml', 'language: fr\nactions:\n  signIn: Se connecter\n')
workspace.write('texts/en-GB.yaml', 'language: en-GB\n')

const cases: readonly (readonly [name: string, yaml: string, lines: readonly (string | RegExp)[]])[] = [
  ['an accent that is hard to read', "  accent: '#ffcc00'\n", ['25:11  pages.accent cannot stand like this: its contrast to the white of the page is 1.5:1, and the least is 4.5:1 (WCAG 2.2, 1.4.3); a darker shade of it that has it is #8f7200.']],
  ['a dark accent on dark', "  accentDark: '#1b5e50'\n", [/^25:15 {2}pages\.accentDark cannot stand like this: its contrast to the #182128 of the page is 2\.\d:1.*lighter shade/]],
  ['an accent without quotes', '  accent: #1b5e50\n', ["25:11  pages.accent is empty: put it in quotes, so that # begins no remark: '#1b5e50'."]],
  ['a name of a color', '  accent: green\n', ["25:11  pages.accent cannot be used: write a color as # and six hexadecimal digits in quotes, as '#1b5e50'."]],
  ['a logo that is not there', '  logo: brand/none.svg\n', ['25:9  pages.logo does not exist: check its path, which is relative to the configuration file.']],
  ['a logo that is too large', '  logo: brand/large.svg\n', ['25:9  pages.logo has 40 KiB, and the most is 32 KiB, because it is in every page: save it smaller. It is shown 40 pixels high.']],
  ['a logo of another kind', '  logo: brand/logo.gif\n', ['25:9  pages.logo is no picture that a page can show: save it as SVG, PNG, JPEG or WebP.']],
  ['a dark logo alone', '  logoDark: brand/logo.svg\n', ['25:13  pages.logoDark cannot stand like this: there is no logo for screens that are not dark; write pages.logo too.']],
  ['a script for an address', "  contact: { text: Help, address: 'javascript:alert(1)' }\n", ['25:35  pages.contact.address cannot be used: write where it leads, as mailto:help@clinic.example, tel:555-0100 or an https address.']],
  ['a table that does not exist', '  texts: [dee]\n', ['25:11  pages.texts[0] is dee: there is no such table of texts. Did you mean de? There are de, en, es; for a file of your own write its path, as ./texts/dee.yaml.']],
  ['a language twice', '  texts: [de, es, de]\n', ['25:19  pages.texts[2] is in de, as pages.texts[0] is: keep one of them.']],
  ['a usual language that is not there', '  language: fr\n  texts: [de]\n', ['25:13  pages.language is fr, and no table in pages.texts is in it. There is en, de.']],
]

for (const [name, yaml, lines] of cases) {
  t.test(name, async t => {
    const found = (await workspace.load(withPages(yaml))).lines
    t.equal(found.length, lines.length, found.join('\n'))
    t.match(found, lines)
  })
}

t.test('a table of texts: unknown keys and missing values, with its own lines', async t => {
  const file = workspace.write('texts/nl.yaml', 'language: nl\nactions:\n  signin: Aanmelden\nsignedOut:\n  idleText: Er gebeurde niets.\nrefusals:\n  session.idel: Te lang niets.\nextra: {}\n')
  const { findings } = await workspace.load(withPages('  texts: [./texts/nl.yaml]\n'))
  t.same(findings.filter(finding => finding.file === file).map(({ line, column, message }) => `${line}:${column}  ${message}`), [
    '3:3  actions.signin is not a text. Did you mean signIn?',
    '7:3  refusals.session.idel is not a text. Did you mean session.idle?',
    '8:1  extra is not a text. The sections are language, direction, actions, signIn, signOut, stillIn, signedOut, refused, titles, unsent, warning, refusals.',
  ])
  t.match(findings.map(({ message }) => message), /pages\.texts\[0\] is \.\/texts\/nl\.yaml: it cannot be used, for the reasons given with its own lines\./)
  workspace.write('texts/nl.yaml', 'language: nl\nsignedOut:\n  idleText: Er gebeurde niets.\nwarning:\n  text: "{seconden} over"\n')
  const again = (await workspace.load(withPages('  texts: [./texts/nl.yaml]\n'))).findings.filter(finding => finding.file === file)
  t.same(again.map(({ line, column, message }) => `${line}:${column}  ${message.slice(0, 60)}`), [
    '3:13  signedOut.idleText lacks {duration}: write it where the valu',
    '5:9  warning.text lacks {duration}: write it where the value is t',
    '5:9  warning.text has {seconden}, which nothing fills in. There i',
  ])
})

t.test('what a table leaves out is a warning, and nothing stops', async t => {
  const { loaded, lines } = await workspace.load(withPages('  texts: [./texts/fr.yaml, ./texts/en-GB.yaml]\n'))
  t.same(lines, [])
  t.equal(loaded?.warnings.length, 1, 'English is no translation')
  t.match(loaded?.warnings[0], { line: 1, message: /^The table of texts lacks actions\.signInAgain, .*, and \d+ more: pages show them in English\. They stand in config\/texts\/en\.yaml\.$/ })
})

t.test('tables and logos are a part of the configuration: they are watched, and a change in one changes its digest', async t => {
  const yaml = withPages('  logo: brand/logo.svg\n  texts: [de, ./texts/fr.yaml]\n')
  const first = await workspace.load(yaml)
  t.ok(['brand/logo.svg', 'texts/fr.yaml'].every(name => first.loaded?.files.includes(workspace.path(name))))
  t.ok(first.loaded?.files.includes(join(import.meta.dirname, '../../config/texts/de.yaml')))
  t.same(first.loaded?.config.pageFiles?.logo, { type: 'image/svg+xml', base64: readFileSync(workspace.path('brand/logo.svg')).toString('base64') })
  t.equal((await workspace.load(yaml)).loaded?.digest, first.loaded?.digest)
  workspace.write('texts/fr.yaml', 'language: fr\nactions:\n  signIn: Connexion\n')
  t.not((await workspace.load(yaml)).loaded?.digest, first.loaded?.digest)
})
