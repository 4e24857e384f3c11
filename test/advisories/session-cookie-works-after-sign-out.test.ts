// Known default: a sealed cookie opens for as long as its key lives, so signing out by removing it from the browser ends nothing.
import t from 'tap'
import { deriveKey } from '../../src/shared/keys.ts'
import { registerSessionCookies } from '../../src/inbound/session/session.ts'
import { buildRoom, cookieOf, makePrincipal, makeSecret, navigates, outcomeOf, polls } from '../inbound/session/build-room.ts'

t.test('the old cookie still opens, and is refused all the same', async t => {
  const secret = makeSecret()
  const { room, ended } = await buildRoom(t, { secret })
  const { session, setCookie } = await room.begin(makePrincipal())
  const cookie = cookieOf(setCookie)
  t.equal(await outcomeOf(room.require(cookie, polls)), 'live')
  const out = await room.endByCookie(cookie, 'signedOut')
  t.equal(out.ended?.key, session.key)
  const cookies = await registerSessionCookies({ key: deriveKey(secret, 'session-cookie') })
  t.equal(cookies.open(cookie).length, 1, 'the seal alone would let it in')
  for (const signs of [polls, navigates]) t.equal(await outcomeOf(room.require(cookie, signs)), 'session.ended')
  t.match(ended, [{ session: { key: session.key }, cause: 'signedOut' }])
  t.equal((await room.endByCookie(cookie, 'signedOut')).ended, undefined, 'there is nothing left to end')
  t.equal(ended.length, 1)
})
