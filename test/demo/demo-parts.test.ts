// The parts of `npm run demo` that can be looked at alone: options, the configuration it writes, the trail's lines, ports.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createDirectory } from '../../scripts/demo/directory.ts'
import { writeGatewayYaml, type DemoSettings } from '../../scripts/demo/gateway-yaml.ts'
import { readOptions, UsageError } from '../../scripts/demo/options.ts'
import { choosePublicPort, findFreePort, requireReachable } from '../../scripts/demo/ports.ts'
import { createTrailPrinter, formatHeads } from '../../scripts/demo/trail-line.ts'
import { formatWelcome } from '../../scripts/demo/welcome.ts'
import { createKeyPair } from '../support/key-pair.ts'
import { writeIdpMetadata } from '../support/saml-metadata.ts'

const settings: DemoSettings = { name: 'demo', publicUrl: 'https://localhost:8443', publicPort: 8443, healthPort: 9090, crmUrl: 'http://127.0.0.1:4000', idle: '15m', redis: undefined }
const unpainted = (_style: string, text: string) => text

t.test('options: what is right is read, what is wrong is said in one sentence', async t => {
  t.same(readOptions([]), { redis: undefined, idle: '15m', port: undefined, help: false })
  t.match(readOptions(['--idle', '30s', '--port', '9443', '--redis', 'redis://127.0.0.1:6379/2']), { idle: '30s', port: 9443, redis: { host: '127.0.0.1:6379' } })
  for (const [words, sentence] of [
    [['--idle', 'soon'], /^--idle soon is not a duration/], [['--idle', '1s'], /too short/], [['--port', '99999'], /not a port/], [['--port', '0'], /not a port/],
    [['--redis', 'localhost'], /not an address of a Redis/], [['--open'], /Unknown option '--open'/], [['now'], /Unexpected argument 'now'/], [['--idle'], /argument missing/],
  ] as const) t.throws(() => readOptions(words), { name: 'UsageError', message: sentence }, words.join(' '))
})

t.test('the configuration that is written has no finding, with every choice of options', async t => {
  const directory = await createDirectory()
  t.teardown(() => directory.remove())
  const { certificatePem } = await createKeyPair('idp.example')
  await directory.write('idp-metadata.xml', writeIdpMetadata({ certificates: [certificatePem] }))
  await directory.write('secrets/redis-password', 'not a real one\n')
  for (const change of [{}, { idle: '30s' }, { idle: '2h' }, { redis: new URL('redis://127.0.0.1:6379/3') }, { redis: new URL('rediss://writer:p%40ss@redis.example:6380/0') }]) {
    const text = writeGatewayYaml({ ...settings, ...change })
    await writeFile(directory.configFile, text)
    const { config } = await loadConfig(directory.configFile)
    t.match(config, { gateway: { name: 'demo' }, session: { idleTimeout: 'idle' in change ? change.idle : '15m' }, clientIp: { allow: ['127.0.0.1', '::1'] }, audit: { durability: 'spool' } })
    t.equal(config.audit.redis !== undefined, 'redis' in change)
    t.equal(config.session.store.kind, 'redis' in change ? 'redis' : 'embedded')
    t.notMatch(text, /p%40ss|p@ss/, 'a password of the address is not in the file')
  }
})

t.test('only the owner may read the secrets, and nothing stays', async t => {
  const { stat } = await import('node:fs/promises')
  const directory = await createDirectory()
  t.equal((await stat(directory.path)).mode & 0o777, 0o700)
  t.equal((await stat(join(directory.path, 'secrets', 'audit'))).mode & 0o777, 0o600)
  await directory.remove()
  await t.rejects(stat(directory.path), { code: 'ENOENT' })
})

t.test('a taken port: asked for, one sentence; not asked for, another one', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await t.rejects(choosePublicPort(port), { name: 'UsageError', message: `Port ${port} is taken by another program. End that program, or choose another port with --port.` })
  t.ok(await choosePublicPort(undefined) > 0)
  t.not(await findFreePort(), port)
  await requireReachable(new URL(`redis://127.0.0.1:${port}/0`))
  other.close()
  await once(other, 'close')
  t.equal(await choosePublicPort(port), port)
  await t.rejects(requireReachable(new URL(`redis://127.0.0.1:${port}/0`)), UsageError)
})

t.test('the trail: one aligned line an event, and nothing from outside steers the terminal', async t => {
  const time = new Date(2026, 10, 22, 9, 5, 7, 42).getTime()
  const who = { id: 'nurse@harbor.example', roles: ['nurse'] }
  const what = { kind: 'read', method: 'GET', path: '/patients/p-1001', query: '' } as const
  const line = (event: Partial<AuditEvent>) => createTrailPrinter({ paint: unpainted, background: ['/api/notifications'] }).format({ kind: 'request.admitted', time, id: 'x', ...event })
  t.equal(line({ who, what, from: { address: '127.0.0.1' } }), '09:05:07.042  request.admitted       nurse (nurse)                127.0.0.1   GET /patients/p-1001')
  t.equal(line({ kind: 'request.completed', who, what, from: { address: '127.0.0.1' }, outcome: { status: 200, bytesOut: 4321, durationMs: 12.6 } }),
    '09:05:07.042  request.completed      nurse (nurse)                127.0.0.1   GET /patients/p-1001 → 200 · 4.2 KiB · 13 ms')
  t.equal(line({ kind: 'request.denied', from: { address: '127.0.0.2' }, decision: { reason: 'clientIp.notAllowed' }, count: 3 }), '09:05:07.042  request.denied         –                            127.0.0.2   clientIp.notAllowed · 3 times')
  t.equal(line({ kind: 'session.ended', who, facts: { cause: 'idle' } }), '09:05:07.042  session.ended          nurse (nurse)                            idle')
  t.match(line({ kind: 'record.seen', who, what: { kind: 'list', method: 'GET', route: 'GET /api/patients', record: { type: 'patient', id: 'p-1001', patient: 'p-1001' } } }), / GET \/api\/patients → patient p-1001$/)
  t.match(line({ kind: 'configuration.refused', facts: { needsRestart: 'upstream' } }), /^09:05:07\.042 {2}configuration\.refused .*needs a restart: upstream$/)
  const column = formatHeads().indexOf('method')
  t.equal(line({ what }).indexOf('GET'), column, 'columns stay columns')
  t.equal(line({ what, who: { id: 'a'.repeat(90), roles: [] } }).indexOf('GET'), column)
  t.notMatch(line({ what: { ...what, path: '/\u001B[2J\r\u202Ex' }, who: { id: '\u001B]0;x\u0007', roles: [] } }), /[^ -~–→…\uFFFD]/)
  const painted = createTrailPrinter({ paint: (style, text) => `<${style}>${text}</${style}>`, background: ['/api/notifications'] })
    .format({ kind: 'request.admitted', time, id: 'x', what: { ...what, path: '/api/notifications' } })
  t.match(painted, /^<dim>.*<\/dim>$/, 'what a page asks for by itself is dimmed')
})

t.test('an ending says whose request it ends, once', async t => {
  const printer = createTrailPrinter({ paint: unpainted, background: [] })
  const ending: AuditEvent = { kind: 'request.completed', time: 0, id: 'a', outcome: { status: 204 } }
  printer.format({ kind: 'request.admitted', time: 0, id: 'a', who: { id: 'nurse@harbor.example', roles: ['nurse'] }, from: { address: '127.0.0.1' }, what: { kind: 'delete', method: 'DELETE', path: '/api/leads/l-1' } })
  t.match(printer.format(ending), / nurse \(nurse\) +127\.0\.0\.1 +DELETE \/api\/leads\/l-1 → 204$/)
  t.match(printer.format(ending), / – +204$/)
})

t.test('the welcome names the people, the files and what to try', async t => {
  const facts = { url: 'https://localhost:8443', authorityFile: '/tmp/d/tls/ca.pem', configFile: '/tmp/d/gateway.yaml', logFile: '/tmp/d/gateway.log', healthUrl: 'http://127.0.0.1:9090/ready', idpUrl: 'https://localhost:9001', gatewayPid: 4711, idle: '30s', trail: '/tmp/d/data/audit', hasSecondLoopback: true }
  const text = formatWelcome(facts, unpainted)
  for (const part of ['https://localhost:8443\n', 'nurse@harbor.example', 'front-desk@harbor.example', 'visitor@harbor.example', '/tmp/d/tls/ca.pem', 'kill -9 4711', '--interface 127.0.0.2', 'alone for 30s', '/tmp/d/gateway.yaml']) t.ok(text.includes(part), part)
  t.notMatch(text, '\u001B')
  t.notMatch(formatWelcome({ ...facts, hasSecondLoopback: false }, unpainted), /--interface/)
})
