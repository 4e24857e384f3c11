// Known default: a timer that any request resets never fires, because the CRM's own page asks for news every few seconds.
import t from 'tap'
import type { ActivitySigns } from '../../src/inbound/session/session.ts'
import { createMovableClock } from '../support/clock.ts'
import { buildRoom, cookieOf, makePrincipal, minute, navigates, outcomeOf, polls, posts } from '../inbound/session/build-room.ts'

const ways: ReadonlyArray<readonly [string, ActivitySigns]> = [
  ['a script that fetches', polls],
  ['a WebSocket that reconnects', { ...polls, foldedPath: '/socket', fetchMode: 'websocket', fetchDest: 'websocket' }],
  ['an image that is loaded again', { ...polls, foldedPath: '/pixel.gif', fetchMode: 'no-cors', fetchDest: 'image' }],
  ['a frame that reloads itself', { ...polls, foldedPath: '/frame', fetchMode: 'navigate', fetchDest: 'iframe' }],
  ['a page that is loaded ahead of the person', { ...polls, foldedPath: '/leads', fetchMode: 'navigate', fetchDest: 'document', purpose: 'prefetch;prerender' }],
  ['a listed route that posts', { ...posts, foldedPath: '/api/v1/presence' }],
  ['a listed route that looks like a click', { ...navigates, foldedPath: '/board/live' }],
  ['a HEAD of a listed GET', { ...navigates, method: 'HEAD', foldedPath: '/board/live' }],
]

for (const [what, signs] of ways) {
  t.test(`${what} every five seconds ends at 15:00`, async t => {
    const clock = createMovableClock()
    const { room, ended } = await buildRoom(t, { clock, config: { background: ['POST /api/v1/presence'] }, background: ['GET /board/*'] })
    const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
    for (let seconds = 5; seconds < 15 * 60; seconds += 5) {
      clock.step(5000)
      t.equal(await outcomeOf(room.require(cookie, signs)), 'live')
    }
    clock.step(4999)
    t.equal(await outcomeOf(room.require(cookie, signs)), 'live', 'at 14:59.999')
    clock.step(1)
    t.equal(await outcomeOf(room.require(cookie, signs)), 'session.idle')
    t.match(ended, [{ cause: 'idle' }])
  })
}

t.test('where scripts ask only when a person did something, the operator can say so, and lists what polls', async t => {
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { clock, config: { unlistedFetches: 'activity', background: ['GET /api/notifications'] } })
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  clock.step(14 * minute)
  t.equal(await outcomeOf(room.require(cookie, { ...polls, foldedPath: '/api/leads' })), 'live')
  clock.step(14 * minute)
  t.equal(await outcomeOf(room.require(cookie, polls)), 'live', 'the fetch counted')
  clock.step(minute)
  t.equal(await outcomeOf(room.require(cookie, polls)), 'session.idle', 'the listed one did not')
})

t.test('with nobody asking, the end is on record within a second all the same', async t => {
  const clock = createMovableClock()
  const { room, ended } = await buildRoom(t, { clock })
  const { session } = await room.begin(makePrincipal())
  await clock.advance(15 * minute - 1)
  t.same(ended, [])
  await clock.advance(1000)
  t.match(ended, [{ session: { key: session.key }, cause: 'idle' }])
})

t.test('a person at work keeps it, and the clock counts from the last doing', async t => {
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { clock })
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  for (const signs of [navigates, posts, { ...polls, fetchUser: '?1' }, { ...posts, method: 'PROPPATCH' }]) {
    clock.step(15 * minute - 1)
    t.equal(await outcomeOf(room.require(cookie, polls)), 'live')
    t.equal(await outcomeOf(room.require(cookie, signs)), 'live')
  }
  clock.step(15 * minute)
  t.equal(await outcomeOf(room.require(cookie, navigates)), 'session.idle', 'coming back after it is too late')
})
