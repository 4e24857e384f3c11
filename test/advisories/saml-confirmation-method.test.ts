// node-saml accepts a sender-vouches assertion as if it were bearer. Exactly one confirmation, and only bearer.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { acsUrl, recipeFor, signXml, writeAssertion, writeResponse } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, post, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

t.test('only bearer', async t => {
  for (const method of ['urn:oasis:names:tc:SAML:2.0:cm:sender-vouches', 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key', '', 'urn:oasis:names:tc:SAML:2.0:cm:bearer ']) {
    t.equal(await codeOf(signIn(bench, { method })), 'saml.confirmation', method)
  }
})

/** Signs an assertion whose text was changed before. */
async function postChanged (change: (assertion: string) => string): Promise<string> {
  const begun = await begin(bench)
  const recipe = recipeFor(begun.requestId, bench.clock.now())
  return await codeOf(post(bench, begun, writeResponse(recipe, signXml(change(writeAssertion(recipe)), pair))))
}

t.test('no confirmation, two of them, or one without data', async t => {
  const whole = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/
  t.equal(await postChanged(assertion => assertion.replace(whole, '')), 'saml.confirmation')
  t.equal(await postChanged(assertion => assertion.replace(whole, found => found + found)), 'saml.confirmation')
  t.equal(await postChanged(assertion => assertion.replace(/<saml:SubjectConfirmationData [^>]*>/, '')), 'saml.confirmation')
})

t.test('no subject, no NameID, an encrypted or a second one', async t => {
  const nameId = /<saml:NameID.*<\/saml:NameID>/
  t.equal(await postChanged(assertion => assertion.replace(/<saml:Subject>.*<\/saml:Subject>/, '')), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace(nameId, '')), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace(nameId, found => found + found)), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace(nameId, '<saml:EncryptedID/>')), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace('person-1', 'person<saml:b/>-1')), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace('person-1', ' ')), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace('person-1', 'person&#10;X-Forwarded-User: administrator')), 'saml.subject')
  t.equal(await postChanged(assertion => assertion.replace(`Recipient="${acsUrl}"`, `Recipient="${acsUrl}" Address="192.0.2.1"`)), 'accepted')
})
