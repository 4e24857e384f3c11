// `npm run <task>` on a copy of the repository in which npm and the packaged Node.js are stand-ins that write down how they were called.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { root } from '../architecture/sources.ts'

const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' }, 'node_modules/elsewhere': { version: '1.0.0', integrity: 'sha512-b', optional: true } } }
const installed = { packages: { 'node_modules/a': lock.packages['node_modules/a'] } }

function createCopy (t: { teardown(action: () => void): void }) {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-run-'))
  t.teardown(() => { rmSync(directory, { recursive: true, force: true }) })
  const write = (name: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
    chmodSync(join(directory, name), mode)
  }
  mkdirSync(join(directory, 'scripts'))
  copyFileSync(join(root, 'scripts/run.mjs'), join(directory, 'scripts/run.mjs'))
  write('package-lock.json', JSON.stringify(lock))
  write('scripts/check.ts', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7\n')
  write('scripts/demo/demo.ts', [
    'let count = 0',
    'setInterval(() => {}, 1000)',
    "process.on('SIGINT', () => { count += 1; setTimeout(() => { console.log('ended after ' + count); process.exit(3) }, 50) })",
    "console.log('up')",
  ].join('\n'))
  // npm: notes its path and writes what it installed, as npm does at the end.
  write('tools/npm', `#!/bin/sh\necho "npm $* PATH=$PATH" >> "${directory}/calls"\n[ -f "${directory}/npm-fails" ] && exit 1\nmkdir -p "${directory}/node_modules/.bin"\ncat > "${directory}/node_modules/.package-lock.json" <<'END'\n${JSON.stringify(installed)}\nEND\n`, 0o755)
  const install = () => { write('node_modules/.package-lock.json', JSON.stringify(installed)) }
  const calls = () => existsSync(join(directory, 'calls')) ? readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n') : []
  const start = (args: readonly string[]) => spawn(process.execPath, [join(directory, 'scripts/run.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: [join(directory, 'node_modules/.bin'), join(directory, 'tools'), '/usr/bin', '/bin'].join(':') },
  })
  const run = async (...args: readonly string[]) => {
    const child = start(args)
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>])
    return { out, err, code }
  }
  return { directory, write, install, calls, start, run }
}

t.test('a fresh clone is installed first, then the task gets its arguments and its exit code comes back', async t => {
  const copy = createCopy(t)
  const first = await copy.run('check', '--fix', 'a b')
  t.match(first, { out: '["--fix","a b"]\n', err: /^Installing packages \(npm ci\)/, code: 7 })
  t.match(copy.calls(), [/^npm ci /])
  t.notOk(copy.calls()[0]?.includes(join(copy.directory, 'node_modules')), 'npm does not run on the Node.js that it replaces')
  t.match(await copy.run('check'), { out: '[]\n', err: '', code: 7 })
  t.equal(copy.calls().length, 1, 'the second run installs nothing')
})

t.test('a changed lock file is installed, a package for another platform is not missed', async t => {
  const copy = createCopy(t)
  copy.install()
  await copy.run('check')
  t.same(copy.calls(), [])
  const changed = structuredClone(lock)
  changed.packages['node_modules/a'].version = '1.0.1'
  copy.write('package-lock.json', JSON.stringify(changed))
  await copy.run('check')
  t.equal(copy.calls().length, 1)
})

t.test('an install that was cut short is made again', async t => {
  const copy = createCopy(t)
  copy.write('node_modules/a/package.json', '{}')
  await copy.run('check')
  t.equal(copy.calls().length, 1)
})

t.test('when npm fails: one sentence, and the task does not run', async t => {
  const copy = createCopy(t)
  copy.write('npm-fails', '')
  t.match(await copy.run('check'), { out: '', err: /\nnpm ci failed: .*try again\.\n$/, code: 1 })
})

t.test('the packaged Node.js is used when it runs, and passed over when it is for another machine', async t => {
  const copy = createCopy(t)
  copy.install()
  copy.write('node_modules/.bin/node', '#!/bin/sh\n[ "$1" = --version ] || echo "packaged: $(basename "$1")"\n', 0o755)
  t.match(await copy.run('check'), { out: 'packaged: check.ts\n', code: 0 })
  copy.write('node_modules/.bin/node', 'not a program of this machine', 0o755)
  t.match(await copy.run('check'), { out: '[]\n', code: 7 })
})

t.test('a task that does not exist, or whose script is not there', async t => {
  const copy = createCopy(t)
  copy.install()
  t.match(await copy.run('deploy'), { err: /^Usage: node scripts\/run\.mjs <demo\|test\|check\|generate\|screenshots\|bench>/, code: 1 })
  t.match(await copy.run(), { err: /^Usage:/, code: 1 })
  t.match(await copy.run('constructor'), { err: /^Usage:/, code: 1 })
  t.match(await copy.run('bench'), { err: /bench\/bench\.ts is missing/, code: 1 })
})

t.test('Ctrl-C reaches the task once, and its own ending is waited for', async t => {
  const copy = createCopy(t)
  copy.install()
  const child = copy.start(['demo'])
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  child.kill('SIGINT')
  t.same(await once(child, 'close'), [3, null])
  t.equal(out, 'up\nended after 1\n')
})
