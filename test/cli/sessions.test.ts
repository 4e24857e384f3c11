// `sallyport sessions`: who is signed in, and ending it by person, group, address, network or id, beside a gateway that runs.
import t, { type Test } from 'tap'
import type { LoadedConfig } from '../../src/config/config.ts'
import { createNetworkOf } from '../../src/inbound/client-ip/client-ip.ts'
import type { Principal } from '../../src/inbound/principal.ts'
import { createSessionRoom, registerSessionCookies, type Session, type SessionRoom } from '../../src/inbound/session/session.ts'
import { listSessions } from '../../src/operations/list-sessions.ts'
import { revokeSessions, type Whose } from '../../src/operations/revoke-sessions.ts'
import { findSessions, type SessionFilter } from '../../src/operations/find-sessions.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { deriveKey } from '../../src/shared/keys.ts'
import { createLogger } from '../../src/shared/log.ts'
import { baseYaml, createWorkspace, type Workspace } from '../config/workspace.ts'
import { makePrincipal } from '../inbound/session/build-room.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'
import { runCli, type CliResult } from './run-cli.ts'

// A gateway's sockets keep its process alive; its clock does not.
const alive = setInterval(() => { /* stays until the tests are over */ }, 60_000)
t.teardown(() => { clearInterval(alive) })

const clock = createSystemClock()
const silent = createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } })

interface Place {
  readonly workspace: Workspace
  readonly config: LoadedConfig['config']
  /** A gateway's. */
  readonly room: SessionRoom
  /** The command, in a process of its own. */
  run(...args: readonly string[]): Promise<CliResult>
  /** What the commands do, without a process for each. */
  list(filter: SessionFilter): ReturnType<typeof listSessions>
  revoke(whose: Whose, reason?: string): ReturnType<typeof revokeSessions>
  signIn(id: string, address: string, fields?: Partial<Principal>): Promise<Session>
  /** Ids of the people who are signed in. */
  people(): Promise<readonly string[]>
}

async function createPlace (t: Test, yaml = baseYaml): Promise<Place> {
  const workspace = await createWorkspace()
  t.teardown(() => { workspace.remove() })
  const { loaded, lines } = await workspace.load(yaml)
  if (loaded === undefined) throw new Error(lines.join('\n'))
  const { config } = loaded
  const file = workspace.write('gateway.yaml', yaml)
  const cookies = await registerSessionCookies({ key: deriveKey(config.session.secret, 'session-cookie') })
  const { name: gateway, dataDirectory: directory } = config.gateway
  const room = await createSessionRoom(config.session, { clock, log: silent, directory, gateway, cookies, binding: { rolesOf: () => [], createNetworkOf } })
  t.teardown(() => room.close())
  return {
    workspace,
    config,
    room,
    run: (...args) => runCli(['sessions', ...args, '--config', file]),
    list: filter => listSessions({ configFile: file, filter, reason: undefined }),
    revoke: (whose, reason) => revokeSessions({ configFile: file, whose, reason }),
    async signIn (id, address, fields = {}) {
      const principal = makePrincipal({ id, name: `Invented ${id}`, groups: ['nurses'], nameId: id, authenticatedAt: clock.now(), ...fields })
      return (await room.begin(principal, { address, certificate: undefined })).session
    },
    people: async () => (await room.list()).map(({ session }) => session?.principal.id ?? '').sort(),
  }
}

const listed = ({ out }: CliResult) => (JSON.parse(out) as { readonly sessions: readonly Record<string, unknown>[] }).sessions

/** Everything that both stores must do. */
async function runSuite (t: Test, open: () => Promise<Place>): Promise<void> {
  t.test('list and revoke mean the same sessions by the same conditions', async t => {
    const { list, revoke, signIn, people } = await open()
    const one = await signIn('nurse-1', '203.0.113.7')
    await signIn('nurse-2', '198.51.100.9')
    await signIn('billing-3', '203.0.113.8', { groups: ['Billing'] })
    await signIn('on-call-4', '2001:db8:1::7', { groups: ['nurses', 'on-call'] })
    const conditions: readonly (readonly [filter: SessionFilter, meant: readonly string[]])[] = [
      [{ person: 'nurse-1' }, ['nurse-1']],
      [{ group: 'nurses' }, ['nurse-1', 'nurse-2', 'on-call-4']],
      [{ group: 'billing' }, ['billing-3']],
      [{ address: '203.0.113.7' }, ['nurse-1']],
      [{ address: '203.0.113.0/24' }, ['billing-3', 'nurse-1']],
      [{ address: '2001:db8:1::/48' }, ['on-call-4']],
      [{ group: 'nurses', address: '203.0.113.0/24' }, ['nurse-1']],
      [{ session: one.key }, ['nurse-1']],
      [{ session: one.key.slice(0, 10) }, ['nurse-1']],
      [{ session: one.key.slice(0, 10), person: 'nurse-2' }, []],
      [{ person: 'nobody' }, []],
    ]
    for (const [filter, meant] of conditions) t.same((await list(filter)).sessions.map(({ person }) => person).sort(), meant, JSON.stringify(filter))
    t.same(await people(), ['billing-3', 'nurse-1', 'nurse-2', 'on-call-4'], 'looking ended nothing')
    const left = new Set(await people())
    for (const [filter, meant] of [conditions[6], conditions[5], conditions[2], conditions[1]] as typeof conditions) {
      const still = meant.filter(person => left.has(person))
      t.same(await revoke(filter), { ended: still.length, unreadable: 0 }, JSON.stringify(filter))
      for (const person of still) left.delete(person)
      t.same(await people(), [...left].sort())
    }
  })

  t.test('revoke finds a session where it began and where it was used last', async t => {
    const { room, revoke, signIn, people, workspace, config } = await open()
    for (const [id, began, last] of [['moved-away', '203.0.113.7', '198.51.100.1'], ['moved-here', '198.51.100.2', '203.0.113.9'], ['never-here', '198.51.100.3', '198.51.100.4']] as const) {
      await room.requireHere(await signIn(id, began), { address: last, certificate: undefined })
    }
    t.same(await revoke({ address: '203.0.113.0/24' }, 'guest network'), { ended: 2, unreadable: 0 })
    t.same(await people(), ['never-here'])
    const events = (await readTrail(workspace.path('data/audit-cli'), config.audit.key)).filter(event => event.kind === 'operation.run')
    t.match(events.map(event => event.facts), [
      { operation: 'sessions.revoke', step: 'asked', address: '203.0.113.0/24', reason: 'guest network' }, { operation: 'sessions.revoke', step: 'done', ended: 2 },
    ])
  })

  t.test('what cannot be read is not passed over in silence', async t => {
    const { list, revoke, signIn, room, config } = await open()
    await signIn('nurse-1', '203.0.113.7')
    await openForeign(t, config).then(other => other.begin(makePrincipal(), { address: '203.0.113.7', certificate: undefined }))
    t.match(await list({ address: '203.0.113.7' }), { sessions: [{ person: 'nurse-1' }], unreadable: 1 })
    t.match((await list({})).sessions.map(({ person }) => person).sort(), ['nurse-1', undefined])
    t.same(await revoke({ group: 'nurses' }), { ended: 1, unreadable: 1 })
    t.same(await revoke({ everybody: true }), { ended: 1, unreadable: 0 })
    t.equal(await room.count(), 0)
  })

  t.test('the first characters of an id are enough, and too few of them are refused', async t => {
    const { revoke, signIn, people } = await open()
    const keys = await Promise.all(Array.from({ length: 3 }, async (_, at) => (await signIn(`nurse-${at}`, '203.0.113.7')).key))
    await t.rejects(revoke({ session: 'A'.repeat(5) }), { message: /at least 6/ })
    t.same(await revoke({ session: keys[1]?.slice(0, 12) }), { ended: 1, unreadable: 0 })
    t.same(await people(), ['nurse-0', 'nurse-2'])
  })
}

/** A room on the same store with another secret. */
async function openForeign (t: Test, config: LoadedConfig['config']): Promise<SessionRoom> {
  const cookies = await registerSessionCookies({ key: deriveKey(config.session.secret, 'session-cookie') })
  const { name: gateway, dataDirectory: directory } = config.gateway
  const foreign = { ...config.session, secret: config.audit.key }
  const other = await createSessionRoom(foreign, { clock, log: silent, directory, gateway, cookies, binding: { rolesOf: () => [], createNetworkOf }, sweeps: false })
  t.teardown(() => other.close())
  return other
}

t.test('embedded', async t => { await runSuite(t, () => createPlace(t)) })

t.test('redis', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  let places = 0
  await runSuite(t, () => {
    places += 1
    const yaml = baseYaml.replace('session:', `session:\n  store: { kind: redis, redis: { url: "${redis.url}" } }`).replace('gateway:', `gateway:\n  name: clinic-${places}`)
    return createPlace(t, yaml)
  })
})

t.test('list shows who is signed in, from where, and for how long still; it is on record', async t => {
  const { room, run, signIn, workspace, config } = await createPlace(t)
  t.same(await run('list'), { code: 0, out: 'Nobody is signed in.\n', err: '' })
  const session = await signIn('nurse-1', '203.0.113.7')
  await signIn('billing-2', '2001:db8::7', { groups: ['billing'] })
  await room.requireHere(session, { address: '198.51.100.9', certificate: undefined })
  const { code, out, err } = await run('list', '--reason', 'handover')
  t.same([code, err], [0, ''])
  const [head = '', ...lines] = out.trimEnd().split('\n')
  t.match(head, /^id +person +name +roles +signed in +last activity +address +idle in +over in$/)
  t.equal(lines.at(-1), '2 sessions of 2 people.')
  t.equal(lines.length, 3)
  const line = lines.find(each => each.startsWith(session.key.slice(0, 10)))
  t.match(line, / nurse-1 +Invented nurse-1 +nurse +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d +20\S+ \S+ +198\.51\.100\.9 \(began at 203\.0\.113\.7\) +1[45]m \d+s +1[12]h \d+m$/)
  t.match(lines.find(each => each.includes('billing-2')), / none /, 'a person without a role here')
  t.notOk(out.includes(session.key), 'an id is shortened')
  const events = (await readTrail(workspace.path('data/audit-cli'), config.audit.key)).filter(event => event.kind === 'operation.run')
  t.match(events.slice(-2).map(event => event.facts), [{ operation: 'sessions.list', step: 'asked', reason: 'handover' }, { operation: 'sessions.list', step: 'done', listed: 2 }])
})

t.test('list as JSON has the whole id, times and places', async t => {
  const { run, signIn } = await createPlace(t)
  const session = await signIn('nurse-1', '203.0.113.7')
  const answer = await run('list', '--json')
  const [row] = listed(answer)
  t.match(row, {
    id: session.key, person: 'nurse-1', name: 'Invented nurse-1', groups: ['nurses'], roles: ['nurse'], address: '203.0.113.7', beganFrom: '203.0.113.7', beganAt: new Date(session.beganAt).toISOString(),
  })
  t.ok(Number(row?.['idleLeftSeconds']) > 14 * 60 - 30 && Number(row?.['idleLeftSeconds']) <= 15 * 60)
  t.equal(Number(row?.['leftSeconds']) > 11 * 3600, true)
  t.equal(JSON.parse(answer.out).unreadable, 0)
})

t.test('the command says of what it could not read', async t => {
  const { run, signIn, config } = await createPlace(t)
  await signIn('nurse-1', '203.0.113.7')
  await openForeign(t, config).then(other => other.begin(makePrincipal(), { address: '203.0.113.7', certificate: undefined }))
  t.match(await run('list', '--address', '203.0.113.7'), { code: 0, out: /1 session of 1 person\./, err: /^1 session could not be read, so nobody can say whose\. .*session\.secret/ })
  t.match(await run('revoke', '--group', 'nurses'), { code: 1, out: '1 session was ended.\n', err: /^1 session could not be read.*--all ends them as well\.\n$/ })
})

t.test('of sessions whose ids begin alike none is meant', async t => {
  const times = { session: undefined, beganAt: 0, lastActiveAt: 0, idleAt: 1, endsAt: 1, isOver: false }
  const room: Pick<SessionRoom, 'list'> = { list: async () => ['abcdef-1', 'abcdef-2'].map(key => ({ key, ...times })) }
  await t.rejects(findSessions({ room }, { session: 'abcdef' }), { message: '2 sessions begin with abcdef: write more characters of the id.' })
  t.match(await findSessions({ room }, { session: 'abcdef-2' }), { matching: [{ key: 'abcdef-2' }] })
})

t.test('what is not understood is said, and nothing is done', async t => {
  const { run, signIn, people } = await createPlace(t)
  await signIn('nurse-1', '203.0.113.7')
  t.match(await run('revoke'), { code: 2, err: /needs --person ID, --group NAME, --address ADDRESS, --session ID or --all.*sessions list/ })
  t.match(await run('revoke', '--all', '--person', 'nurse-1'), { code: 2, err: /--all ends everybody's sessions: give it alone/ })
  t.match(await run('revoke', '--address', '203.0.113.7/24'), { code: 1, err: /The address cannot be read: the address has bits outside \/24/ })
  t.match(await run('revoke', '--session=no session'), { code: 1, err: /letters, digits/ })
  t.match(await run('list', '--time-zone', 'Mars'), { code: 2, err: /--time-zone Mars is not known/ })
  t.same(await people(), ['nurse-1'])
})

t.test('a store that is away says so', async t => {
  const yaml = baseYaml.replace('session:', 'session:\n  store: { kind: redis, redis: { url: "redis://127.0.0.1:1" } }')
  const { run } = await createPlace(t, yaml)
  t.match(await run('revoke', '--all'), { code: 1, out: '', err: /The session store \(session\.store\) did not answer/ })
})
