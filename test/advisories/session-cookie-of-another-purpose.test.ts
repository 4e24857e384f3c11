// Known default: cookies of two purposes under one key can be put in each other's place.
import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import t from 'tap'
import { createSecretId } from '../../src/shared/ids.ts'
import { deriveKey } from '../../src/shared/keys.ts'
import { registerSessionCookies } from '../../src/inbound/session/session.ts'
import { buildRoom, cookieOf, makePrincipal, makeSecret, navigates, outcomeOf } from '../inbound/session/build-room.ts'

t.test('a cookie sealed for another purpose does not open', async t => {
  const secret = makeSecret()
  const { room } = await buildRoom(t, { secret })
  const other = await registerSessionCookies({ key: deriveKey(secret, 'sign-in-cookie') })
  t.equal(await outcomeOf(room.require(cookieOf(other.seal(createSecretId())), navigates)), 'session.missing')
})

t.test('even the id of a live session is nothing under the key of another purpose, or of another secret', async t => {
  const secret = makeSecret()
  const { room } = await buildRoom(t, { secret })
  const { setCookie } = await room.begin(makePrincipal())
  const mine = await registerSessionCookies({ key: deriveKey(secret, 'session-cookie') })
  const [id] = mine.open(cookieOf(setCookie))
  t.ok(id)
  for (const key of [deriveKey(secret, 'sign-in-cookie'), deriveKey(makeSecret(), 'session-cookie')]) {
    const other = await registerSessionCookies({ key })
    t.equal(await outcomeOf(room.require(cookieOf(other.seal(id as string)), navigates)), 'session.missing')
    t.same(other.open(cookieOf(setCookie)), [], 'nor does ours open there')
  }
})

t.test('something else that was sealed under our own key is not an id', async t => {
  const key = deriveKey(makeSecret(), 'session-cookie')
  const cookies = await registerSessionCookies({ key })
  const app = Fastify()
  await app.register(secureSession, { key, sessionName: 'session', cookieName: 'session' })
  t.teardown(() => app.close())
  await app.ready()
  for (const data of [{}, { id: 7 }, { id: 'short' }, { id: { toString: 'x' } }, { user: 'someone' }]) {
    const sealed = encodeURIComponent(app.encodeSecureSession(app.createSecureSession(data), 'session'))
    t.same(cookies.open(`__Host-sallyport=${sealed}`), [])
  }
})
