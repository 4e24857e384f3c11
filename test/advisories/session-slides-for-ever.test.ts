// Known default: every touch starts the cookie's lifetime anew, so that a session which is used never ends.
import t from 'tap'
import { createMovableClock } from '../support/clock.ts'
import { buildRoom, cookieOf, makePrincipal, minute, navigates, outcomeOf } from '../inbound/session/build-room.ts'

t.test('a person who never stops is signed out at the absolute end', async t => {
  const clock = createMovableClock()
  const { room, ended } = await buildRoom(t, { clock })
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  for (let minutes = 10; minutes < 12 * 60; minutes += 10) {
    clock.step(10 * minute)
    t.equal(await outcomeOf(room.require(cookie, navigates)), 'live', `after ${minutes} minutes`)
  }
  clock.step(10 * minute - 1)
  t.equal(await outcomeOf(room.require(cookie, navigates)), 'live', 'at 11:59:59.999')
  clock.step(1)
  t.equal(await outcomeOf(room.require(cookie, navigates)), 'session.absolute')
  t.match(ended, [{ cause: 'absolute' }])
})

t.test('the identity provider may end it earlier', async t => {
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { clock })
  const notAfter = clock.now() + 20 * minute
  const { session, setCookie } = await room.begin(makePrincipal({ notAfter }))
  t.equal(session.endsAt, notAfter)
  clock.step(14 * minute)
  t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), 'live')
  clock.step(6 * minute)
  t.equal(await outcomeOf(room.require(cookieOf(setCookie), navigates)), 'session.absolute')
})

t.test('a sign-in that is over before it begins gives no session', async t => {
  const clock = createMovableClock()
  const { room } = await buildRoom(t, { clock })
  t.equal(await outcomeOf(room.begin(makePrincipal({ notAfter: clock.now() }))), 'session.absolute')
  t.equal(await room.count(), 0)
})
