// Known default: what is known of the person travels in the cookie; 3.5 kB of groups make a 5 kB cookie, which browsers drop.
import t from 'tap'
import { buildRoom, cookieOf, makePrincipal, navigates } from '../inbound/session/build-room.ts'

t.test('the cookie has the same small size whoever signs in', async t => {
  const { room } = await buildRoom(t)
  const groups = Array.from({ length: 500 }, (_, at) => `department-with-a-long-name-${at}`)
  const small = await room.begin(makePrincipal({ groups: [] }))
  const large = await room.begin(makePrincipal({ groups, nameId: 'n'.repeat(1024) }))
  // Percent-encoding of base64 differs by a few characters from one seal to the next.
  t.ok(Math.abs(small.setCookie.length - large.setCookie.length) < 40)
  t.ok(large.setCookie.length < 350, `${large.setCookie.length} characters`)
  t.same((await room.require(cookieOf(large.setCookie), navigates)).principal.groups, groups)
})
