// Signature wrapping (XSW 1 to 8 and their relatives): the signature stays valid over something that nobody reads, and what is read is not signed.
// Each is refused by the room; and the verifier alone, without the checks of shape before it, never hands out the forged assertion.
import t from 'tap'
import { createKeyPair } from '../support/key-pair.ts'
import { encryptAssertion, recipeFor, signXml, writeAssertion, writeResponse, type Recipe } from '../support/saml-idp.ts'
import { begin, codeOf, openBench, ownKey, post } from '../support/saml-room.ts'
import { verifyAssertion } from '../../src/inbound/saml/assertion-verifier.ts'
import { Denial } from '../../src/shared/errors.ts'

const pair = await createKeyPair('idp.example')
const attacker = await createKeyPair('evil.example')
const ours = await createKeyPair('crm.example')
const bench = await openBench({ idpPairs: [pair], config: directory => ({ decryption: [ownKey(ours, directory, 'own')] }) })
t.teardown(() => bench.stop())

const signatureOf = (xml: string) => /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? ''
const without = (xml: string, part: string) => xml.replace(part, '')
/** Puts `part` in behind the first Issuer. */
const behindIssuer = (xml: string, part: string) => xml.replace('</saml:Issuer>', `</saml:Issuer>${part}`)
const intoSignature = (signature: string, part: string) => signature.replace('</ds:Signature>', `${part}</ds:Signature>`)
const asObject = (part: string) => `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${part}</ds:Object>`

interface Parts {
  readonly recipe: Recipe
  /** Honest, signed as a whole response. */
  readonly response: string
  readonly responseSignature: string
  /** Honest, signed assertion. */
  readonly assertion: string
  readonly assertionSignature: string
  /** The attacker's, unsigned, with ids of its own. */
  readonly evil: Recipe
  readonly evilAssertion: string
  /** The attacker's with the honest assertion's id. */
  readonly evilTwin: string
}

function partsFor (requestId: string): Parts {
  const recipe = recipeFor(requestId, bench.clock.now())
  const evil: Recipe = { ...recipe, responseId: '_evil-r', assertionId: '_evil-a', nameId: 'administrator' }
  const response = signXml(writeResponse(recipe, writeAssertion(recipe)), pair)
  const assertion = signXml(writeAssertion(recipe), pair)
  return {
    recipe,
    response,
    responseSignature: signatureOf(response),
    assertion,
    assertionSignature: signatureOf(assertion),
    evil,
    evilAssertion: writeAssertion(evil),
    evilTwin: writeAssertion({ ...evil, assertionId: recipe.assertionId }),
  }
}

const extensions = (part: string) => `<samlp:Extensions xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${part}</samlp:Extensions>`

const attacks: Record<string, (parts: Parts) => string | Promise<string>> = {
  'XSW1 the honest response within the signature of a forged one': p =>
    behindIssuer(writeResponse(p.evil, p.evilAssertion), intoSignature(p.responseSignature, without(p.response, p.responseSignature))),
  'XSW2 the honest response beside its detached signature': p =>
    behindIssuer(writeResponse(p.evil, p.evilAssertion), without(p.response, p.responseSignature) + p.responseSignature),
  'XSW3 a forged assertion before the honest one': p => writeResponse(p.evil, p.evilAssertion + p.assertion),
  'XSW3 a forged assertion behind the honest one': p => writeResponse(p.evil, p.assertion + p.evilAssertion),
  'XSW4 the honest assertion within the forged one': p => writeResponse(p.evil, p.evilAssertion.replace('</saml:Assertion>', `${p.assertion}</saml:Assertion>`)),
  'XSW5 the forged assertion carries the honest signature, the honest one stands behind': p =>
    writeResponse(p.evil, behindIssuer(p.evilAssertion, p.assertionSignature) + without(p.assertion, p.assertionSignature)),
  'XSW6 the honest assertion within the signature of the forged one': p =>
    writeResponse(p.evil, behindIssuer(p.evilAssertion, intoSignature(p.assertionSignature, without(p.assertion, p.assertionSignature)))),
  'XSW7 the forged assertion in Extensions': p => writeResponse(p.evil, extensions(p.evilAssertion) + p.assertion),
  'XSW7 the honest assertion in Extensions': p => writeResponse(p.evil, extensions(p.assertion) + p.evilAssertion),
  'XSW8 the honest assertion in an Object of the forged one': p =>
    writeResponse(p.evil, behindIssuer(p.evilAssertion, intoSignature(p.assertionSignature, asObject(without(p.assertion, p.assertionSignature))))),
  'two assertions with one id, the forged first': p => writeResponse(p.evil, p.evilTwin + p.assertion),
  'two assertions with one id, the forged last': p => writeResponse(p.evil, p.assertion + p.evilTwin),
  'the honest signature moved into the forged twin': p => writeResponse(p.evil, behindIssuer(p.evilTwin, p.assertionSignature)),
  'the honest assertion in Advice of the forged twin': p =>
    writeResponse(p.evil, behindIssuer(p.evilTwin, p.assertionSignature).replace('</saml:Assertion>', `<saml:Advice>${without(p.assertion, p.assertionSignature)}</saml:Advice></saml:Assertion>`)),
  'the honest assertion in the confirmation data of the forged one': p =>
    writeResponse(p.evil, p.evilAssertion.replace(/(<saml:SubjectConfirmationData [^>]*)\/>/, `$1>${p.assertion}</saml:SubjectConfirmationData>`)),
  'the forged assertion in another namespace beside the honest one': p =>
    writeResponse(p.evil, p.evilAssertion.replace('urn:oasis:names:tc:SAML:2.0:assertion', 'urn:x') + p.assertion),
  'the forged assertion in the status detail': p =>
    writeResponse({ ...p.evil, status: `${p.evil.status}<samlp:StatusDetail>${p.evilAssertion}</samlp:StatusDetail>` }, p.assertion),
  'a reference to the whole document (empty URI)': p => writeResponse(p.evil, p.assertion.replace(/URI="#[^"]*"/, 'URI=""').replace('person-1', 'administrator')),
  'a reference to nothing': p => writeResponse(p.evil, p.assertion.replace(/URI="#[^"]*"/, 'URI="#_none"').replace('person-1', 'administrator')),
  'a reference that breaks out of the search for its id': p => writeResponse(p.evil, p.assertion.replace(/URI="#[^"]*"/, 'URI="#x&apos; or &apos;1&apos;=&apos;1"')),
  'Id and ID name different elements': p => writeResponse(p.evil, p.evilAssertion.replace('ID="_evil-a"', `ID="_evil-a" Id="${p.recipe.assertionId}"`) + p.assertion),
  'two references': p => {
    const reference = /<ds:Reference .*<\/ds:Reference>/s.exec(p.assertionSignature)?.[0] ?? ''
    return writeResponse(p.evil, p.assertion.replace(reference, reference + reference))
  },
  'two SignedInfo': p => {
    const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(p.assertionSignature)?.[0] ?? ''
    return writeResponse(p.evil, p.assertion.replace(info, info + info))
  },
  'a transform that leaves the forged part out': p =>
    writeResponse(p.evil, p.assertion.replace(/Algorithm="[^"]*"\/><\/ds:Transforms>/, 'Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/></ds:Transforms>')),
  'three transforms': p => writeResponse(p.evil, p.assertion.replace('</ds:Transforms>', '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>')),
  'signed by the attacker, whose certificate is in KeyInfo': p => writeResponse(p.evil, signXml(p.evilAssertion, attacker)),
  'a valid assertion in a response with the attacker\'s signature': p => signXml(writeResponse(p.recipe, p.assertion), attacker),
  'a response signed by the IdP around an assertion with the attacker\'s signature': p => signXml(writeResponse(p.recipe, signXml(writeAssertion(p.recipe), attacker)), pair),
  'the forged assertion encrypted beside the honest one': async p => writeResponse(p.evil, await encryptAssertion(p.evilAssertion, ours.certificatePem) + p.assertion),
  'the forged assertion encrypted, unsigned': async p => writeResponse(p.evil, await encryptAssertion(p.evilAssertion, ours.certificatePem)),
  'wrapping within the encryption': async p => {
    const object = asObject(without(p.assertion, p.assertionSignature))
    return writeResponse(p.evil, await encryptAssertion(behindIssuer(p.evilAssertion, intoSignature(p.assertionSignature, object)), ours.certificatePem))
  },
  'twins within the encryption': async p =>
    writeResponse(p.evil, await encryptAssertion(p.evilTwin.replace('</saml:Assertion>', `${p.assertion}</saml:Assertion>`), ours.certificatePem)),
  'no signature at all': p => writeResponse(p.evil, p.evilAssertion),
  'a signature without a value': p => writeResponse(p.evil, p.assertion.replace(/<ds:SignatureValue>[^<]*</, '<ds:SignatureValue><').replace('person-1', 'administrator')),
  'a message of another kind around the assertion': p => writeResponse(p.recipe, p.assertion).replaceAll('samlp:Response', 'samlp:ArtifactResponse'),
}

for (const [name, attack] of Object.entries(attacks)) {
  t.test(name, async t => {
    const begun = await begin(bench)
    const xml = await attack(partsFor(begun.requestId))
    const code = await codeOf(post(bench, begun, xml))
    t.ok(['saml.structure', 'saml.notVerified', 'saml.algorithmWeak'].includes(code), code)
    try {
      const given = await verifyAssertion(xml, { certificatePems: [pair.certificatePem], decryptionKeyPem: ours.keyPem, responseSigned: false, assertionSigned: false })
      t.notMatch(given, 'administrator', 'the verifier gave out what was signed')
    } catch (error) {
      t.ok(error instanceof Denial && error.code === 'saml.notVerified', String(error))
    }
  })
}

t.test('the honest parts by themselves are accepted', async t => {
  for (const build of [(p: Parts) => p.response, (p: Parts) => writeResponse(p.recipe, p.assertion)]) {
    const begun = await begin(bench)
    t.equal(await codeOf(post(bench, begun, build(partsFor(begun.requestId)))), 'accepted')
  }
})
