// node-saml signs with SHA-1 by default and accepts it. Here SHA-1 is refused in signature and digest, HMAC with the public certificate as its
// secret is refused, and so are weak ways of encrypting.
import { createHmac } from 'node:crypto'
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { algorithms, recipeFor, signXml, writeAssertion, writeLogoutRequest, writeQuery, instant, writeResponse } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, ownKey, post, readSent, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const ours = await createKeyPair('crm.example')
const bench = await openBench({ idpPairs: [pair], config: directory => ({ decryption: [ownKey(ours, directory, 'own')], signing: ownKey(ours, directory, 'own') }) })
t.teardown(() => bench.stop())

t.test('SHA-1 is refused, in the open and encrypted', async t => {
  const weak = [{ signature: algorithms.rsaSha1 }, { digest: algorithms.sha1 }, { signature: algorithms.rsaSha1, digest: algorithms.sha1 }]
  for (const algorithm of weak) {
    for (const sign of [['assertion'], ['response'], ['assertion', 'response']] as const) t.equal(await codeOf(signIn(bench, {}, { algorithm, sign })), 'saml.algorithmWeak')
    t.equal(await codeOf(signIn(bench, {}, { algorithm, encryptFor: ours.certificatePem })), 'saml.algorithmWeak')
  }
  t.equal(await codeOf(signIn(bench, {}, { algorithm: { signature: algorithms.rsaSha512, digest: algorithms.sha512 } })), 'accepted')
})

t.test('HMAC keyed with the public certificate is refused', async t => {
  for (const method of ['http://www.w3.org/2000/09/xmldsig#hmac-sha1', 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256']) {
    const begun = await begin(bench)
    const recipe = recipeFor(begun.requestId, bench.clock.now(), { nameId: 'administrator' })
    const signed = signXml(writeAssertion(recipe), pair).replace(algorithms.rsaSha256, method)
    const info = (/<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(signed)?.[0] ?? '').replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')
    const value = createHmac(method.endsWith('sha1') ? 'sha1' : 'sha256', pair.certificatePem).update(info).digest('base64')
    const forged = signed.replace(/<ds:SignatureValue>[^<]*</, `<ds:SignatureValue>${value}<`)
    t.equal(await codeOf(post(bench, begun, writeResponse(recipe, forged))), 'saml.algorithmWeak', method)
  }
})

t.test('RSA PKCS#1 v1.5 key transport and 3DES are refused', async t => {
  const weak = [{ key: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' }, { content: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' }] as const
  for (const encryption of weak) {
    for (const sign of [['assertion'], ['response']] as const) t.equal(await codeOf(signIn(bench, {}, { sign, encryptFor: ours.certificatePem, encryption })), 'saml.algorithmWeak')
  }
})

t.test('SHA-1 on the Redirect binding is refused; what we sign is SHA-256', async t => {
  const xml = writeLogoutRequest({ issueInstant: instant(bench.clock.now()) })
  const query = writeQuery('SAMLRequest', xml, { pair, algorithm: algorithms.rsaSha1, hash: 'sha1' })
  t.equal(await codeOf(bench.room.logout({ query, form: undefined }, async () => 1)), 'saml.logoutUnsigned')
  t.match(readSent(await bench.room.start(undefined)).query, `SigAlg=${encodeURIComponent(algorithms.rsaSha256)}`)
})
