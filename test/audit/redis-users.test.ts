// The users that are shipped for Redis are enough for their work, and none of them can take a trail away whose work is not that.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createArchiveWitness, openRedisTrail, pruneRedis, shredInRedis } from '../../src/audit/audit.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createRedisClient, RedisError, type RedisClient } from '../../src/shared/redis.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { gateway } from '../support/audit.ts'
import { freePort } from '../support/journey.ts'
import { createRetainedTrail } from './retention/retained-trail.ts'

type Test = { teardown (action: () => unknown): void }

const users = readFileSync(new URL('../../config/redis-users.conf', import.meta.url), 'utf8')

async function startServer (t: Test) {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-users-'))
  const port = await freePort()
  writeFileSync(join(directory, 'redis.conf'), `port ${port}\nbind 127.0.0.1\nsave ""\nappendonly yes\nappendfsync always\ndir ${directory}\n${users.replaceAll('resetpass', '>password')}`)
  const child = spawn('redis-server', [join(directory, 'redis.conf')], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) if (String(chunk).includes('Ready to accept connections')) break
  child.stdout.resume()
  t.teardown(async () => { child.kill('SIGKILL'); await once(child, 'exit'); rmSync(directory, { recursive: true, force: true }) })
  const url = `redis://127.0.0.1:${port}/0`
  const configOf = (user?: string) => user === undefined ? { url } : { url, username: `sallyport-${user}`, password: new SecretValue('password') }
  const open = async (user?: string): Promise<RedisClient> => {
    const client = createRedisClient(configOf(user), { commandTimeoutMs: 2000 })
    t.teardown(() => { client.close() })
    await new Promise<void>(resolve => { client.onReady(resolve) })
    return client
  }
  return { url, configOf, open }
}

const codeOf = (asked: Promise<unknown>) => asked.then(() => 'done', (error: unknown) => error instanceof RedisError ? error.code : String(error))

t.test('the gateway writes, another account asks, a third one prunes and shreds', async t => {
  const server = await startServer(t)
  const retained = await createRetainedTrail(t, { config: { redis: server.configOf('writer'), durability: 'dual' } })
  await retained.archive()
  const { key } = retained.trail.config
  const clock = createSystemClock()
  const reading = await openRedisTrail({ redis: server.configOf('reader'), gateway, key, clock })
  t.teardown(() => { reading.close() })
  const [writer = ''] = await reading.writers()
  const read = async () => {
    const entries = []
    for await (const entry of reading.read(writer)) entries.push(entry)
    return entries
  }
  const entries = await read()
  t.equal(entries.length, 30)
  t.same(entries.flatMap(({ problems }) => problems), [])

  const work = { gateway, keys: retained.access.auditKeys, witness: createArchiveWitness(retained.access), before: Date.now() + 60_000 }
  for (const user of ['writer', 'reader'] as const) {
    const client = await server.open(user)
    t.equal(await codeOf(pruneRedis({ ...work, client, trail: reading })), 'NOPERM', `${user} cannot prune`)
    const place = { writer, epoch: entries[0]?.epoch as number, seq: 3 }
    t.equal(await codeOf(shredInRedis(client, { gateway, ...place })), 'NOPERM', `${user} cannot shred`)
  }
  t.equal((await read()).length, 30)
  const archiver = await server.open('archiver')
  t.ok(await shredInRedis(archiver, { gateway, writer, epoch: entries[0]?.epoch as number, seq: 3 }))
  const archiverTrail = await openRedisTrail({ redis: server.configOf('archiver'), gateway, key, clock })
  t.teardown(() => { archiverTrail.close() })
  t.match(await pruneRedis({ ...work, client: archiver, trail: archiverTrail }), [{ records: 29 }])
  t.equal((await read()).length, 1)
})

t.test('what would take a trail away is refused, also from inside a script', async t => {
  const server = await startServer(t)
  const admin = await server.open()
  await admin.call('XADD', 'audit:{g:w:1}', '1-0', 'v', '1')
  await admin.call('SET', 'sallyport:{g}:x', '1')
  await admin.call('SET', 'other', '1')
  const destroying = [
    ['DEL', 'audit:{g:w:1}'], ['UNLINK', 'audit:{g:w:1}'], ['XTRIM', 'audit:{g:w:1}', 'MAXLEN', '0'], ['XDEL', 'audit:{g:w:1}', '1-0'], ['RENAME', 'audit:{g:w:1}', 'audit:{g:w:1}x'],
    ['EXPIRE', 'audit:{g:w:1}', '1'], ['RESTORE', 'audit:{g:w:1}', '0', 'x', 'REPLACE'], ['SET', 'audit:{g:w:1}', '1'], ['XSETID', 'audit:{g:w:1}', '9-0'], ['FLUSHALL'], ['FLUSHDB'], ['SWAPDB', '0', '1'],
    ['CONFIG', 'SET', 'appendonly', 'no'], ['SHUTDOWN', 'NOSAVE'], ['REPLICAOF', '127.0.0.1', '1'], ['ACL', 'SETUSER', 'sallyport-writer', '+@all'], ['GET', 'other'], ['SCRIPT', 'FLUSH'], ['KEYS', '*'],
  ] as const
  for (const user of ['writer', 'reader'] as const) {
    const client = await server.open(user)
    for (const [command, ...args] of destroying) t.equal(await codeOf(client.call(command, ...args)), 'NOPERM', `${user}: ${command} ${args[0] ?? ''}`)
    t.equal(await codeOf(client.call('GET', 'sallyport:{g}:x')), 'NOPERM', `${user} has nothing to do with sessions`)
  }
  const writer = await server.open('writer')
  const script = async (text: string, key: string) => await writer.call('EVAL', text, 1, key).then(answer => String(answer), (error: unknown) => error instanceof RedisError ? error.code : 'unknown')
  t.match(await script('return redis.call("DEL", KEYS[1])', 'audit:{g:w:1}'), /^(?:NOPERM|ERR)$/)
  t.match(await script('return redis.call("XTRIM", KEYS[1], "MAXLEN", 0)', 'audit:{g:w:1}'), /^(?:NOPERM|ERR)$/)
  t.match(await script('return redis.call("XADD", KEYS[1], "*", "a", "b")', 'other'), /^(?:NOPERM|ERR)$/)
  t.equal(await admin.call('XLEN', 'audit:{g:w:1}'), 1)
  const archiver = await server.open('archiver')
  for (const [command, ...args] of [['FLUSHALL'], ['CONFIG', 'SET', 'appendonly', 'no'], ['SHUTDOWN', 'NOSAVE'], ['GET', 'other'], ['GET', 'sallyport:{g}:x']] as const) t.equal(await codeOf(archiver.call(command, ...args)), 'NOPERM', `archiver: ${command}`)
  const sessions = await server.open('sessions')
  for (const [command, ...args] of [['XRANGE', 'audit:{g:w:1}', '-', '+'], ['DEL', 'audit:{g:w:1}'], ['FLUSHALL']] as const) t.equal(await codeOf(sessions.call(command, ...args)), 'NOPERM', `sessions: ${command}`)
})

t.test('a trim that the writer may make, because XADD can: verification finds it', async t => {
  const server = await startServer(t)
  const retained = await createRetainedTrail(t, { epochs: 1, config: { redis: server.configOf('writer') } })
  const { key } = retained.trail.config
  const reading = await openRedisTrail({ redis: server.configOf('reader'), gateway, key, clock: createSystemClock() })
  t.teardown(() => { reading.close() })
  const [writer = ''] = await reading.writers()
  const [entry] = await (async () => { const all = []; for await (const each of reading.read(writer)) all.push(each); return all })()
  const stolen = await server.open('writer')
  await stolen.call('XADD', `audit:{${gateway}:${writer}:${entry?.epoch}}`, 'MAXLEN', '1', '99-0', 'v', '1')
  const problems = []
  for await (const each of reading.read(writer)) problems.push(...each.problems)
  t.notSame(problems, [])
})
