// The one import of node-saml: it proves the XML signature and hands over the assertion as signed. None of its own reading of the assertion
// runs, because it is too forgiving; every rule about the content is in check-assertion.ts.
import { loadLater } from '../../shared/load-later.ts'
import { reasons } from './reasons.ts'

export interface AssertionTrust {
  /** The IdP's signing certificates, PEM. */
  readonly certificatePems: readonly string[]
  /** The key that opened the encrypted assertion, PEM. */
  readonly decryptionKeyPem: string | undefined
  /** Every signature that is there must be valid: an invalid one beside a valid one is not an accident. */
  readonly responseSigned: boolean
  readonly assertionSigned: boolean
}

/** Loaded with the first answer of an IdP: what it brings takes a tenth of a start and of the memory at rest. */
async function loadVerifier () {
  const { SAML } = await import('@node-saml/node-saml')
  return class SignatureOnly extends SAML {
    protected override async processValidlySignedAssertionAsync (xml: string) {
      return { profile: { issuer: '', nameID: '', nameIDFormat: '', getAssertionXml: () => xml }, loggedOut: false }
    }
  }
}

const verifierClass = loadLater(loadVerifier)

/** The signed assertion's XML. Throws a Denial `saml.notVerified` for whatever stands against it, in one voice (no oracle for a forger). */
export async function verifyAssertion (responseXml: string, trust: AssertionTrust): Promise<string> {
  const SignatureOnly = await verifierClass()
  let assertionXml: string | undefined
  try {
    const verifier = new SignatureOnly({
      idpCert: [...trust.certificatePems],
      // Neither is looked at on this way; the library wants them.
      issuer: 'unused',
      callbackUrl: 'https://unused.invalid',
      wantAuthnResponseSigned: trust.responseSigned,
      wantAssertionsSigned: trust.assertionSigned,
      ...(trust.decryptionKeyPem === undefined ? {} : { decryptionPvk: trust.decryptionKeyPem }),
    })
    const { profile } = await verifier.validatePostResponseAsync({ SAMLResponse: Buffer.from(responseXml).toString('base64') })
    assertionXml = profile?.getAssertionXml?.()
  } catch {
    throw reasons.deny('saml.notVerified')
  }
  if (assertionXml === undefined) throw reasons.deny('saml.notVerified')
  return assertionXml
}
