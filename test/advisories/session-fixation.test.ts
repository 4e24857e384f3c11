// Known attack: somebody gives a person a session id of his own, and waits until the person signs in with it.
import t from 'tap'
import { createSecretId } from '../../src/shared/ids.ts'
import { deriveKey } from '../../src/shared/keys.ts'
import { registerSessionCookies } from '../../src/inbound/session/session.ts'
import { buildRoom, cookieOf, makePrincipal, makeSecret, navigates, outcomeOf } from '../inbound/session/build-room.ts'

t.test('each sign-in has a new id, and the one before is worth nothing', async t => {
  const { room } = await buildRoom(t)
  const before = await room.begin(makePrincipal())
  await room.endByCookie(cookieOf(before.setCookie), 'replaced')
  const after = await room.begin(makePrincipal())
  t.not(after.session.key, before.session.key)
  t.equal(await outcomeOf(room.require(cookieOf(before.setCookie), navigates)), 'session.ended')
  t.equal(await outcomeOf(room.require(cookieOf(after.setCookie), navigates)), 'live')
})

t.test('an id that no sign-in gave is refused, although its seal is good', async t => {
  const secret = makeSecret()
  const { room } = await buildRoom(t, { secret })
  const cookies = await registerSessionCookies({ key: deriveKey(secret, 'session-cookie') })
  const planted = cookieOf(cookies.seal(createSecretId()))
  t.equal(await outcomeOf(room.require(planted, navigates)), 'session.ended')
  await room.begin(makePrincipal())
  t.equal(await outcomeOf(room.require(planted, navigates)), 'session.ended')
})
