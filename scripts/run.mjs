// `npm run <task>`: installs what is missing, then runs the task on the Node.js that comes with the packages. It decides nothing about the
// task itself. Plain JavaScript for old engines too: this is the one script that the machine's own Node.js (18 or newer) has to run.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const ownNode = join(modules, '.bin', 'node')
const neededMajor = 24
const tasks = {
  demo: 'scripts/demo/demo.ts',
  test: 'scripts/test.ts',
  check: 'scripts/check.ts',
  generate: 'scripts/generate.ts',
  screenshots: 'scripts/screenshots/screenshots.ts',
  bench: 'bench/bench.ts',
}

function stop (sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function readPackages (file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** npm writes what it installed into a lock file of its own, at the end: an install that was cut short has none. */
function isInstalled () {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(join(modules, '.package-lock.json'))
  if (wanted === undefined) stop('package-lock.json is missing or damaged; restore it from the repository.')
  if (present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link === true) return true
    const found = present[path]
    return found === undefined ? entry.optional === true : found.version === entry.version && found.integrity === entry.integrity
  })
}

/** npm must not run on the Node.js that it is about to replace, so our own folder leaves the path. */
function outerPath () {
  return (process.env.PATH ?? '').split(delimiter).filter(part => !part.endsWith(join('node_modules', '.bin')) && !part.startsWith(modules + sep)).join(delimiter)
}

function install () {
  process.stderr.write('Installing packages (npm ci) ...\n')
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // Standard output belongs to the task.
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
    env: { ...process.env, PATH: outerPath() },
  })
  if (result.error !== undefined) stop('npm could not be started: install npm (Debian: apt-get install npm) and try again.')
  if (result.status !== 0) stop('npm ci failed: read its message above, mend what it names (often the network or the registry), and try again.')
}

function chooseNode () {
  const probe = existsSync(ownNode) ? spawnSync(ownNode, ['--version'], { encoding: 'utf8' }) : undefined
  if (probe !== undefined && probe.status === 0) return ownNode
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  return stop(`Node.js ${neededMajor} or newer is needed, this is ${process.versions.node}, and no packaged one fits ${process.platform} ${process.arch}: install Node.js 26 and try again.`)
}

/** Passes signals on once: a terminal's Ctrl-C reaches every process of the group by itself, and npm repeats it. */
function forwardSignals (child) {
  const lastAt = new Map()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = Date.now()
      if (now - (lastAt.get(signal) ?? 0) > 1000) child.kill(signal)
      lastAt.set(signal, now)
    })
  }
}

const [task = '', ...rest] = process.argv.slice(2)
if (!Object.hasOwn(tasks, task)) stop(`Usage: node scripts/run.mjs <${Object.keys(tasks).join('|')}> [arguments]`)
if (!isInstalled()) install()
const node = chooseNode()
const script = join(root, tasks[task])
if (!existsSync(script)) stop(`${tasks[task]} is missing from this copy of the repository.`)
const child = spawn(node, [script, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: [join(modules, '.bin'), outerPath()].join(delimiter) },
})
forwardSignals(child)
child.on('error', () => stop(`${node} could not be started.`))
child.on('exit', (code, signal) => process.exit(signal === null ? code ?? 1 : 128 + (constants.signals[signal] ?? 0)))
