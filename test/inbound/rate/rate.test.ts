// Limits of requests within a minute: who is counted, what is said, and that gateways count together without waiting for each other.
import t from 'tap'
import { randomBytes } from 'node:crypto'
import { createRateRoom } from '../../../src/inbound/rate/rate.ts'
import { createWindow } from '../../../src/inbound/rate/window.ts'
import { Denial } from '../../../src/shared/errors.ts'
import { createMovableClock, type MovableClock } from '../../support/clock.ts'
import { startJourney } from '../../support/journey.ts'
import { startRedis } from '../../support/redis.ts'
import { createRedisReader } from '../session/read-redis.ts'

const key = randomBytes(32)
const build = (clock: MovableClock, redis?: { readonly url: string }) => createRateRoom({ address: { read: 3 }, person: { write: 2 } }, { clock, key, gateway: 'clinic', redis })

/** How many of `tries` pass, and what the first refusal says. */
function pass (tries: number, ask: () => void): { readonly passed: number, readonly denial: Denial | undefined } {
  let passed = 0
  let denial: Denial | undefined
  for (let at = 0; at < tries; at += 1) {
    try {
      ask()
      passed += 1
    } catch (error) {
      denial ??= error as Denial
    }
  }
  return { passed, denial }
}

t.test('beyond the limit it is refused until the minute ends; others, other classes and the next minute are free', async t => {
  const clock = createMovableClock(90_000)
  const room = build(clock)
  const { passed, denial } = pass(5, () => { room.requireAddress('203.0.113.7', 'read') })
  t.equal(passed, 3)
  t.match(denial, { code: 'rate.address', retryAfterSeconds: 30 })
  t.equal(denial?.reason.status, 429)
  t.equal(pass(3, () => { room.requireAddress('203.0.113.8', 'read') }).passed, 3)
  t.equal(pass(9, () => { room.requireAddress('203.0.113.7', 'write') }).passed, 9, 'no limit was set for this class')
  t.equal(pass(9, () => { room.requirePerson('nurse-7', 'write') }).passed, 2)
  await clock.advance(30_000)
  t.equal(pass(5, () => { room.requireAddress('203.0.113.7', 'read') }).passed, 3)
})

t.test('a network of IPv6 is one address, also where its own zeros are left out', async t => {
  const room = build(createMovableClock(0))
  let last = 0
  t.equal(pass(9, () => { room.requireAddress(`2001:db8::${(last += 1).toString(16)}`, 'read') }).passed, 3)
  t.equal(pass(3, () => { room.requireAddress('2001:db8:0:1::7', 'read') }).passed, 3, 'another network')
  t.equal(pass(3, () => { room.requireAddress('::1', 'read') }).passed, 3)
})

t.test('a network of IPv6 is one address', async t => {
  const room = build(createMovableClock(0))
  let last = 0
  t.equal(pass(9, () => { room.requireAddress(`2001:db8:7:1::${(last += 1).toString(16)}`, 'read') }).passed, 3)
})

t.test('without the section nobody is counted', async t => {
  const room = createRateRoom(undefined, { clock: createMovableClock(0), key, gateway: 'clinic', redis: undefined })
  t.equal(pass(10_000, () => { room.requireAddress('203.0.113.7', 'read'); room.requirePerson('nurse-7', 'write') }).passed, 10_000)
})

t.test('its memory is bounded: beyond it strangers are counted together, those who were there keep theirs', async t => {
  const window = createWindow()
  for (let at = 0; at < 20_000; at += 1) window.add(`n${at}`, 0)
  t.equal(window.add('late-1', 0), 1)
  t.equal(window.add('late-2', 0), 2)
  t.equal(window.add('n7', 0), 2)
})

t.test('two gateways on one Redis count together within a second; Redis learns no address; without it each goes on alone', async t => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const reader = await createRedisReader(redis.url)
  t.teardown(() => reader.close())
  const clock = createMovableClock(600_000)
  const rooms = [build(clock, redis), build(clock, redis)] as const
  t.teardown(() => { for (const room of rooms) room.close() })
  const ask = (at: 0 | 1) => pass(1, () => { rooms[at].requireAddress('203.0.113.7', 'read') }).passed
  t.equal(ask(0) + ask(1), 2)
  const keyName = 'sallyport:{clinic}:rate:10'
  const sum = async () => Number(((await reader.call('HVALS', keyName)) as string[])[0] ?? 0)
  for (let tries = 0; tries < 500 && await sum() < 2; tries += 1) {
    ask(0); ask(1)
    await clock.advance(500)
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
  for (let tries = 0; tries < 500 && ask(0) + ask(1) > 0; tries += 1) { await clock.advance(500); await new Promise(resolve => { setTimeout(resolve, 10) }) }
  t.equal(ask(0) + ask(1), 0, 'each knows of the other')
  const fields = await reader.call('HKEYS', keyName) as string[]
  t.ok(fields.length === 1 && fields.every(field => /^[\w-]{22}$/.test(field)), String(fields))
  t.ok(Number(await reader.call('PTTL', keyName)) > 0, 'and it goes by itself')
  await redis.cut()
  await clock.advance(60_000)
  t.equal(pass(9, () => { rooms[0].requireAddress('203.0.113.7', 'read') }).passed, 3)
})

t.test('through the gateway: 429 with Retry-After, the CRM sees nothing, and a flood is few records whose counts add up', async t => {
  const rates = { person: { read: 40 }, address: { write: 2 } }
  const journey = await startJourney(t, { configure (draft) { draft['listeners'] = { ...draft['listeners'], public: { ...draft['listeners']?.['public'] as object, rates } } } })
  const browser = journey.browser()
  await journey.signIn(browser)
  const statuses: number[] = []
  for (let at = 0; at < 90; at += 1) statuses.push((await browser.fetch(`${journey.url}/api/leads`)).status)
  const refused = statuses.filter(status => status === 429).length
  t.ok(refused >= 50, `${refused} refused`)
  t.equal(statuses[0], 200)
  const answer = await browser.fetch(`${journey.url}/api/leads`)
  t.equal(answer.status, 429)
  t.ok(Number(answer.headers['retry-after']) >= 1 && Number(answer.headers['retry-after']) <= 60, String(answer.headers['retry-after']))
  // The address is counted before anybody is known.
  const strangers = await Promise.all([1, 2, 3].map(async () => (await journey.browser().fetch(`${journey.url}/api/leads`, { method: 'POST' })).status))
  t.same(strangers.sort(), [401, 401, 429])
  await journey.clock.advance(2000)
  const denied = (await journey.trail()).filter(event => event.kind === 'request.denied' && event.decision?.reason === 'rate.person')
  t.ok(denied.length < refused, `${denied.length} records`)
  t.equal(denied.reduce((sum, event) => sum + (event.count ?? 1), 0), refused + 1)
})
