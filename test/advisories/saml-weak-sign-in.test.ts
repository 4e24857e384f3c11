// node-saml asks for a kind of sign-in and then accepts any. A weaker one, or one that is too old, is refused, and the next attempt asks anew.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { instant, recipeFor, writeAnswer } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post, readSent, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const mfa = 'https://refeds.org/profile/mfa'

t.test('a weaker AuthnContext than configured is refused', async t => {
  const bench = await openBench({ idpPairs: [pair], config: () => ({ authnContext: [mfa] }) })
  t.teardown(() => bench.stop())
  for (const authnContext of ['urn:oasis:names:tc:SAML:2.0:ac:classes:Password', '', `${mfa}/not`]) t.equal(await codeOf(signIn(bench, { authnContext })), 'saml.authnContext', authnContext)
  t.equal((await signIn(bench, { authnContext: mfa })).principal.authnContext, mfa)
})

t.test('a sign-in at the IdP that is older than allowed is refused, and the next request of that browser asks for a fresh one', async t => {
  const bench = await openBench({ idpPairs: [pair], config: () => ({ maxAuthenticationAge: '1h' }) })
  t.teardown(() => bench.stop())
  const ago = (ms: number) => ({ authnInstant: instant(bench.clock.now() - ms) })
  t.equal(await codeOf(signIn(bench, ago(3_660_000))), 'accepted', 'one hour and the skew')
  const begun = await begin(bench)
  const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now(), ago(3_660_001)), { pair })
  t.equal(await codeOf(post(bench, begun, xml)), 'saml.authenticationTooOld')
  const forced = async (cookie: string | undefined) => readSent(await bench.room.start(undefined, cookie)).xml.includes('ForceAuthn="true"')
  t.equal(await forced(undefined), false, 'another browser is not asked')
  t.equal(await forced(begun.cookie), true)
  t.equal(await forced(begun.cookie), false, 'only once')
})

t.test('a session that the IdP says is over is refused', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  t.equal(await codeOf(signIn(bench, { sessionNotOnOrAfter: instant(bench.clock.now() - 60_000) })), 'saml.sessionExpired')
  t.equal(await codeOf(signIn(bench, { sessionNotOnOrAfter: instant(bench.clock.now() - 59_999) })), 'accepted')
  t.equal(await codeOf(signIn(bench, { sessionNotOnOrAfter: 'tomorrow' })), 'saml.timeInvalid')
})
