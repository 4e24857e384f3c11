// A comment in a NameID cuts it short for some readers (`admin<!-- -->@evil`), one in a DigestValue hides the real digest. Canonicalisation drops
// comments, so the signature stays valid: they are refused before that.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { encryptAssertion, recipeFor, signXml, writeAssertion, writeResponse } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, ownKey, post } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const ours = await createKeyPair('crm.example')
const bench = await openBench({ idpPairs: [pair], config: directory => ({ decryption: [ownKey(ours, directory, 'own')] }) })
t.teardown(() => bench.stop())

const inserts: Record<string, (assertion: string) => string> = {
  'in the NameID': assertion => assertion.replace('administrator.evil', 'administrator<!-- -->.evil'),
  'in an attribute': assertion => assertion.replace('front-desk', 'front<!-- -->-desk'),
  'in the DigestValue': assertion => assertion.replace(/<ds:DigestValue>/, '<ds:DigestValue><!--AAAA-->'),
  'in the SignatureValue': assertion => assertion.replace(/<ds:SignatureValue>/, '<ds:SignatureValue><!--AAAA-->'),
  'in the Audience': assertion => assertion.replace('<saml:Audience>', '<saml:Audience><!-- -->'),
}

for (const [name, insert] of Object.entries(inserts)) {
  t.test(`a comment ${name}`, async t => {
    const begun = await begin(bench)
    const recipe = recipeFor(begun.requestId, bench.clock.now(), { nameId: 'administrator.evil' })
    const changed = insert(signXml(writeAssertion(recipe), pair))
    t.match(changed, '<!--')
    t.equal(await codeOf(post(bench, begun, writeResponse(recipe, changed))), 'saml.xmlUnsafe')
    const again = await begin(bench)
    const hidden = insert(signXml(writeAssertion(recipeFor(again.requestId, bench.clock.now(), { nameId: 'administrator.evil' })), pair))
    const response = writeResponse(recipeFor(again.requestId, bench.clock.now()), await encryptAssertion(hidden, ours.certificatePem))
    t.equal(await codeOf(post(bench, again, response)), 'saml.notVerified', 'encrypted')
  })
}

t.test('a digest or signature of two texts is refused', async t => {
  const begun = await begin(bench)
  const recipe = recipeFor(begun.requestId, bench.clock.now())
  const doubled = signXml(writeAssertion(recipe), pair).replace(/(<ds:DigestValue>[^<]*<\/ds:DigestValue>)/, '$1$1')
  t.equal(await codeOf(post(bench, begun, writeResponse(recipe, doubled))), 'saml.structure')
})
