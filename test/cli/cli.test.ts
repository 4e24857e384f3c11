// What people see when they type: every command as a process of its own.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { baseYaml, createWorkspace } from '../config/workspace.ts'
import { read } from '../architecture/sources.ts'
import { runCli } from './run-cli.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })
const version = (JSON.parse(read('package.json')) as { version: string }).version

t.test('help, and the version', async t => {
  for (const word of ['--help', '-h', 'help']) {
    const result = await runCli([word])
    t.equal(result.code, 0)
    for (const command of ['serve', 'config check', 'config schema', 'keys create', 'audit tail', 'audit query', 'audit patient', 'audit disclosures', 'audit export', 'sessions revoke']) t.match(result.out, new RegExp(`^ {2}${command} +[A-Z]`, 'm'))
  }
  t.match(await runCli(['--version']), { code: 0, out: `${version}\n`, err: '' })
  t.match(await runCli(['config', 'check', '--help']), { code: 0, out: /^Usage: sallyport config check \[FILE\] \[--config FILE\] \[--json\]/ })
})

t.test('nothing to do: the help, as a mistake', async t => {
  t.match(await runCli([]), { code: 2, out: '', err: /Usage: sallyport COMMAND/ })
})

const unknown: readonly (readonly [args: readonly string[], err: RegExp])[] = [
  [['serv'], /^serv is not a command\. Did you mean sallyport serve\?\n$/],
  [['config', 'chek', 'x.yaml'], /Did you mean sallyport config check\?/],
  [['confg', 'check'], /Did you mean sallyport config check\?/],
  [['config'], /^config needs a second word: config check, config schema\.\n$/],
  [['xyzzy'], /^xyzzy is not a command\. sallyport --help lists them\.\n$/],
  [['\u001B[2Jserve'], /^\?\[2Jserve is not a command/],
  [['config', 'check', 'a.yaml', '--config', 'b.yaml'], /^config check takes one file: give it once\.\n$/],
  [['config', 'check', 'a.yaml', 'b.yaml'], /^config check takes no argument b\.yaml\.\nUsage:/],
  [['config', 'check', 'a', 'b'], /takes no argument b/],
  [['config', 'check', 'a', '--jsn'], /has no option --jsn\. Did you mean --json\?/],
  [['config', 'check', 'a', '-j'], /has no option -j\./],
  [['config', 'check', 'a', '--json=yes'], /--json takes no value/],
  [['serve', '--config'], /--config needs FILE/],
  [['serve', '--config', 'a', '--config', 'b'], /--config is given twice/],
  [['sessions', 'revoke'], /needs --person ID, --group NAME, --address ADDRESS, --session ID or --all/],
  [['sessions', 'revoke', '--all', '--person', 'x'], /--all ends everybody's sessions: give it alone/],
]

for (const [args, err] of unknown) {
  t.test(`not understood: ${args.join(' ').replace('\u001B', 'escape ')}`, async t => { t.match(await runCli(args), { code: 2, out: '', err }) })
}

t.test('config check says what is wrong, and where', async t => {
  const file = workspace.write('bad.yaml', baseYaml.replace('publicUrl', 'publicURL').replace('203.0.113.0/24', '0.0.0.0/0'))
  const result = await runCli(['config', 'check', 'bad.yaml'], { cwd: workspace.directory })
  t.equal(result.code, 1)
  t.equal(result.out, [
    'bad.yaml:1:1  gateway.publicUrl is missing. The address that people type: https, host, and port when it is not 443; no path.',
    'bad.yaml:2:3  gateway.publicURL is not a setting. Did you mean publicUrl?',
    'bad.yaml:12:11  clientIp.allow[0] is 0.0.0.0/0, everybody on the internet: name your own ranges, or set clientIp.anyAddress: true when that is meant.',
    '3 findings: nothing starts until they are mended.',
    '',
  ].join('\n'))
  const json = await runCli(['config', 'check', file, '--json'])
  t.equal(json.code, 1)
  t.match(JSON.parse(json.out), { ok: false, findings: [{ file, line: 1, column: 1, path: 'gateway.publicUrl' }, { line: 2 }, { line: 12, column: 11, path: 'clientIp.allow[0]' }] })
})

t.test('config check says ok, and what is switched on', async t => {
  const file = workspace.write('gateway.yaml', baseYaml.replace('http://127.0.0.1:8080', 'http://crm.internal.example'))
  const result = await runCli(['config', 'check', file])
  t.equal(result.code, 0)
  t.match(result.out, /^.*gateway\.yaml:10:8 {2}warning: upstream\.url begins with http:/)
  t.match(result.out, /^ok {2}.*gateway\.yaml$/m)
  for (const row of [/addresses +203\.0\.113\.0\/24/, /session +15m idle, 12h in all/, /roles +nurse/, /digest +[0-9a-f]{64}/]) t.match(result.out, row)
  const json = await runCli(['config', 'check', file, '--json'])
  t.match(JSON.parse(json.out), { ok: true, digest: /^[0-9a-f]{64}$/, warnings: [{ line: 10, path: 'upstream.url' }] })
  t.notOk(json.out.includes('secret'), 'the configuration itself is not printed')
})

t.test('config check says what is known of the CRM, and how many rules count', async t => {
  const access = "access:\n  profile: espocrm\n  records: [{ route: 'GET /visits/{id}', type: visit, kind: read }]\n  rules: [{ effect: deny, records: [visit], mode: report }, { effect: allow }]"
  const file = workspace.write('profile.yaml', baseYaml.replace('access:', access))
  const { out } = await runCli(['config', 'check', file])
  t.match(out, /records +1 kind of request before profile espocrm \(EspoCRM 10\.0\.0, \d+ kinds of request\); what is unclassified is allowed/)
  t.match(out, /rules +2 rules, 1 of them only reported; what none allows is refused\n/)
  t.match(out, /masks +none\n/)
  t.match((await runCli(['config', 'check', workspace.write('plain.yaml', baseYaml)])).out, /records +no route is classified\n +rules +none: the routes of the roles decide alone/)
})

t.test('config check of a file that is not there', async t => {
  t.match(await runCli(['config', 'check', 'nowhere.yaml'], { cwd: workspace.directory }), { code: 1, out: /^nowhere\.yaml:1:1 {2}The configuration does not exist: check the path, or begin with a copy of config\/gateway\.example\.yaml\./ })
})

t.test('secrets come from the environment of the process', async t => {
  const file = workspace.write('env.yaml', baseYaml.replace('{ file: keys/session.secret }', '{ env: SALLYPORT_SECRET }'))
  t.match(await runCli(['config', 'check', file]), { code: 1, out: /SALLYPORT_SECRET is not set/ })
  const secret = readFileSync(workspace.path('keys/session.secret'), 'utf8')
  const result = await runCli(['config', 'check', file], { env: { SALLYPORT_SECRET: secret } })
  t.equal(result.code, 0, result.out)
  t.notOk(result.out.includes(secret))
})

t.test('config schema prints the schema that lies in config/', async t => {
  t.same(await runCli(['config', 'schema']), { code: 0, out: read('config/gateway.schema.json'), err: '' })
})

t.test('keys create writes four keys that only this account can read, and never overwrites', async t => {
  const directory = join(mkdtempSync(join(tmpdir(), 'sallyport-keys-')), 'new')
  t.teardown(() => { rmSync(join(directory, '..'), { recursive: true }) })
  const files = ['session.secret', 'audit.key', 'export.key', 'archive.key', 'backup.key'].map(name => join(directory, name))
  t.match(await runCli(['keys', 'create', directory]), { code: 0, out: `${files.join('\n')}\n`, err: /copy of audit\.key, archive\.key and backup\.key off this machine/ })
  const values = files.map(file => readFileSync(file, 'utf8'))
  for (const [index, file] of files.entries()) {
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(values[index], file.endsWith('export.key') ? /^-----BEGIN PRIVATE KEY-----\n/ : /^[A-Za-z0-9+/]{43}=\n$/)
  }
  t.not(values[0], values[1])
  t.equal(statSync(directory).mode & 0o777, 0o700)
  rmSync(files[0] as string)
  rmSync(files[2] as string)
  t.match(await runCli(['keys', 'create', directory]), { code: 1, out: '', err: /audit\.key exists already and is left as it is/ })
  t.equal(readFileSync(files[1] as string, 'utf8'), values[1])
  t.throws(() => statSync(files[0] as string), 'nothing is written beside a key that is there')
  t.match(await runCli(['keys', 'create', files[1] as string]), { code: 1, err: /could not be written/ })
})

t.test('serve does not start with findings', async t => {
  const file = workspace.write('bad.yaml', baseYaml.replace('203.0.113.0/24', ''))
  t.match(await runCli(['serve', '--config', file]), { code: 1, out: '', err: /bad\.yaml:12:10 {2}clientIp\.allow is empty.*\n1 finding: nothing starts until it is mended\.\n$/ })
  t.match(await runCli(['serve'], { cwd: '/' }), { code: 1, out: '', err: /^gateway\.yaml:1:1 {2}The configuration does not exist/ })
})
