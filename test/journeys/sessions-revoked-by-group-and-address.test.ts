import { once } from 'node:events'
import t, { type Test } from 'tap'
import type WebSocket from 'ws'
import { listSessions } from '../../src/operations/list-sessions.ts'
import { revokeSessions, type Whose } from '../../src/operations/revoke-sessions.ts'
import type { Browser } from '../support/browser.ts'
import { until } from '../inbound/session/build-room.ts'
import { frontDesk, nurse, startJourney, type Journey } from '../support/journey.ts'
import { startRedis } from '../support/redis.ts'

const office = '127.0.0.1'
const guests = '127.0.1.9'

async function startTwo (t: Test): Promise<readonly [Journey, Journey]> {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const configure = (draft: Record<string, Record<string, unknown>>) => {
    draft['clientIp'] = { allow: ['127.0.0.0/16'] }
    draft['session'] = { ...draft['session'], store: { kind: 'redis', redis: { url: redis.url } } }
  }
  const first = await startJourney(t, { configure })
  return [first, await startJourney(t, { configure, beside: first })]
}

interface Person { readonly browser: Browser, readonly socket: WebSocket, readonly closed: Promise<unknown[]> }

async function signIn (journey: Journey, person: typeof nurse, from: string): Promise<Person> {
  const browser = journey.browser(from)
  await journey.signIn(browser, { person })
  const socket = journey.webSocket(browser, {}, from)
  await once(socket, 'open')
  return { browser, socket, closed: once(socket, 'close') }
}

const cases: ReadonlyArray<readonly [what: string, whose: Whose, isMeant: (person: typeof nurse, from: string) => boolean]> = [
  ['a group', { group: 'clinic-desk' }, person => person === frontDesk],
  ['an address', { address: guests }, (_person, from) => from === guests],
  ['a network', { address: '127.0.1.0/24' }, (_person, from) => from === guests],
  ['a person at an address', { person: nurse.id, address: office }, (person, from) => person === nurse && from === office],
  ['everybody', { everybody: true }, () => true],
]

t.test('revoked from the command line by group, address, network or all: out on both gateways within a second, and nobody else is', async t => {
  const [first, second] = await startTwo(t)
  let reported = 0
  for (const { gateway } of [first, second]) gateway.rooms.session.onEnded(() => { reported += 1 })
  for (const [what, whose, isMeant] of cases) {
    const people: (Person & { readonly journey: Journey, readonly meant: boolean })[] = []
    for (const journey of [first, second]) {
      for (const [person, from] of [[nurse, office], [frontDesk, office], [nurse, guests], [frontDesk, guests]] as const) {
        people.push({ ...await signIn(journey, person, from), journey, meant: isMeant(person, from) })
      }
    }
    t.equal((await listSessions({ configFile: second.configFile, filter: {}, reason: undefined })).sessions.length, 8, what)
    const meant = people.filter(each => each.meant)
    const { ended } = await revokeSessions({ configFile: second.configFile, whose, reason: 'drill' })
    t.equal(ended, meant.length, what)
    // A message between gateways can be lost: they also ask, and a second is enough for that.
    await first.clock.advance(1000)
    for (const [code] of await Promise.all(meant.map(({ closed }) => closed))) t.equal(code, 4401, what)
    const before = first.crm.seen().length
    for (const { browser, journey } of meant) t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 401, what)
    t.equal(first.crm.seen().length, before, 'and the CRM saw nothing of it')
    const others = people.filter(each => !each.meant)
    for (const { browser, socket, journey } of others) {
      t.equal((await browser.fetch(`${journey.url}/api/leads`)).status, 200, `${what}: others work on`)
      t.equal(socket.readyState, socket.OPEN)
      socket.terminate()
    }
    await revokeSessions({ configFile: first.configFile, whose: { everybody: true }, reason: undefined })
  }
  // The command line only ends them: a gateway takes over what nobody reported within three seconds.
  await until(async () => { await first.clock.advance(500); return reported >= cases.length * 8 }, 'the reports')
  const ended = [...await first.trail(), ...await second.trail()].filter(event => event.kind === 'session.ended')
  t.equal(ended.length, cases.length * 8, 'each end is on record once in the cluster')
  t.ok(ended.every(event => event.facts?.['cause'] === 'revoked'))
})
