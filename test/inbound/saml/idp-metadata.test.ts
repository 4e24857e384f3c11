// What is read out of an IdP's metadata, and what is said when it cannot be used.
import { createHash, X509Certificate } from 'node:crypto'
import t from 'tap'
import { createKeyPair } from '../../support/key-pair.ts'
import { keyDescriptor, service, signMetadata, writeIdpMetadata, type MetadataChanges } from '../../support/saml-metadata.ts'
import { chooseEndpoint, isAcceptableAddress, MetadataError, readIdpMetadata } from '../../../src/inbound/saml/idp-metadata.ts'

const [pair, next, small] = await Promise.all([createKeyPair('idp.example'), createKeyPair('next.example'), createKeyPair('small.example', { bits: 1024 })])
const elliptic = await createKeyPair('ec.example', { curve: 'P-256' })
const moment = { nowMs: Date.UTC(2026, 0, 5, 9), skewMs: 60_000 }
const certificates = [pair.certificatePem]
const read = (changes: MetadataChanges, pin?: string) => readIdpMetadata(writeIdpMetadata({ certificates, ...changes }), { moment, pin })

/** Its message and line, or `accepted`. */
function problemOf (action: () => unknown): string {
  try {
    action()
    return 'accepted'
  } catch (error) {
    if (error instanceof MetadataError) return `${error.line}: ${error.message}`
    throw error
  }
}

t.test('name, addresses, certificates and end', t => {
  const description = read({
    certificates: [pair.certificatePem, next.certificatePem],
    signOn: service('SingleSignOnService', 'SOAP', 'http://soap.example') + service('SingleSignOnService', 'HTTP-POST', 'https://idp.example/post') + service('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example/redirect'),
    logout: service('SingleLogoutService', 'HTTP-POST', 'https://idp.example/slo', ' ResponseLocation="https://idp.example/slo-answer"'),
    attributes: ' validUntil="2026-02-01T00:00:00Z"',
    roleAttributes: ' WantAuthnRequestsSigned="true" validUntil="2026-01-20T00:00:00Z"',
    extra: '<md:Organization/>',
  })
  t.match(description, {
    entityId: 'https://idp.example/saml',
    signOn: [{ binding: 'post', url: 'https://idp.example/post' }, { binding: 'redirect', url: 'https://idp.example/redirect' }],
    logout: [{ binding: 'post', url: 'https://idp.example/slo', responseUrl: 'https://idp.example/slo-answer' }],
    wantsSignedRequests: true,
    validUntil: Date.UTC(2026, 0, 20),
  })
  t.strictSame(description.certificatePems.map(pem => new X509Certificate(pem).subject), ['CN=idp.example', 'CN=next.example'])
  t.equal(chooseEndpoint(description.signOn, 'redirect')?.url, 'https://idp.example/redirect')
  t.equal(chooseEndpoint(description.logout, 'redirect')?.url, 'https://idp.example/slo', 'the other binding when the liked one is missing')
  t.equal(chooseEndpoint([], 'post'), undefined)
  t.end()
})

t.test('only certificates for signing, with RSA keys that are long enough', t => {
  const others = keyDescriptor(next.certificatePem, ' use="encryption"') + keyDescriptor(small.certificatePem) + keyDescriptor(elliptic.certificatePem)
  const xml = writeIdpMetadata({ certificates: [] }).replace(/(<md:IDPSSODescriptor [^>]*>)/, `$1${others}${keyDescriptor(pair.certificatePem, '')}`)
  t.strictSame(readIdpMetadata(xml, { moment }).certificatePems.map(pem => new X509Certificate(pem).subject), ['CN=idp.example'])
  t.match(problemOf(() => read({ certificates: [small.certificatePem, elliptic.certificatePem] })), 'no signing certificate with an RSA key')
  t.end()
})

t.test('one provider out of a file for many, but never one of several', t => {
  const one = writeIdpMetadata({ certificates }).replace(/^<\?xml.*\?>\n/, '')
  const many = (inner: string) => `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${inner}<md:EntityDescriptor entityID="https://sp.example"/></md:EntitiesDescriptor>`
  t.equal(readIdpMetadata(many(one), { moment }).entityId, 'https://idp.example/saml')
  t.match(problemOf(() => readIdpMetadata(many(one + one.replace('_m1', '_m2')), { moment })), 'several identity providers')
  t.match(problemOf(() => readIdpMetadata(many(''), { moment })), 'no identity provider')
  t.end()
})

t.test('what is wrong is said, with its line, and nothing is quoted', t => {
  const cases: [string, RegExp][] = [
    ['', /^1: It is not sound XML: no document/],
    ['not xml', /not sound XML: text outside/],
    ['<html><body>Sign in</body></html>', /no identity provider/],
    ['<!DOCTYPE x><x/>', /not sound XML: a document type/],
    [writeIdpMetadata({ certificates }).slice(0, -20), /not sound XML/],
    [writeIdpMetadata({ certificates, entityId: '' }), /^3: The identity provider has no entityID/],
    [writeIdpMetadata({ certificates, signOn: '' }), /no SingleSignOnService/],
    [writeIdpMetadata({ certificates, signOn: service('SingleSignOnService', 'HTTP-Redirect', 'http://idp.example/sso') }), /SingleSignOnService is not an https address/],
    [writeIdpMetadata({ certificates, signOn: service('SingleSignOnService', 'HTTP-POST', 'javascript:alert(1)') }), /SingleSignOnService is not an https address/],
    [writeIdpMetadata({ certificates, logout: service('SingleLogoutService', 'HTTP-POST', 'https://idp.example', ' ResponseLocation="data:x"') }), /SingleLogoutService is not an https address/],
    [writeIdpMetadata({ certificates: ['AAAA'] }), /signing certificate cannot be read/],
    [writeIdpMetadata({ certificates, attributes: ' validUntil="2026-01-05T08:58:59Z"' }), /validUntil has passed/],
    [writeIdpMetadata({ certificates, attributes: ' validUntil="next year"' }), /validUntil is not a UTC time/],
    [writeIdpMetadata({ certificates }).replace('SAML:2.0:protocol', 'SAML:1.1:protocol'), /no identity provider/],
  ]
  for (const [text, pattern] of cases) t.match(problemOf(() => readIdpMetadata(text, { moment })), pattern)
  t.end()
})

t.test('with a pin, only what that certificate signed', t => {
  const pin = createHash('sha256').update(new X509Certificate(pair.certificatePem).raw).digest('hex')
  const plain = writeIdpMetadata({ certificates })
  const signed = signMetadata(plain, pair)
  const wrong = /not validly signed by the certificate of signIn\.saml\.idp\.pin/
  t.equal(problemOf(() => readIdpMetadata(signed, { moment, pin })), 'accepted')
  t.equal(problemOf(() => readIdpMetadata(signed, { moment, pin: pin.toUpperCase() })), 'accepted')
  t.match(problemOf(() => readIdpMetadata(plain, { moment, pin })), wrong)
  t.match(problemOf(() => readIdpMetadata(signMetadata(plain, next), { moment, pin })), wrong)
  t.match(problemOf(() => readIdpMetadata(signed.replace('/sso', '/evil'), { moment, pin })), wrong)
  t.match(problemOf(() => readIdpMetadata(signed, { moment, pin: '0'.repeat(64) })), wrong)
  const wrapped = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${signed.replace(/^<\?xml.*?\?>\n?/s, '')}</md:EntitiesDescriptor>`
  t.match(problemOf(() => readIdpMetadata(wrapped, { moment, pin })), wrong, 'the whole document must be covered')
  t.end()
})

t.test('addresses that people are sent to', t => {
  for (const good of ['https://idp.example/sso?x=1', 'http://127.0.0.1:4000/x', 'http://[::1]/', 'http://localhost:1/']) t.ok(isAcceptableAddress(good), good)
  for (const bad of ['', '/sso', 'http://idp.example', 'http://127.0.0.1.example', 'ftp://idp.example', 'https://u:p@idp.example', 'https://idp.example/#x', 'javascript:1']) t.notOk(isAcceptableAddress(bad), bad)
  t.end()
})
