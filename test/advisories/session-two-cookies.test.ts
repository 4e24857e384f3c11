// Known attack: a second cookie of the same name is planted beside the person's own (RFC 6265 section 8.6), and somebody acts in the wrong session.
import t from 'tap'
import { buildRoom, cookieOf, makePrincipal, navigates, outcomeOf, polls } from '../inbound/session/build-room.ts'

t.test('two live sessions are refused, whichever comes first, and both go on by themselves', async t => {
  const { room } = await buildRoom(t)
  const [one, two] = [await room.begin(makePrincipal()), await room.begin(makePrincipal({ id: 'nurse' }))].map(begun => cookieOf(begun.setCookie)) as [string, string]
  for (const signs of [polls, navigates]) {
    t.equal(await outcomeOf(room.require(`${one}; ${two}`, signs)), 'session.ambiguous')
    t.equal(await outcomeOf(room.require(`${two}; theme=dark; ${one}`, signs)), 'session.ambiguous')
  }
  t.equal((await room.require(one, navigates)).principal.id, 'front.desk')
  t.equal((await room.require(two, navigates)).principal.id, 'nurse')
})

t.test('of a live and a dead one the live one counts, in either order, and its clock moves', async t => {
  const { room } = await buildRoom(t)
  const dead = cookieOf((await room.begin(makePrincipal({ id: 'nurse' }))).setCookie)
  await room.endByCookie(dead, 'signedOut')
  const live = cookieOf((await room.begin(makePrincipal())).setCookie)
  t.equal((await room.require(`${dead}; ${live}`, navigates)).principal.id, 'front.desk')
  t.equal((await room.require(`${live}; ${dead}`, polls)).principal.id, 'front.desk')
})

t.test('two dead ones are refused', async t => {
  const { room } = await buildRoom(t)
  const cookies = [await room.begin(makePrincipal()), await room.begin(makePrincipal())].map(begun => cookieOf(begun.setCookie))
  for (const cookie of cookies) await room.endByCookie(cookie, 'signedOut')
  t.equal(await outcomeOf(room.require(cookies.join('; '), navigates)), 'session.ambiguous')
})

t.test('the same cookie twice, and one beside rubbish of our name, is one cookie', async t => {
  const { room } = await buildRoom(t)
  const cookie = cookieOf((await room.begin(makePrincipal())).setCookie)
  t.equal(await outcomeOf(room.require(`${cookie}; ${cookie}`, navigates)), 'live')
  t.equal(await outcomeOf(room.require(`__Host-sallyport=x; ${cookie}; __Host-sallyport=; __Host-sallyport=%ff`, navigates)), 'live')
  t.equal(await outcomeOf(room.require(`__Host-Sallyport=x; ${cookie.replace('__Host-', '__host-')}`, navigates)), 'session.missing', 'another spelling is another name')
})

t.test('a heap of sealed cookies is not looked up one by one', async t => {
  const { room } = await buildRoom(t)
  const cookies: string[] = []
  for (let count = 0; count < 6; count += 1) cookies.push(cookieOf((await room.begin(makePrincipal())).setCookie))
  for (const cookie of cookies.slice(1)) await room.endByCookie(cookie, 'signedOut')
  t.equal(await outcomeOf(room.require(cookies.join('; '), navigates)), 'session.ambiguous')
})

t.test('signing out ends every session whose cookie was sent', async t => {
  const { room, ended } = await buildRoom(t)
  const cookies = [await room.begin(makePrincipal()), await room.begin(makePrincipal({ id: 'nurse' }))].map(begun => cookieOf(begun.setCookie))
  t.ok((await room.endByCookie(cookies.join('; '), 'signedOut')).ended)
  t.equal(ended.length, 2)
  for (const cookie of cookies) t.equal(await outcomeOf(room.require(cookie, navigates)), 'session.ended')
})
