// Signs our messages and verifies messages whose root is signed (logout, metadata). The one import of xml-crypto. What it returns is read from
// the bytes that the signature covers, never from the text that came.
import { createRequire } from 'node:module'
import { loadLater } from '../../shared/load-later.ts'
import { isSigned, requireSoundSignatures } from './signature-policy.ts'
import { childrenNamed, namespaces, parseXml } from './xml.ts'

const xmlCrypto = loadLater(() => createRequire(import.meta.url)('xml-crypto') as typeof import('xml-crypto'))

const algorithms = {
  signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
} as const

/** Signs the root of one of our messages, the signature right after its Issuer as the schema wants it. */
export function signRoot (xml: string, signer: { readonly keyPem: string, readonly certificatePem: string }): string {
  const { SignedXml } = xmlCrypto()
  const signed = new SignedXml({
    privateKey: signer.keyPem,
    publicCert: signer.certificatePem,
    signatureAlgorithm: algorithms.signature,
    canonicalizationAlgorithm: algorithms.exclusive,
  })
  signed.addReference({ xpath: '/*', transforms: [algorithms.enveloped, algorithms.exclusive], digestAlgorithm: algorithms.digest })
  signed.computeSignature(xml, { prefix: 'ds', location: { reference: '/*/*[local-name(.)="Issuer"]', action: 'after' } })
  return signed.getSignedXml()
}

/**
 * The root element as its signature covers it, or undefined when there is no valid signature of one of these certificates over the whole
 * document. Throws XmlError, or a Denial for a signature of unsound shape or weak algorithm.
 */
export function verifyRoot (source: string, certificatePems: readonly string[], options: { readonly comments: boolean } = { comments: false }): Element | undefined {
  // XML 1.0 section 2.11: whoever reads the text turns its line ends into line feeds before anything else.
  const text = source.replace(/\r\n?/g, '\n')
  const root = parseXml(text, options)
  requireSoundSignatures(root, [root])
  if (!isSigned(root)) return undefined
  const signature = childrenNamed(root, namespaces.signature, 'Signature')[0] as Element
  const { SignedXml } = xmlCrypto()
  for (const certificatePem of certificatePems) {
    const verifier = new SignedXml({ publicCert: certificatePem })
    try {
      verifier.loadSignature(signature)
      if (!verifier.checkSignature(text)) continue
    } catch {
      continue // another key, or nothing that can be verified
    }
    const [covered, ...more] = verifier.getSignedReferences()
    if (covered !== undefined && more.length === 0) return parseXml(covered, { comments: false, large: options.comments })
  }
  return undefined
}
