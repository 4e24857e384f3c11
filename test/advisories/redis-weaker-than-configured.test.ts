// A Redis that may throw whole streams away (allkeys-* eviction) or answers before its disk has the record is refused at the start, with the sentence
// that says what to set; what cannot be found out is said.
import t from 'tap'
import type { AuditConfig } from '../../src/audit/config.ts'
import { SecretValue } from '../../src/shared/schema.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { admitted, connectClient, openTrail } from '../support/audit.ts'
import { startRedis } from '../support/redis.ts'
import { readTrail } from '../support/trail.ts'

type Test = { teardown: (action: () => unknown) => void }

async function redisWith (t: Test, ...commands: string[][]) {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const client = await connectClient(t, redis.url)
  for (const [command, ...args] of commands) await client.call(command as string, ...args)
  return redis
}

const start = (t: Test, url: string, durability: AuditConfig['durability'], user?: { username: string, password: SecretValue }) =>
  openTrail(t, { config: { redis: { url, ...user }, durability } })

for (const policy of ['allkeys-lru', 'allkeys-random', 'volatile-lru']) {
  t.test(`maxmemory-policy ${policy} is refused, whatever the durability`, async t => {
    const redis = await redisWith(t, ['CONFIG', 'SET', 'maxmemory-policy', policy])
    for (const durability of ['spool', 'redis', 'dual'] as const) {
      await t.rejects(start(t, redis.url, durability), { code: 'audit.redisUnsuitable', message: /CONFIG SET maxmemory-policy noeviction/ }, durability)
    }
  })
}

for (const [name, setting, sentence] of [
  ['nothing on disk', ['appendonly', 'no'], /appendonly yes/],
  ['a disk that is asked once a second', ['appendfsync', 'everysec'], /appendfsync always/],
  ['a disk that is never asked', ['appendfsync', 'no'], /appendfsync always/],
  ['a disk that is not asked during a rewrite', ['no-appendfsync-on-rewrite', 'yes'], /no-appendfsync-on-rewrite no/],
] as const) {
  t.test(`${name} is refused where "on record" means Redis, and good enough beside the spool`, async t => {
    const redis = await redisWith(t, ['CONFIG', 'SET', ...setting])
    await t.rejects(start(t, redis.url, 'redis'), { code: 'audit.redisUnsuitable', message: sentence })
    await t.rejects(start(t, redis.url, 'dual'), { code: 'audit.redisUnsuitable', message: sentence })
    const { trail, log } = await start(t, redis.url, 'spool')
    t.equal(trail.ready().ok, true)
    if (setting[0] === 'appendonly') t.match(log.lines.find(line => line['msg'] === 'audit.redisUnproven')?.['detail'], /keeps nothing on disk/)
  })
}

const user = { username: 'writer', password: new SecretValue('made-up-for-this-test') }
const aclOf = (...rules: string[]) => ['ACL', 'SETUSER', user.username, 'on', `>${user.password.reveal()}`, '~audit:*', '&*', ...rules]

t.test('an ACL that hides CONFIG: refused where durability must be known, said where not', async t => {
  const redis = await redisWith(t, aclOf('+@all', '-config'))
  await t.rejects(start(t, redis.url, 'redis', user), { code: 'audit.redisUnsuitable', message: /forbids CONFIG GET.*\+config\|get/ })
  const { trail } = await start(t, redis.url, 'spool', user)
  t.equal(trail.ready().ok, true)
})

t.test('without CONFIG, INFO still tells about eviction', async t => {
  const redis = await redisWith(t, aclOf('+@all', '-config'), ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'])
  await t.rejects(start(t, redis.url, 'spool', user), { code: 'audit.redisUnsuitable', message: /noeviction/ })
})

t.test('an ACL that hides CONFIG and INFO: the log says what is not known and what to grant', async t => {
  const redis = await redisWith(t, aclOf('+@all', '-config', '-info'))
  const { trail, log } = await start(t, redis.url, 'spool', user)
  t.equal(await trail.flush({ timeoutMs: 5000, ship: true }), true)
  const details = log.lines.filter(line => line['msg'] === 'audit.redisUnproven').map(line => String(line['detail']))
  t.ok(details.some(detail => detail.includes('+info')) && details.some(detail => detail.includes('+config|get')))
})

t.test('the least that a writer needs: no deletion, no trimming, no configuration beyond reading it', async t => {
  const redis = await redisWith(t, aclOf('-@all', '+ping', '+info', '+time', '+config|get', '+eval', '+evalsha', '+xadd', '+xrange', '+xrevrange', '+hset', '+hkeys'))
  const { trail } = await start(t, redis.url, 'redis', user)
  t.equal(trail.ready().ok, true)
})

t.test('a wrong password or no Redis at all: spool starts and says so, redis and dual refuse', async t => {
  const redis = await redisWith(t, aclOf('+@all'))
  const wrong = { ...user, password: new SecretValue('not-the-password') }
  const nowhere = 'redis://127.0.0.1:1'
  await t.rejects(start(t, redis.url, 'redis', wrong), { code: 'audit.redisUnreachable', message: /WRONGPASS/ })
  await t.rejects(start(t, nowhere, 'dual'), { code: 'audit.redisUnreachable', message: /ECONNREFUSED/ })
  const { trail, log } = await start(t, nowhere, 'spool')
  t.equal(trail.ready().ok, true)
  t.match(trail.ready().detail, /Redis/)
  t.match(log.lines.find(line => line['msg'] === 'audit.redisUnproven')?.['detail'], /ECONNREFUSED/)
})

t.test('durability redis without a Redis is refused', async t => {
  await t.rejects(openTrail(t, { config: { durability: 'redis' } }), { code: 'audit.redisUnreachable', message: /no audit.redis/ })
})

t.test('somebody answers for a Redis that does not tell, or is weaker: it is used, and log and trail say who and why, at every start', async t => {
  const attestation = { by: 'security officer', because: 'The contract promises it.' }
  const hidden = await redisWith(t, aclOf('+@all', '-config'))
  const weaker = await redisWith(t, ['CONFIG', 'SET', 'appendfsync', 'everysec'])
  for (const [redis, sentence] of [[{ url: hidden.url, ...user }, /forbids CONFIG GET/], [{ url: weaker.url }, /appendfsync everysec/]] as const) {
    const { trail, log, directory, key } = await openTrail(t, { config: { redis, durability: 'redis', redisAttestation: attestation } })
    await trail.record(admitted('recorded'))
    const details = log.lines.filter(line => line['msg'] === 'audit.redisUnproven').map(line => String(line['detail']))
    t.ok(details.some(detail => sentence.test(detail) && /used all the same: security officer answers for it .*The contract promises it\./.test(detail)), details.join('\n'))
    t.match((await readTrail(directory, key))[0], { kind: 'gateway.started', facts: { redisAttestedBy: 'security officer', redisAttestedBecause: 'The contract promises it.' } })
  }
})

t.test('a clock that is wrong on one side is said, and one that may not be asked', async t => {
  const redis = await redisWith(t, aclOf('+@all', '-time'))
  const detailsOf = (log: { readonly lines: ReadonlyArray<Record<string, unknown>> }) => log.lines.filter(line => line['msg'] === 'audit.redisUnproven').map(line => String(line['detail'])).join('\n')
  t.match(detailsOf((await start(t, redis.url, 'spool', user)).log), /\+time/)
  t.equal(detailsOf((await start(t, redis.url, 'spool')).log), '')
  for (const [offMs, words] of [[-60_000, /(?:59|60) seconds ahead of this machine's.*NTP/], [3_600_000, /360[01] seconds behind this machine's/]] as const) {
    const clock = createSystemClock()
    const { log } = await openTrail(t, { config: { redis: { url: redis.url } }, deps: { clock: { ...clock, now: () => clock.now() + offMs } } })
    t.match(detailsOf(log), words)
  }
})
