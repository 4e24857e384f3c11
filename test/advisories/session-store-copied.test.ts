// Known attack: somebody reads the session store, or its backup, and has names, or cookies that work.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { BuiltRoom } from '../inbound/session/build-room.ts'
import { buildRoom, cookieOf, makeDirectory, makePrincipal, navigates, outcomeOf } from '../inbound/session/build-room.ts'
import { createRedisReader } from '../inbound/session/read-redis.ts'
import { startRedis } from '../support/redis.ts'

const canaries = {
  id: 'canary-person-id',
  name: 'Canary Given Family',
  email: 'canary@clinic.example',
  groups: ['canary-oncology'],
  nameId: 'canary-name-id',
  sessionIndex: 'canary-session-index',
  idp: 'https://canary-idp.example',
}

/** Goes through everything that a room writes. Returns cookies of live sessions. */
async function useAll ({ room }: BuiltRoom): Promise<string[]> {
  const principal = makePrincipal(canaries)
  const begun = [await room.begin(principal), await room.begin(principal), await room.begin(principal), await room.begin(principal)]
  const [first, second, ...live] = begun.map(({ setCookie }) => cookieOf(setCookie)) as [string, string, ...string[]]
  await room.require(first, navigates)
  await room.endByCookie(second, 'signedOut')
  await room.end({ by: 'key', key: begun[0]?.session.key ?? '' }, 'revoked')
  await room.oneTime.putOnce('canary-attempt', 'canary-return-to=/patients/canary-patient', 60_000)
  await room.oneTime.putOnce('canary-taken', 'canary-value', 60_000)
  await room.oneTime.take('canary-taken')
  return live
}

function check (t: Test, dump: string, cookies: readonly string[]): void {
  t.ok(dump.length > 500)
  t.notMatch(dump, /canary/i)
  for (const canary of Object.values(canaries).flat()) {
    for (const encoding of ['base64', 'base64url', 'hex'] as const) t.notOk(dump.includes(Buffer.from(canary).toString(encoding).slice(0, -3)), `${canary} in ${encoding}`)
  }
  for (const cookie of cookies) t.notOk(dump.includes(cookie.slice('__Host-sallyport='.length)), 'no cookie')
}

t.test('the SQLite file, its log and its index hold no name, no cookie, and are for their owner alone', async t => {
  const directory = makeDirectory(t)
  const built = await buildRoom(t, { directory })
  const live = await useAll(built)
  const files = readdirSync(directory)
  t.same(files.sort(), ['sessions.sqlite', 'sessions.sqlite-shm', 'sessions.sqlite-wal'])
  for (const file of files) t.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file)
  check(t, files.map(file => readFileSync(join(directory, file), 'latin1')).join('\n'), live)
  t.equal(await outcomeOf(built.room.require(live[0], navigates)), 'live', 'they were written and are in use')
})

t.test('Redis holds no name and no cookie; every key is the gateway\'s own, and all but the bare lists go by themselves', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const built = await buildRoom(t, { redisUrl: redis.url, gateway: 'clinic' })
  const live = await useAll(built)
  check(t, await reader.readAll(), live)
  const keys = await reader.call('KEYS', '*') as string[]
  for (const key of keys) {
    t.match(key, /^sallyport:\{clinic\}:session:/)
    if (key !== 'sallyport:{clinic}:session:unreported') t.ok(Number(await reader.call('PTTL', key)) > 0, `${key} has a time to live`)
  }
  t.equal(await outcomeOf(built.room.require(live[0], navigates)), 'live')
})
