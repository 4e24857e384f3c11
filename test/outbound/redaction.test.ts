// Redaction in threads: what breaks or hangs is held and keeps nobody else waiting; other policies are put to work between two messages; a restart keeps the tokens.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createRedactionRoom, type PolicyOfDestination } from '../../src/outbound/redaction/redaction.ts'
import type { PolicyFile } from '../../src/phi/config.ts'
import { createLogger } from '../../src/shared/log.ts'
import { createMovableClock } from '../support/clock.ts'

const log = createLogger({ level: 'error', name: 'test', destination: { write () { /* nobody listens */ } } })
const base: PolicyFile = { name: 'p', version: 1, profile: 'safe-harbor', unknown: 'mask', deepest: 64, rules: [{ path: 'state', action: 'keep', oneOf: ['new'] }, { path: 'email', action: 'token', kind: 'email' }] }
const destinations: readonly PolicyOfDestination[] = [{ name: 'd', policy: base, kinds: [] }]
// A worker keeps no process alive.
const alive = setInterval(() => { /* stays until the tests are over */ }, 60_000)
t.teardown(() => { clearInterval(alive) })

function start (t: Test, { mostCpuMs = 5000, directory = mkdtempSync(join(tmpdir(), 'sallyport-redaction-')) } = {}) {
  const clock = createMovableClock()
  const room = createRedactionRoom(destinations, { clock, log, mostCpuMs, threads: 1, tokenKey: Buffer.alloc(32, 3), vaultFile: join(directory, 'tokens.sqlite') })
  t.teardown(async () => { await room.close(); rmSync(directory, { recursive: true, force: true }) })
  const redact = async (body: string, more: object = {}) => {
    const redacted = await room.redact({ destination: 'd', isLive: false, isApproved: false, type: 'application/json', body: Buffer.from(body), ...more })
    return redacted.held ?? redacted.body.toString()
  }
  return { room, clock, redact, directory }
}

t.test('many at once keep apart', async t => {
  const { redact } = start(t)
  const states = Array.from({ length: 50 }, (_, index) => index % 2 === 0 ? 'new' : `x${index}`)
  t.same(await Promise.all(states.map(state => redact(JSON.stringify({ state })))), states.map(state => JSON.stringify({ state: state === 'new' ? state : '[redacted]' })))
})

t.test('what cannot be judged is held', async t => {
  const { redact } = start(t)
  t.equal(await redact('{'), 'notJson')
  t.equal(await redact('x', { type: 'application/zip' }), 'unknownType')
  t.equal(await redact('{}', { destination: 'other' }), 'failed', 'nobody said what may leave')
})

t.test('a message beyond its processor time is held, and the next one passes', async t => {
  const { redact } = start(t, { mostCpuMs: 1 })
  t.equal(await redact(JSON.stringify(Array.from({ length: 200_000 }, () => ({ a: 'b' })))), 'tooLong')
  t.equal(await redact('{"state":"new"}'), '{"state":"new"}')
})

t.test('a thread that does not come back is ended, and its message held', async t => {
  const { redact, clock } = start(t)
  const asked = redact(JSON.stringify(Array.from({ length: 500_000 }, () => 'b')))
  await clock.advance(15_000)
  t.equal(await asked, 'tooLong')
  t.equal(await redact('{"state":"new"}'), '{"state":"new"}')
})

t.test('other policies', async t => {
  const { room, redact } = start(t)
  const before = redact('{"state":"new"}')
  room.use([{ name: 'd', policy: { ...base, rules: [] }, kinds: [] }])
  t.equal(await before, '{"state":"new"}', 'what is under way ends by the old ones')
  t.equal(await redact('{"state":"new"}'), '{"state":"[redacted]"}')
})

t.test('a random token is the same after a restart, and its file says nothing', async t => {
  const first = start(t)
  const body = '{"email":"zyxwina@patient.example"}'
  const token = await first.redact(body)
  t.match(token, /^\{"email":"email_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{11}"\}$/)
  await first.room.close()
  const again = start(t, { directory: first.directory })
  t.equal(await again.redact(body), token)
  t.not(await again.redact('{"email":"other@patient.example"}'), token)
  t.notOk(readFileSync(join(first.directory, 'tokens.sqlite'), 'latin1').includes('zyxwina'))
})
