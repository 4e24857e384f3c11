// Metadata of an IdP in whatever form a test wants it.
import { SignedXml } from 'xml-crypto'
import type { KeyPair } from './key-pair.ts'
import { algorithms, urls } from './saml-idp.ts'

export interface MetadataChanges {
  readonly entityId?: string
  readonly certificates?: readonly string[]
  readonly signOn?: string
  readonly logout?: string
  readonly attributes?: string
  readonly roleAttributes?: string
  readonly extra?: string
}

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:'

export function service (name: string, binding: string, location: string, more = ''): string {
  return `<md:${name} Binding="${bindings}${binding}" Location="${location}"${more}/>`
}

export function keyDescriptor (certificatePem: string, use = ' use="signing"'): string {
  const certificate = certificatePem.replace(/-----[A-Z ]+-----/g, '').trim()
  return `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>` +
    `<ds:X509Certificate>\n${certificate}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
}

export function writeIdpMetadata (changes: MetadataChanges): string {
  const signOn = changes.signOn ?? service('SingleSignOnService', 'HTTP-Redirect', `${urls.idp}/sso`)
  const logout = changes.logout ?? service('SingleLogoutService', 'HTTP-Redirect', `${urls.idp}/slo`)
  return `<?xml version="1.0"?>\n<!-- kept by hand: R&D -->\n<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m1" entityID="${changes.entityId ?? urls.idp}"${changes.attributes ?? ''}>` +
    `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${changes.roleAttributes ?? ''}>` +
    `${(changes.certificates ?? []).map(pem => keyDescriptor(pem)).join('')}${logout}${signOn}</md:IDPSSODescriptor>${changes.extra ?? ''}</md:EntityDescriptor>\n`
}

export function signMetadata (xml: string, pair: KeyPair): string {
  const methods = { signatureAlgorithm: algorithms.rsaSha256, canonicalizationAlgorithm: algorithms.exclusive }
  const signed = new SignedXml({ privateKey: pair.keyPem, publicCert: pair.certificatePem, ...methods })
  signed.addReference({ xpath: '/*', transforms: [algorithms.enveloped, algorithms.exclusive], digestAlgorithm: algorithms.sha256 })
  signed.computeSignature(xml, { prefix: 'ds', location: { reference: '/*', action: 'prepend' } })
  return signed.getSignedXml()
}
