// Login CSRF: an attacker lets a victim's browser post the attacker's own good answer. The request is bound to the browser by the pre-sign-in cookie.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { recipeFor, writeAnswer } from '../support/saml-idp.ts'
import { begin, codeOf, cookiePair, openBench, post, type Begun } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())
const answer = (begun: Begun) => writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair })

t.test('an answer in a browser that did not begin is refused and does not use the attempt up', async t => {
  const begun = await begin(bench)
  const other = await begin(bench)
  const xml = await answer(begun)
  const forged = ['', '__Host-sallyport-signin=', `__Host-sallyport-signin=${randomBytes(120).toString('base64url')}`, `${begun.cookie.slice(0, -4)}AAAA`, begun.cookie.toLowerCase(), other.cookie]
  for (const cookie of forged) t.equal(await codeOf(post(bench, { ...begun, cookie }, xml)), 'saml.browserUnknown', cookie.slice(0, 40))
  t.equal(await codeOf(bench.room.consume('', undefined)), 'saml.formInvalid')
  t.equal(await codeOf(post(bench, { ...begun, cookie: `a=b; ${begun.cookie}; c=d` }, xml)), 'accepted')
})

t.test('two cookies of the name are refused, at the start too', async t => {
  const begun = await begin(bench)
  const twice = `${begun.cookie}; ${begun.cookie}`
  t.equal(await codeOf(post(bench, { ...begun, cookie: twice }, await answer(begun))), 'saml.cookieAmbiguous')
  t.equal(await codeOf(bench.room.start(undefined, twice)), 'saml.cookieAmbiguous')
})

t.test('a cookie sealed with another key is none', async t => {
  const elsewhere = await openBench({ idpPairs: [pair], store: bench.store, clock: bench.clock })
  t.teardown(() => elsewhere.stop())
  const begun = await begin(bench)
  t.equal(await codeOf(post(elsewhere, begun, await answer(begun))), 'saml.browserUnknown')
})

t.test('the cookie ends by itself, whatever the browser does', async t => {
  const begun = await begin(bench)
  await bench.clock.advance(300_000)
  const renewed = await begin(bench, { cookie: begun.cookie })
  await bench.clock.advance(300_001)
  t.equal(await codeOf(post(bench, { ...renewed, cookie: begun.cookie }, await answer(renewed))), 'saml.browserUnknown')
  t.equal(await codeOf(post(bench, renewed, await answer(renewed))), 'accepted', 'a later sign-in of the browser renewed it')
})

t.test('several tabs sign in at once, in any order, and the last one clears the cookie', async t => {
  const first = await begin(bench, { returnTo: '/a' })
  const second = await begin(bench, { returnTo: '/b', cookie: first.cookie })
  const third = await begin(bench, { returnTo: '/c', cookie: second.cookie })
  let cookie = third.cookie
  for (const [begun, place, left] of [[third, '/c', true], [first, '/a', true], [second, '/b', false]] as const) {
    const { returnTo, setCookie } = await post(bench, { ...begun, cookie }, await answer(begun))
    t.equal(returnTo, place)
    cookie = cookiePair(setCookie)
    t.equal(cookie !== '__Host-sallyport-signin=', left)
  }
})
