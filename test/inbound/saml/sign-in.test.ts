// The ways in which an honest IdP answers, and what the person is then.
import t from 'tap'
import { createKeyPair } from '../../support/key-pair.ts'
import { attribute, recipeFor, writeAnswer } from '../../support/saml-idp.ts'
import { begin, codeOf, openBench, ownKey, post, readSent, signIn } from '../../support/saml-room.ts'

const [idp, nextIdp, ours, oursBefore] = await Promise.all(['idp.example', 'next.idp.example', 'crm.example', 'old.crm.example'].map(name => createKeyPair(name)))
const pairs = { idp: idp!, nextIdp: nextIdp!, ours: ours!, oursBefore: oursBefore! }
const withDecryption = { idpPairs: [pairs.idp], config: (directory: string) => ({ decryption: [ownKey(pairs.ours, directory, 'new'), ownKey(pairs.oursBefore, directory, 'old')] }) }

t.test('a signed assertion, a signed response, or both sign a person in', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp] })
  t.teardown(() => bench.stop())
  for (const sign of [['assertion'], ['response'], ['assertion', 'response']] as const) {
    const { principal, returnTo, setCookie } = await signIn(bench, { sessionNotOnOrAfter: '2026-01-05T17:00:00Z' }, { sign })
    t.equal(returnTo, '/leads?page=2', sign.join('+'))
    t.match(setCookie[0], /^__Host-sallyport-signin=; Max-Age=0; Path=\/; Secure; HttpOnly; SameSite=None$/)
    t.match(principal, {
      id: 'person-1',
      name: 'Receptionist One',
      email: 'receptionist.one@clinic.example',
      groups: ['front-desk', 'staff'],
      idp: 'https://idp.example/saml',
      nameId: 'person-1',
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      authenticatedAt: bench.clock.now() - 5000,
      notAfter: Date.UTC(2026, 0, 5, 17),
    })
  }
})

t.test('an encrypted assertion is opened with any of our keys, whatever is signed', async t => {
  const bench = await openBench(withDecryption)
  t.teardown(() => bench.stop())
  for (const sign of [['assertion'], ['response'], ['assertion', 'response']] as const) {
    for (const pair of [pairs.ours, pairs.oursBefore]) {
      for (const content of ['http://www.w3.org/2009/xmlenc11#aes128-gcm', 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'] as const) {
        const { principal } = await signIn(bench, {}, { sign, encryptFor: pair.certificatePem, encryption: { content } })
        t.equal(principal.id, 'person-1', `${sign.join('+')} ${content}`)
      }
    }
  }
})

t.test('an assertion encrypted for somebody else is refused, in one voice with a bad signature', async t => {
  const bench = await openBench(withDecryption)
  t.teardown(() => bench.stop())
  t.equal(await codeOf(signIn(bench, {}, { encryptFor: pairs.nextIdp.certificatePem })), 'saml.notVerified')
  t.equal(await codeOf(signIn(bench, {}, { pair: pairs.nextIdp, encryptFor: pairs.ours.certificatePem })), 'saml.notVerified')
  t.equal(await codeOf(signIn(bench, {}, { sign: [], encryptFor: pairs.ours.certificatePem })), 'saml.notVerified')
})

t.test('where encryption is required, a plain assertion is refused', async t => {
  const bench = await openBench({ ...withDecryption, config: directory => ({ ...withDecryption.config(directory), requireEncryptedAssertions: true }) })
  t.teardown(() => bench.stop())
  t.equal(await codeOf(signIn(bench)), 'saml.notEncrypted')
  t.equal(await codeOf(signIn(bench, {}, { encryptFor: pairs.ours.certificatePem })), 'accepted')
})

t.test('while the IdP rolls its key over, both certificates are good and a third is not', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp, pairs.nextIdp] })
  t.teardown(() => bench.stop())
  for (const sign of [['assertion'], ['response']] as const) {
    t.equal(await codeOf(signIn(bench, {}, { pair: pairs.idp, sign })), 'accepted')
    t.equal(await codeOf(signIn(bench, {}, { pair: pairs.nextIdp, sign })), 'accepted')
    t.equal(await codeOf(signIn(bench, {}, { pair: pairs.ours, sign })), 'saml.notVerified')
  }
})

t.test('the lasting id can be an attribute, and a name that is missing is the id', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp], config: () => ({ attributes: { id: 'employeeNumber', name: 'cn', email: 'mail', groups: 'memberOf' } }) })
  t.teardown(() => bench.stop())
  const transient = { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }
  const { principal } = await signIn(bench, { ...transient, attributes: attribute('employeeNumber', '4711') + attribute('memberOf', 'b', 'a', 'b', '') })
  t.match(principal, { id: '4711', name: '4711', nameId: 'person-1', groups: ['b', 'a'] })
  t.equal(principal.email, undefined)
  t.equal(await codeOf(signIn(bench, { attributes: attribute('cn', 'Nobody') })), 'saml.identityMissing')
})

t.test('a NameID that is new every time cannot be the lasting id', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp] })
  t.teardown(() => bench.stop())
  t.equal(await codeOf(signIn(bench, { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' })), 'saml.identityTransient')
})

t.test('white space, line breaks and letters of all scripts come through', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp] })
  t.teardown(() => bench.stop())
  const name = 'Zoë Ŝtuđent 看護師 &amp; &lt;Co&gt;'
  const { principal } = await signIn(bench, { nameId: '\n  person-1\n ', attributes: `\n  ${attribute('displayName', name)}\n` }, { sign: ['response'] })
  t.equal(principal.nameId, 'person-1')
  t.equal(principal.name, 'Zoë Ŝtuđent 看護師 & <Co>')
})

t.test('base64 may be folded, and the answer may have carriage returns', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp] })
  t.teardown(() => bench.stop())
  const begun = await begin(bench)
  const xml = await writeAnswer(recipeFor(begun.requestId, bench.clock.now(), { attributes: `\n${attribute('displayName', 'A')}\n` }), { pair: pairs.idp })
  const folded = (Buffer.from(xml.replaceAll('\n', '\r\n')).toString('base64').match(/.{1,76}/g) ?? []).join('\r\n')
  const form = `RelayState=${begun.relayState}&SAMLResponse=${encodeURIComponent(folded)}`
  t.equal((await bench.room.consume(form, begun.cookie)).principal.name, 'A')
})

t.test('a status other than Success says so and signs nobody in', async t => {
  const bench = await openBench({ idpPairs: [pairs.idp] })
  t.teardown(() => bench.stop())
  const answer = async (status: string) => {
    const begun = await begin(bench)
    const recipe = recipeFor(begun.requestId, bench.clock.now(), { status })
    return await codeOf(post(bench, begun, await writeAnswer(recipe, { pair: pairs.idp })))
  }
  const code = (value: string, inner = '') => `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${value}">${inner}</samlp:StatusCode>`
  t.equal(await answer(code('Responder', code('AuthnFailed'))), 'saml.cancelled')
  t.equal(await answer(code('Requester')), 'saml.cancelled')
  t.equal(await answer(code('Responder', code('NoAuthnContext'))), 'saml.contextUnavailable')
  t.equal(await answer(code('Success') + code('Responder')), 'saml.structure')
  t.equal(await answer(''), 'saml.structure')
})

t.test('the request says who asks, where the answer goes and how strongly to sign in', async t => {
  const context = 'https://refeds.org/profile/mfa'
  const bench = await openBench({ idpPairs: [pairs.idp], config: () => ({ authnContext: [context], entityId: 'urn:clinic:crm' }) })
  t.teardown(() => bench.stop())
  const answer = await bench.room.start(undefined)
  const { xml, relayState } = readSent(answer)
  t.match(answer, { kind: 'redirect', location: /^https:\/\/idp\.example\/saml\/sso\?SAMLRequest=[^&]+&RelayState=[A-Za-z0-9_-]{43}$/ })
  t.match(answer.setCookie?.[0], /^__Host-sallyport-signin=[A-Za-z0-9_-]+; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=None$/)
  t.match(xml, 'Destination="https://idp.example/saml/sso"')
  t.match(xml, 'AssertionConsumerServiceURL="https://crm.example/_sallyport/saml/acs"')
  t.match(xml, '<saml:Issuer>urn:clinic:crm</saml:Issuer>')
  t.match(xml, `Comparison="exact"><saml:AuthnContextClassRef>${context}</saml:AuthnContextClassRef>`)
  t.match(xml, 'IssueInstant="2026-01-05T09:00:00.000Z"')
  t.notMatch(xml, 'ForceAuthn')
  t.notMatch(relayState, '/')
})
