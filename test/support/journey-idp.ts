// The identity provider of the journeys: real signed assertions by a clock that the test moves, one button instead of a password.
import { createSign, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { SignedXml } from 'xml-crypto'
import type { Clock } from '../../src/shared/clock.ts'

export interface JourneyPerson { readonly id: string, readonly name: string, readonly email: string, readonly groups: readonly string[] }

export interface JourneyIdp {
  readonly entityId: string
  readonly signOnUrl: string
  readonly logoutUrl: string
  readonly certificatePem: string
  /** Who presses the button next. */
  person: JourneyPerson
  /** A signed LogoutRequest as a URL of the gateway (Redirect binding), for everybody signed in as `person` or one session. */
  logoutRequestUrl(person: JourneyPerson, sloUrl: string, sessionIndex?: string): string
  /** How long ago the person signed in at the IdP: a live session there, used again. */
  authenticationAgeMs: number
  /** AuthnRequests that arrived from the gateway. */
  readonly requestsSeen: string[]
  /** LogoutRequests that arrived from the gateway. */
  readonly logoutsSeen: string[]
  /** Its address does not answer any more. */
  kill(): Promise<void>
  revive(): Promise<void>
  close(): Promise<void>
}

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
const assertionNs = 'urn:oasis:names:tc:SAML:2.0:assertion'
const sha256Rsa = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

async function createKeys () {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=idp.test', keys, signingAlgorithm: algorithm, notAfter: new Date('2099-01-01') })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return { certificatePem: certificate.toString('pem'), keyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n` }
}

function escapeXml (text: string): string {
  return text.replace(/[&<>"]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] as string)
}

function attribute (xml: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(xml)?.[1] ?? ''
}

export async function startJourneyIdp (options: { readonly clock: Clock, readonly spEntityId: string, readonly person: JourneyPerson }): Promise<JourneyIdp> {
  const { certificatePem, keyPem } = await createKeys()
  const logoutsSeen: string[] = []
  const requestsSeen: string[] = []
  const instant = (plusMs = 0) => new Date(options.clock.now() + plusMs).toISOString()
  const indexOf = (person: JourneyPerson) => `index-${person.id}`

  const respond = (request: string): string => {
    const acs = attribute(request, 'AssertionConsumerServiceURL')
    const inResponseTo = attribute(request, 'ID')
    const { person } = idp
    const attributes = [['displayName', [person.name]], ['mail', [person.email]], ['groups', person.groups]] as const
    const assertion = `<saml:Assertion xmlns:saml="${assertionNs}" ID="_${randomUUID()}" Version="2.0" IssueInstant="${instant()}"><saml:Issuer>${idp.entityId}</saml:Issuer>` +
      `<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${escapeXml(person.id)}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
      `<saml:SubjectConfirmationData NotOnOrAfter="${instant(300_000)}" Recipient="${acs}" InResponseTo="${inResponseTo}"/></saml:SubjectConfirmation></saml:Subject>` +
      `<saml:Conditions NotBefore="${instant(-1000)}" NotOnOrAfter="${instant(300_000)}"><saml:AudienceRestriction><saml:Audience>${options.spEntityId}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
      `<saml:AuthnStatement AuthnInstant="${instant(-idp.authenticationAgeMs)}" SessionIndex="${indexOf(person)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
      `<saml:AttributeStatement>${attributes.map(([name, values]) => `<saml:Attribute Name="${name}">${values.map(value => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`).join('')}</saml:Attribute>`).join('')}</saml:AttributeStatement></saml:Assertion>`
    const response = `<samlp:Response xmlns:samlp="${protocol}" ID="_${randomUUID()}" Version="2.0" IssueInstant="${instant()}" Destination="${acs}" InResponseTo="${inResponseTo}"><saml:Issuer xmlns:saml="${assertionNs}">${idp.entityId}</saml:Issuer>` +
      `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${assertion}</samlp:Response>`
    const signer = new SignedXml({ privateKey: keyPem, signatureAlgorithm: sha256Rsa, canonicalizationAlgorithm: exclusive })
    signer.addReference({ xpath: "//*[local-name(.)='Assertion']", digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256', transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusive] })
    signer.computeSignature(response, { location: { reference: "//*[local-name(.)='Assertion']/*[local-name(.)='Issuer']", action: 'after' } })
    return signer.getSignedXml()
  }

  const signedUrl = (url: string, parameter: 'SAMLRequest' | 'SAMLResponse', xml: string, relayState?: string | null): string => {
    const message = `${parameter}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}${relayState ? `&RelayState=${encodeURIComponent(relayState)}` : ''}&SigAlg=${encodeURIComponent(sha256Rsa)}`
    return `${url}?${message}&Signature=${encodeURIComponent(createSign('RSA-SHA256').update(message).sign(keyPem, 'base64'))}`
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    // A browser asks for the icon too.
    if (!url.searchParams.has('SAMLRequest')) { response.writeHead(404).end(); return }
    const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
    if (url.pathname === '/logout') {
      logoutsSeen.push(xml)
      const to = new URL(options.spEntityId)
      const answer = `<samlp:LogoutResponse xmlns:samlp="${protocol}" ID="_${randomUUID()}" Version="2.0" IssueInstant="${instant()}" Destination="${to.origin}/_sallyport/saml/slo" InResponseTo="${attribute(xml, 'ID')}"><saml:Issuer xmlns:saml="${assertionNs}">${idp.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>`
      response.writeHead(302, { location: signedUrl(`${to.origin}/_sallyport/saml/slo`, 'SAMLResponse', answer, url.searchParams.get('RelayState')) }).end()
      return
    }
    requestsSeen.push(xml)
    const value = Buffer.from(respond(xml)).toString('base64')
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<form method="post" action="${attribute(xml, 'AssertionConsumerServiceURL')}"><input name="SAMLResponse" value="${value}"><input name="RelayState" value="${escapeXml(url.searchParams.get('RelayState') ?? '')}"></form>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const kill = async () => { server.close(); server.closeAllConnections(); await once(server, 'close') }
  const base = `http://127.0.0.1:${port}`
  const idp: JourneyIdp = {
    entityId: `${base}/metadata`,
    signOnUrl: `${base}/sign-on`,
    logoutUrl: `${base}/logout`,
    certificatePem,
    person: options.person,
    authenticationAgeMs: 0,
    requestsSeen,
    logoutsSeen,
    logoutRequestUrl (person, sloUrl, sessionIndex = indexOf(person)) {
      const xml = `<samlp:LogoutRequest xmlns:samlp="${protocol}" ID="_${randomUUID()}" Version="2.0" IssueInstant="${instant()}" NotOnOrAfter="${instant(60_000)}" Destination="${sloUrl}"><saml:Issuer xmlns:saml="${assertionNs}">${idp.entityId}</saml:Issuer>` +
        `<saml:NameID xmlns:saml="${assertionNs}" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${escapeXml(person.id)}</saml:NameID><samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex></samlp:LogoutRequest>`
      return signedUrl(sloUrl, 'SAMLRequest', xml)
    },
    kill,
    async revive () {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    async close () { if (server.listening) await kill() },
  }
  return idp
}
