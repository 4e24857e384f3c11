// One form, one reading: duplicate fields, other spellings, and sizes are settled before anything is decoded.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { attribute, recipeFor, toBase64, writeAnswer } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

t.test('a field that comes twice, in any spelling, is refused and uses nothing up', async t => {
  const begun = await begin(bench)
  const message = encodeURIComponent(toBase64(await writeAnswer(recipeFor(begun.requestId, bench.clock.now()), { pair })))
  const good = `SAMLResponse=${message}&RelayState=${begun.relayState}`
  const bad = [
    `${good}&SAMLResponse=${message}`, `SAMLResponse=AAAA&${good}`, `${good}&%53AMLResponse=AAAA`, `${good}&SAML%52esponse=AAAA`, `${good}&RelayState=${begun.relayState}`, `${good}&Relay%53tate=x`,
    `${good}&x=1&x=2`, `${good}&SAMLRequest=AAAA`, `${good}&%`, `${good}&x=%ff`, `${good}&x=%C0%AE`, `RelayState=${begun.relayState}`, `SAMLResponse=${begun.relayState}.&RelayState=${begun.relayState}`,
    `SAMLResponse=&RelayState=${begun.relayState}`, `SAMLResponse=AAA&RelayState=${begun.relayState}`, `SAMLResponse=AA=A&RelayState=${begun.relayState}`, `SAMLResponse=A_-A&RelayState=${begun.relayState}`, 'SAMLResponse',
  ]
  for (const form of bad) t.equal(await codeOf(bench.room.consume(form, begun.cookie)), 'saml.formInvalid', form.slice(-60))
  t.equal(await codeOf(bench.room.consume(`submit=Continue&${good}`, begun.cookie)), 'accepted')
})

t.test('an answer over 256 KiB is refused, one under it is read', async t => {
  const sized = async (groups: number) => {
    const begun = await begin(bench)
    const values = Array.from({ length: groups }, (_, index) => `group-${String(index).padStart(60, '0')}`)
    return await codeOf(post(bench, begun, await writeAnswer(recipeFor(begun.requestId, bench.clock.now(), { attributes: attribute('groups', ...values) }), { pair })))
  }
  t.equal(await sized(1800), 'accepted')
  t.equal(await sized(4000), 'saml.tooLarge')
  t.equal(await codeOf(bench.room.consume('x'.repeat(600_000), undefined)), 'saml.tooLarge')
})

t.test('a small answer of many elements is bounded too', async t => {
  const begun = await begin(bench)
  const recipe = recipeFor(begun.requestId, bench.clock.now())
  const xml = (await writeAnswer(recipe, { pair })).replace('<samlp:Status>', `${'<a/>'.repeat(41_000)}<samlp:Status>`)
  t.equal(await codeOf(post(bench, begun, xml)), 'saml.xmlUnsafe')
})
