// node-saml accepts any Issuer, even with idpIssuer set. Ours must be the configured IdP, in the envelope and in the signed assertion.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { urls } from '../support/saml-idp.ts'
import { codeOf, openBench, signIn } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

t.test('the assertion\'s issuer must be the IdP', async t => {
  for (const issuer of ['https://evil.example', '', `${urls.idp}/`, urls.idp.toUpperCase()]) {
    t.equal(await codeOf(signIn(bench, { issuer })), 'saml.issuer', issuer)
    t.equal(await codeOf(signIn(bench, { issuer }, { sign: ['response'] })), 'saml.issuer', issuer)
  }
  t.equal(await codeOf(signIn(bench, { issuer: undefined }, { sign: ['response'] })), 'saml.issuer')
})

t.test('the response\'s issuer, where there is one, must be the IdP; where the response is signed there must be one', async t => {
  t.equal(await codeOf(signIn(bench, { responseIssuer: 'https://evil.example' })), 'saml.issuer')
  t.equal(await codeOf(signIn(bench, { responseIssuer: undefined })), 'accepted')
  const second = '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://evil.example</saml:Issuer>'
  t.equal(await codeOf(signIn(bench, { responseExtra: second })), 'saml.issuer')
})

t.test('an issuer of another kind, or a second one, is refused', async t => {
  t.equal(await codeOf(signIn(bench, { assertionExtra: `<saml:Issuer>${urls.idp}</saml:Issuer>` })), 'saml.issuer')
})
