// Administrators' operations from the command line, beside a gateway that runs: they take effect, they are on record, and nothing is done unrecorded.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createAuditTrail, type AuditEvent } from '../../src/audit/audit.ts'
import type { LoadedConfig } from '../../src/config/config.ts'
import type { Principal } from '../../src/inbound/principal.ts'
import { createNetworkOf } from '../../src/inbound/client-ip/client-ip.ts'
import { createSessionRoom, registerSessionCookies } from '../../src/inbound/session/session.ts'
import { Denial } from '../../src/shared/errors.ts'
import { deriveKey } from '../../src/shared/keys.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createWorkspace, baseYaml, type Workspace } from '../config/workspace.ts'
import { readTrail } from '../support/trail.ts'
import { runCli, startCli } from './run-cli.ts'

// A gateway's sockets keep its process alive; its clock does not.
const alive = setInterval(() => { /* stays until the tests are over */ }, 60_000)
t.teardown(() => { clearInterval(alive) })

const clock = createSystemClock()
const silent = createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } })
const signs = { method: 'GET', foldedPath: '/', fetchMode: 'navigate', fetchDest: 'document', fetchUser: '?1' }

async function createPlace (t: { teardown(action: () => void): void }): Promise<{ workspace: Workspace, config: LoadedConfig['config'], file: string }> {
  const workspace = await createWorkspace()
  t.teardown(() => { workspace.remove() })
  const { loaded } = await workspace.load(baseYaml)
  if (loaded === undefined) throw new Error('the base configuration does not load')
  return { workspace, config: loaded.config, file: workspace.path('gateway.yaml') }
}

function person (id: string): Principal {
  return {
    id,
    name: `Invented ${id}`,
    email: undefined,
    groups: ['nurses'],
    idp: 'https://idp.example',
    nameId: id,
    nameIdFormat: undefined,
    sessionIndex: undefined,
    authnContext: undefined,
    authenticatedAt: clock.now(),
    notAfter: undefined,
  }
}

async function openSessions (config: LoadedConfig['config']) {
  const cookies = await registerSessionCookies({ key: deriveKey(config.session.secret, 'session-cookie') })
  const { name: gateway, dataDirectory: directory } = config.gateway
  return await createSessionRoom(config.session, { clock, log: silent, directory, gateway, cookies, binding: { rolesOf: () => [], createNetworkOf } })
}

const here = { address: '203.0.113.7', certificate: undefined }
const cookieOf = (setCookie: string) => setCookie.split(';')[0]

t.test('sessions revoke ends one person\'s sessions in a running gateway, and it is on record', async t => {
  const { workspace, config, file } = await createPlace(t)
  const sessions = await openSessions(config)
  t.teardown(() => sessions.close())
  const [first, second, other] = [await sessions.begin(person('nurse-1'), here), await sessions.begin(person('nurse-1'), here), await sessions.begin(person('nurse-2'), here)]
  const cut = new Promise(resolve => { sessions.register({ sessionKey: first.session.key, cut: resolve }) })
  const result = await runCli(['sessions', 'revoke', '--person', 'nurse-1', '--reason', 'lost her badge', '--config', file])
  t.same(result, { code: 0, out: '2 sessions of nurse-1 were ended.\n', err: '' })
  t.equal(await cut, 'revoked', 'what was open under it is cut')
  for (const { setCookie } of [first, second]) await t.rejects(sessions.require(cookieOf(setCookie), signs), Denial)
  t.equal((await sessions.require(cookieOf(other.setCookie), signs)).principal.id, 'nurse-2')
  const events = (await readTrail(workspace.path('data/audit-cli'), config.audit.key)).filter(event => event.kind === 'operation.run')
  t.match(events.map(event => event.facts), [
    { operation: 'sessions.revoke', step: 'asked', person: 'nurse-1', reason: 'lost her badge' },
    { operation: 'sessions.revoke', step: 'done', person: 'nurse-1', ended: 2 },
  ])
  t.ok(events.every(event => event.who?.roles[0] === 'administrator' && event.who.id !== ''))
  t.equal(new Set(events.map(event => event.id)).size, 1, 'both steps have one id')
})

t.test('sessions revoke --all ends everybody\'s', async t => {
  const { config, file } = await createPlace(t)
  const sessions = await openSessions(config)
  t.teardown(() => sessions.close())
  const one = await sessions.begin(person('nurse-1'), here)
  t.same(await runCli(['sessions', 'revoke', '--all', '--config', file]), { code: 0, out: '1 session was ended.\n', err: '' })
  await t.rejects(sessions.require(cookieOf(one.setCookie), signs), Denial)
  t.same(await runCli(['sessions', 'revoke', '--all', '--config', file]), { code: 0, out: '0 sessions were ended.\n', err: '' })
})

t.test('sessions revoke --session ends the one that the trail names', async t => {
  const { config, file } = await createPlace(t)
  const sessions = await openSessions(config)
  t.teardown(() => sessions.close())
  const [one, other] = [await sessions.begin(person('nurse-1'), here), await sessions.begin(person('nurse-1'), here)]
  t.same(await runCli(['sessions', 'revoke', '--session', one.session.key, '--config', file]), { code: 0, out: '1 session was ended.\n', err: '' })
  await t.rejects(sessions.require(cookieOf(one.setCookie), signs), Denial)
  t.equal((await sessions.require(cookieOf(other.setCookie), signs)).key, other.session.key)
})

t.test('what cannot be recorded is not done', async t => {
  const { workspace, config, file } = await createPlace(t)
  const sessions = await openSessions(config)
  t.teardown(() => sessions.close())
  const one = await sessions.begin(person('nurse-1'), here)
  const directory = workspace.path('data/audit-cli')
  const holder = await createAuditTrail(config.audit, { clock, log: silent, directory, gateway: config.gateway.name })
  t.match(await runCli(['sessions', 'revoke', '--all', '--config', file]), { code: 1, out: '', err: /^Nothing was done, because it could not be recorded\. The audit spool .* is in use/ })
  await holder.close()
  rmSync(directory, { recursive: true })
  workspace.write('data/audit-cli', 'a file where a directory should be')
  t.match(await runCli(['sessions', 'revoke', '--all', '--config', file]), { code: 1, out: '', err: /^Nothing was done, because it could not be recorded\. .*audit-cli cannot be used\. .*\(ENOTDIR\)/ })
  t.equal((await sessions.require(cookieOf(one.setCookie), signs)).principal.id, 'nurse-1')
})

t.test('while Redis is away the spool keeps the record', async t => {
  const { workspace, config } = await createPlace(t)
  const file = workspace.write('with-redis.yaml', `${baseYaml}  redis: { url: "redis://127.0.0.1:1" }\n`)
  t.same(await runCli(['sessions', 'revoke', '--all', '--config', file]), { code: 0, out: '0 sessions were ended.\n', err: '' })
  const steps = (await readTrail(workspace.path('data/audit-cli'), config.audit.key)).flatMap(event => event.facts?.['step'] ?? [])
  t.same(steps, ['asked', 'done'])
})

const admitted = (id: string, facts: Partial<AuditEvent>): AuditEvent => ({
  kind: 'request.admitted',
  time: clock.now(),
  id,
  who: { id: 'nurse-1', name: 'Invented Nurse', roles: ['nurse'] },
  from: { address: '203.0.113.7', peer: '203.0.113.1' },
  what: { kind: 'read', method: 'GET', path: '/patients/7', query: 'tab=notes' },
  decision: { rule: 'access.roles.nurse.allow[0]' },
  ...facts,
})

/** Waits for the line of output that has this word. */
async function readLines (lines: AsyncIterator<string>, word: string): Promise<readonly string[]> {
  const seen: string[] = []
  for (;;) {
    const next = await lines.next()
    if (next.done === true) throw new Error(`the output ended without ${word}: ${seen.join('\n')}`)
    seen.push(next.value)
    if (next.value.includes(word)) return seen
  }
}

t.test('audit tail shows what is there and what is added, one readable line an event, until Ctrl-C', async t => {
  const { workspace, config, file } = await createPlace(t)
  const trail = await createAuditTrail(config.audit, { clock, log: silent, directory: workspace.path('data/audit'), gateway: config.gateway.name })
  t.teardown(() => trail.close())
  await trail.record(admitted('first-request', { who: { id: 'nurse-1', name: 'Invented \u001B[31mNurse\u202E', roles: ['nurse'] } }))
  const tail = startCli(['audit', 'tail', '--from-start', '--reason', 'a look', '--config', file])
  const lines = createInterface({ input: tail.stdout })[Symbol.asyncIterator]()
  const [line = ''] = (await readLines(lines, '#first-')).slice(-1)
  t.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z {2}admitted {12}GET \/patients\/7\?tab=notes {2}Invented \?\[31mNurse\? <nurse-1> \(nurse\) {2}from 203\.0\.113\.7 through 203\.0\.113\.1 {2}access\.roles\.nurse\.allow\[0\] {2}#first-request$/)
  await trail.record({ kind: 'request.completed', time: clock.now(), id: 'first-request', outcome: { status: 200, bytesOut: 5120, durationMs: 27 } })
  t.match((await readLines(lines, 'completed')).at(-1), /completed {11}200 in 27 ms 5\.1 kB down {2}#first-request$/)
  const ended = once(tail, 'exit')
  tail.kill('SIGINT')
  t.same(await ended, [0, null])
})

t.test('audit tail --json, from now on, with the operations of administrators', async t => {
  const { workspace, config, file } = await createPlace(t)
  const trail = await createAuditTrail(config.audit, { clock, log: silent, directory: workspace.path('data/audit'), gateway: config.gateway.name })
  t.teardown(() => trail.close())
  await trail.record(admitted('before', {}))
  const tail = startCli(['audit', 'tail', '--json', '--reason', 'a look', '--config', file])
  const lines = createInterface({ input: tail.stdout })[Symbol.asyncIterator]()
  const beats = setInterval(() => { trail.note(admitted('after', {})) }, 50)
  const [line = ''] = await readLines(lines, 'request.admitted')
  clearInterval(beats)
  t.match(JSON.parse(line), { event: { kind: 'request.admitted', id: 'after', what: { path: '/patients/7' } }, problems: [] })
  const revoked = readLines(lines, '"step":"done"')
  t.equal((await runCli(['sessions', 'revoke', '--all', '--config', file])).code, 0)
  t.match(JSON.parse((await revoked).at(-1) ?? ''), { event: { kind: 'operation.run', facts: { operation: 'sessions.revoke' } } })
  const ended = once(tail, 'exit')
  tail.kill('SIGTERM')
  t.same(await ended, [0, null])
})

t.test('audit tail without a trail, and to a reader that stops', async t => {
  const { workspace, config, file } = await createPlace(t)
  t.match(await runCli(['audit', 'tail', '--reason', 'a look', '--config', file]), { code: 1, out: '', err: /^There is no trail in .*audit that this account can read/ })
  const trail = await createAuditTrail(config.audit, { clock, log: silent, directory: workspace.path('data/audit'), gateway: config.gateway.name })
  t.teardown(() => trail.close())
  const tail = startCli(['audit', 'tail', '--from-start', '--reason', 'a look', '--config', file])
  await once(tail.stdout, 'data')
  const ended = once(tail, 'exit')
  tail.stdout.destroy()
  const beats = setInterval(() => { trail.note(admitted('more', {})) }, 50)
  t.same(await ended, [0, null])
  clearInterval(beats)
})

t.test('keys rotate: the file has a new key and the earlier one, both steps are on record, and the trail stays readable and verified', async t => {
  const { workspace, config, file } = await createPlace(t)
  const keyFile = workspace.path('keys/audit.key')
  const before = readFileSync(keyFile, 'utf8').trim()
  chmodSync(keyFile, 0o640)
  t.match(await runCli(['keys', 'rotate', '--config', file]), { code: 2, err: /^Please say why/ })
  t.match(await runCli(['keys', 'rotate', '--config', file, '--reason', 'x', '--at', '2020-01-01']), { code: 1, err: /cannot be used earlier than a minute from now/ })
  t.equal(readFileSync(keyFile, 'utf8').trim(), before)
  const result = await runCli(['keys', 'rotate', '--config', file, '--reason', 'yearly'])
  t.match(result, { code: 0, out: /audit\.key has a new key\. Gateways that start after \d{4}-.*Z use it/, err: /Give the file to every replica before that time/ })
  const [current, earlier, ...more] = readFileSync(keyFile, 'utf8').trim().split('\n')
  t.match(earlier, new RegExp(`^${before.replace(/[+/=]/g, '.')} until \\d{10}$`))
  t.not(current, before)
  t.same(more, [])
  t.equal(statSync(keyFile).mode & 0o777, 0o640, 'who may read it is as it was')
  const operations = await readTrail(workspace.path('data/audit-cli'), config.audit.key)
  t.match(operations.filter(event => event.kind === 'operation.run').map(event => event.facts), [
    { operation: 'keys.rotate', step: 'asked', reason: 'yearly' }, { operation: 'keys.rotate', step: 'done' },
  ])
  t.equal((await runCli(['audit', 'verify', '--reason', 'after the rotation', '--config', file])).code, 0)
  rmSync(keyFile)
  t.match(await runCli(['keys', 'rotate', '--config', file, '--reason', 'yearly']), { code: 1, err: /audit\.key/ })
})

t.test('keys escrow and recover: sealed, on record, and out again with the code alone', async t => {
  const { workspace, config, file } = await createPlace(t)
  const sealed = workspace.path('escrow.txt')
  const made = await runCli(['keys', 'escrow', '--to-file', sealed, '--reason', 'for the safe', '--config', file])
  t.equal(made.code, 0, made.err)
  const code = /^ {4}([0-9A-Z-]{35})$/m.exec(made.out)?.[1] ?? ''
  t.notMatch(readFileSync(sealed, 'utf8'), config.audit.key.reveal().slice(0, 12))
  t.match(await runCli(['keys', 'escrow', '--to-file', sealed, '--reason', 'again', '--config', file]), { code: 1, err: /escrow\.txt is there already, and a copy for the safe is never written over: name a new file/ })
  const recover = async (typed: string, directory: string) => {
    const child = startCli(['keys', 'recover', sealed, '--to-dir', directory], { stdin: typed })
    const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>])
    return { out, err, exit }
  }
  t.match(await recover(`${code.slice(0, -1)}\n`, workspace.path('out')), { exit: 1, err: /not typed as it was shown/ })
  t.match(await recover(`${code.toLowerCase()}\n`, workspace.path('out')), { exit: 0, out: /out\/audit\.key\n$/ })
  t.equal(readFileSync(workspace.path('out/audit.key'), 'utf8').trim(), config.audit.key.reveal().trim())
  t.equal(statSync(workspace.path('out/audit.key')).mode & 0o777, 0o600)
  t.match(await recover(code, workspace.path('out')), { exit: 1, err: /could not be written .*EEXIST/ })
  t.match((await readTrail(workspace.path('data/audit-cli'), config.audit.key)).filter(event => event.kind === 'operation.run').map(event => event.facts?.['step']), ['asked', 'done', 'asked', 'failed'])
})

t.test('keys escrow: with the keys of the archive and of backups, when this account can read them', async t => {
  const { workspace, file } = await createPlace(t)
  workspace.write('gateway.yaml', `${baseYaml}  archive: { keyFile: keys/archive.key, directory: archive }\n  backup: { keyFile: keys/backup.key, directory: elsewhere }\n`)
  workspace.write('keys/archive.key', `${randomBytes(32).toString('base64')}\n`)
  const made = await runCli(['keys', 'escrow', '--to-file', workspace.path('one.txt'), '--reason', 'for the safe', '--config', file])
  t.match(made, { code: 0, out: /one\.txt holds audit\.key, archive\.key, sealed\.\n/, err: /^backup\.key is not in it: \S+backup\.key cannot be read by this account \(ENOENT\)\. Run this again as the account that archives/ })
  const code = /^ {4}([0-9A-Z-]{35})$/m.exec(made.out)?.[1] ?? ''
  const child = startCli(['keys', 'recover', workspace.path('one.txt'), '--to-dir', workspace.path('out')], { stdin: code })
  const [exit] = await once(child, 'close') as [number | null]
  t.equal(exit, 0)
  t.equal(readFileSync(workspace.path('out/archive.key'), 'utf8'), readFileSync(workspace.path('keys/archive.key'), 'utf8'))
})

t.test('keys create where no directory can be made: its sentence, at once', async t => {
  t.match(await runCli(['keys', 'create', '/proc/none']), { code: 1, err: /^The keys could not be written to \/proc\/none \(E[A-Z]+\): check/ })
})
