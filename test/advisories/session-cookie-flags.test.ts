// Known default: a session cookie without Secure and Path, which goes out in clear and is sent to half the site only.
import t from 'tap'
import { buildRoom, makePrincipal } from '../inbound/session/build-room.ts'

function attributesOf (setCookie: string): string[] {
  return setCookie.split(';').slice(1).map(part => part.trim()).sort()
}

t.test('the cookie is __Host-, Secure, HttpOnly, SameSite=Lax, Path=/, without Domain and without a lifetime of its own', async t => {
  const { room } = await buildRoom(t)
  const { setCookie } = await room.begin(makePrincipal())
  t.match(setCookie, /^__Host-sallyport=[^;,\s"]+;/)
  t.same(attributesOf(setCookie), ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'])
  t.same(room.reservedCookieNames, ['__Host-sallyport'])
})

t.test('the cookie that removes it has the same attributes, or a browser would keep the first', async t => {
  const { room } = await buildRoom(t)
  t.equal(room.clearingCookies().length, 1)
  const [clearing] = room.clearingCookies() as [string]
  t.match(clearing, /^__Host-sallyport=;/)
  t.same(attributesOf(clearing), ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'Secure'])
})
