// Single logout in both directions by both bindings, as two honest sides do it.
import { verify, X509Certificate } from 'node:crypto'
import t from 'tap'
import { SignedXml } from 'xml-crypto'
import { createKeyPair } from '../../support/key-pair.ts'
import { instant, signXml, toBase64, urls, writeForm, writeLogoutRequest, writeLogoutResponse, writeQuery } from '../../support/saml-idp.ts'
import { codeOf, openBench, ownKey, readSent, signIn, type SamlBench } from '../../support/saml-room.ts'

const pair = await createKeyPair('idp.example')
const ours = await createKeyPair('crm.example')
const signing = (directory: string) => ({ signing: ownKey(ours, directory, 'own') })
const nobody = async () => { throw new Error('ended a session') }

/** Verifies what we sent as an IdP would: the raw tokens of the query, or the XML. */
function isSignedByUs (sent: { readonly xml: string, readonly query: string }): boolean {
  if (sent.query !== '') {
    const [, signed, signature] = /^(.*)&Signature=(.*)$/.exec(sent.query) as unknown as [string, string, string]
    return verify('sha256', Buffer.from(signed), new X509Certificate(ours.certificatePem).publicKey, Buffer.from(decodeURIComponent(signature), 'base64'))
  }
  const verifier = new SignedXml({ publicCert: ours.certificatePem })
  verifier.loadSignature(/<ds:Signature.*<\/ds:Signature>/s.exec(sent.xml)?.[0] ?? '')
  return verifier.checkSignature(sent.xml)
}

async function startLogout (bench: SamlBench) {
  const { principal } = await signIn(bench, { sessionIndex: '_s&1' })
  const answer = await bench.room.startLogout(principal)
  t.ok(answer)
  return { answer: answer!, principal, sent: readSent(answer!) }
}

for (const binding of ['redirect', 'post'] as const) {
  t.test(`begun by us, ${binding} binding`, async t => {
    const bench = await openBench({ idpPairs: [pair], config: directory => ({ ...signing(directory), binding }) })
    t.teardown(() => bench.stop())
    const { answer, sent } = await startLogout(bench)
    t.equal(answer.kind, binding === 'redirect' ? 'redirect' : 'form')
    t.match(sent.xml, 'Destination="https://idp.example/saml/slo"')
    t.match(sent.xml, '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">person-1</saml:NameID>')
    t.match(sent.xml, '<samlp:SessionIndex>_s&amp;1</samlp:SessionIndex>')
    t.ok(isSignedByUs(sent))
    const id = / ID="([^"]+)"/.exec(sent.xml)?.[1] ?? ''
    const response = writeLogoutResponse({ issueInstant: instant(bench.clock.now()), inResponseTo: id })
    const message = binding === 'redirect' ? { query: writeQuery('SAMLResponse', response, { pair }), form: undefined } : { query: '', form: writeForm({ SAMLResponse: toBase64(signXml(response, pair)) }) }
    t.strictSame(await bench.room.logout(message, nobody), { kind: 'redirect', location: 'https://crm.example/_sallyport/signed-out' })
    t.equal(await codeOf(bench.room.logout(message, nobody)), 'saml.logoutUnknown', 'a response is taken once')
  })

  t.test(`begun by the IdP, ${binding} binding`, async t => {
    const bench = await openBench({ idpPairs: [pair], config: signing })
    t.teardown(() => bench.stop())
    const request = writeLogoutRequest({ id: '_theirs', issueInstant: instant(bench.clock.now()), notOnOrAfter: instant(bench.clock.now() + 60_000), sessionIndexes: [] })
    const relayState = 'a b&c=d/é'
    const message = binding === 'redirect'
      ? { query: writeQuery('SAMLRequest', request, { pair, relayState }), form: undefined }
      : { query: '', form: writeForm({ SAMLRequest: toBase64(signXml(request, pair)), RelayState: relayState }) }
    const ended: unknown[] = []
    const answer = await bench.room.logout(message, async (nameId, index) => { ended.push([nameId, index]); return 3 })
    const sent = readSent(answer)
    t.strictSame(ended, [['person-1', undefined]])
    t.equal(answer.kind, binding === 'redirect' ? 'redirect' : 'form', 'answered the way it came')
    t.equal(sent.relayState, relayState)
    t.match(sent.xml, 'InResponseTo="_theirs"')
    t.match(sent.xml, '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>')
    t.ok(isSignedByUs(sent))
  })
}

t.test('a response that says it was not complete, unasked, unsigned or late is refused', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  const respond = async (changes: { status?: string, inResponseTo?: string, destination?: string }, signed = true) => {
    const { sent } = await startLogout(bench)
    const id = / ID="([^"]+)"/.exec(sent.xml)?.[1] ?? ''
    const xml = writeLogoutResponse({ issueInstant: instant(bench.clock.now()), inResponseTo: id, ...changes })
    return await codeOf(bench.room.logout({ query: writeQuery('SAMLResponse', xml, signed ? { pair } : {}), form: undefined }, nobody))
  }
  const code = (value: string, inner = '') => `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${value}">${inner}</samlp:StatusCode>`
  t.equal(await respond({ status: code('Responder') }), 'saml.logoutIncomplete')
  t.equal(await respond({ status: code('Success', code('PartialLogout')) }), 'saml.logoutIncomplete')
  t.equal(await respond({ inResponseTo: '_nothing' }), 'saml.logoutUnknown')
  t.equal(await respond({ destination: `${urls.sp}/other` }), 'saml.logoutInvalid')
  t.equal(await respond({}, false), 'saml.logoutUnsigned')
  t.equal(await respond({}), 'accepted')
})

t.test('where the IdP has no single logout, signing out here is all; its own request still ends sessions', async t => {
  const bench = await openBench({ idpPairs: [pair], idp: directory => ({ entityId: urls.idp, signOnUrl: `${urls.idp}/sso`, certificates: [`${directory}/idp-0.pem`] }) })
  t.teardown(() => bench.stop())
  const { principal } = await signIn(bench)
  t.equal(await bench.room.startLogout(principal), undefined)
  const query = writeQuery('SAMLRequest', writeLogoutRequest({ issueInstant: instant(bench.clock.now()) }), { pair })
  let ended = 0
  const answer = await bench.room.logout({ query, form: undefined }, async () => { ended++; return 1 })
  t.strictSame(answer, { kind: 'redirect', location: 'https://crm.example/_sallyport/signed-out' })
  t.equal(ended, 1)
})

t.test('somebody who signed in at another IdP is not sent to this one', async t => {
  const bench = await openBench({ idpPairs: [pair] })
  t.teardown(() => bench.stop())
  const { principal } = await signIn(bench)
  t.equal(await bench.room.startLogout({ ...principal, idp: 'https://former.example' }), undefined)
})
