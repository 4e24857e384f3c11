// Writes our metadata: what the IdP's administrator loads to know us. It shows certificates and addresses, never a key.
import type { OwnKeys } from './keys.ts'
import { escapeXml, namespaces } from './xml.ts'

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:'
const encryptionMethods = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
]

function keyDescriptor (use: 'signing' | 'encryption', certificatePem: string): string {
  const certificate = certificatePem.replace(/-----[A-Z ]+-----|\s/g, '')
  const methods = use === 'encryption' ? encryptionMethods.map(algorithm => `<md:EncryptionMethod Algorithm="${algorithm}"/>`).join('') : ''
  return `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods}</md:KeyDescriptor>`
}

/** SAML 2.0 metadata, section 2.4.4. */
export function writeSpMetadata (sp: { readonly entityId: string, readonly acsUrl: string, readonly sloUrl: string, readonly keys: OwnKeys }): string {
  const { signing, decryption: [encryption] } = sp.keys
  const logout = ['HTTP-Redirect', 'HTTP-POST'].map(binding => `<md:SingleLogoutService Binding="${bindings}${binding}" Location="${escapeXml(sp.sloUrl)}"/>`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<md:EntityDescriptor xmlns:md="${namespaces.metadata}" xmlns:ds="${namespaces.signature}" entityID="${escapeXml(sp.entityId)}">` +
    `<md:SPSSODescriptor AuthnRequestsSigned="${signing !== undefined}" WantAssertionsSigned="true" protocolSupportEnumeration="${namespaces.protocol}">` +
    (signing === undefined ? '' : keyDescriptor('signing', signing.certificatePem)) +
    (encryption === undefined ? '' : keyDescriptor('encryption', encryption.certificatePem)) +
    logout +
    `<md:AssertionConsumerService Binding="${bindings}HTTP-POST" Location="${escapeXml(sp.acsUrl)}" index="0" isDefault="true"/>` +
    '</md:SPSSODescriptor></md:EntityDescriptor>\n'
}
