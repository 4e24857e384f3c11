// With a required signature, node-saml could be given `%53AMLRequest=<forged>` beside a validly signed SAMLResponse: one reader decodes names, the
// other looks for them as written. Names are taken as written, each once, and exactly one message.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { instant, toBase64, writeForm, writeLogoutRequest, writeLogoutResponse, writeQuery } from '../support/saml-idp.ts'
import { codeOf, openBench } from '../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const bench = await openBench({ idpPairs: [pair] })
t.teardown(() => bench.stop())

let ended = 0
const logout = (query: string) => codeOf(bench.room.logout({ query, form: undefined }, async () => { ended++; return 1 }))
const now = () => instant(bench.clock.now())
const forged = writeQuery('SAMLRequest', writeLogoutRequest({ issueInstant: now(), nameId: 'somebody-else' }))
const signedResponse = writeQuery('SAMLResponse', writeLogoutResponse({ issueInstant: now(), inResponseTo: '_x' }), { pair })
const signedRequest = () => writeQuery('SAMLRequest', writeLogoutRequest({ issueInstant: now() }), { pair, relayState: 'theirs' })

t.test('a forged message beside a signed one, in any spelling', async t => {
  for (const name of ['%53AMLRequest', 'SAML%52equest', 'SAMLRequest', 'samlrequest', 'SAMLRequest%20', 'xSAMLRequest', ' SAMLRequest']) {
    const other = forged.replace('SAMLRequest', name)
    t.equal(await logout(`${other}&${signedResponse}`), 'saml.logoutInvalid', `${name} before`)
    t.equal(await logout(`${signedResponse}&${other}`), 'saml.logoutInvalid', `${name} behind`)
  }
  t.equal(ended, 0)
})

t.test('a token that comes twice, or that nobody knows', async t => {
  for (const extra of ['RelayState=x', 'SigAlg=x', 'Signature=x', 'SAMLRequest=x', 'x=1', '%53ignature=x', 'SAMLEncoding=urn%3Ax', 'relaystate=x']) {
    t.equal(await logout(`${signedRequest()}&${extra}`), 'saml.logoutInvalid', extra)
    t.equal(await logout(`${extra}&${signedRequest()}`), 'saml.logoutInvalid', extra)
  }
  t.equal(ended, 0)
})

t.test('the signature covers RelayState, and every character as it was written', async t => {
  t.equal(await logout(signedRequest().replace('RelayState=theirs', 'RelayState=ours')), 'saml.logoutUnsigned')
  t.equal(await logout(signedRequest().replace('&RelayState=theirs', '')), 'saml.logoutUnsigned')
  t.equal(await logout(signedRequest().replace('RelayState=theirs', 'RelayState=%74heirs')), 'saml.logoutUnsigned')
  t.equal(await logout(signedRequest().replace('%3A', '%3a')), 'saml.logoutUnsigned')
  t.equal(ended, 0)
  t.equal(await logout(`?${signedRequest()}`), 'accepted')
  t.equal(await logout(signedRequest().split('&').toReversed().join('&')), 'accepted', 'their order in the address does not matter')
  t.equal(ended, 2)
})

t.test('no message, or two by POST', async t => {
  t.equal(await logout(''), 'saml.logoutInvalid')
  t.equal(await logout('RelayState=x'), 'saml.logoutInvalid')
  const form = writeForm({ SAMLRequest: toBase64('<a/>'), SAMLResponse: toBase64('<a/>') })
  t.equal(await codeOf(bench.room.logout({ query: signedRequest(), form }, async () => { ended++; return 1 })), 'saml.logoutInvalid')
  t.equal(await codeOf(bench.room.logout({ query: signedRequest(), form: '' }, async () => { ended++; return 1 })), 'saml.logoutInvalid')
  t.equal(ended, 2)
})
