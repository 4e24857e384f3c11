// Looks into an encrypted assertion before the verifier does: finds the key that opens it and refuses weak algorithms and unsound XML inside.
// The one import of xml-encryption. What it finds may only refuse; the verified assertion comes from assertion-verifier.ts.
import { reasons } from './reasons.ts'
import { attributeOf, parseXml, walk } from './xml.ts'

const accepted: ReadonlySet<string | undefined> = new Set([
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
])

export interface OpenedAssertion {
  readonly assertion: Element
  readonly keyPem: string
}

async function decryptWith (xml: string, keyPem: string): Promise<string | undefined> {
  const { decrypt } = await import('xml-encryption')
  return await new Promise(resolve => {
    try {
      decrypt(xml, { key: keyPem, disallowDecryptionWithInsecureAlgorithm: true, warnInsecureAlgorithm: false }, (error, result) => { resolve(error ? undefined : result) })
    } catch {
      resolve(undefined)
    }
  })
}

/** Opens with the first key that fits. Throws a Denial `saml.algorithmWeak` or `saml.notVerified` (the same for any failure to decrypt: no oracle). */
export async function openAssertion (encrypted: Element, keyPems: readonly string[]): Promise<OpenedAssertion> {
  const methods = walk(encrypted).filter(element => element.localName === 'EncryptionMethod')
  if (methods.some(method => !accepted.has(attributeOf(method, 'Algorithm')))) throw reasons.deny('saml.algorithmWeak')
  const xml = encrypted.toString()
  for (const keyPem of keyPems) {
    const plain = await decryptWith(xml, keyPem)
    if (plain === undefined) continue
    try {
      return { assertion: parseXml(plain), keyPem }
    } catch {
      throw reasons.deny('saml.notVerified')
    }
  }
  throw reasons.deny('saml.notVerified')
}
