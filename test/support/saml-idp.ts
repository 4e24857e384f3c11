// An identity provider that forges: writes any SAML answer, signs whatever it is told to with real keys, encrypts for real. Attacks are made with it.
import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { SignedXml } from 'xml-crypto'
import { encrypt, type EncryptionAlgorithm, type KeyEncryptionAlgorithm } from 'xml-encryption'
import type { KeyPair } from './key-pair.ts'

export const urls = { idp: 'https://idp.example/saml', sp: 'https://crm.example' } as const
export const acsUrl = `${urls.sp}/_sallyport/saml/acs`
export const sloUrl = `${urls.sp}/_sallyport/saml/slo`
export const spEntityId = `${urls.sp}/_sallyport/saml/metadata`
export const algorithms = {
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  rsaSha512: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  rsaSha1: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
} as const

/** Everything that an answer says; undefined leaves the attribute or element out. */
export interface Recipe {
  responseId: string
  destination: string | undefined
  inResponseTo: string | undefined
  responseIssuer: string | undefined
  responseInstant: string
  status: string
  assertionId: string
  issuer: string | undefined
  issueInstant: string
  nameId: string
  nameIdFormat: string | undefined
  method: string
  recipient: string | undefined
  confirmationInResponseTo: string | undefined
  confirmationNotBefore: string | undefined
  confirmationNotOnOrAfter: string | undefined
  /** undefined: no Conditions at all. */
  conditions: string | undefined
  notBefore: string | undefined
  notOnOrAfter: string | undefined
  audience: string | undefined
  authnInstant: string
  sessionIndex: string | undefined
  sessionNotOnOrAfter: string | undefined
  authnContext: string
  /** XML within the AttributeStatement; undefined: no statement. */
  attributes: string | undefined
  /** XML at the end of the assertion and of the response, for whatever does not belong there. */
  assertionExtra: string
  responseExtra: string
}

export function instant (ms: number): string {
  return new Date(ms).toISOString()
}

export function attribute (name: string, ...values: readonly string[]): string {
  return `<saml:Attribute Name="${name}">${values.map(value => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`
}

const personAttributes = attribute('displayName', 'Receptionist One') + attribute('mail', 'receptionist.one@clinic.example') + attribute('groups', 'front-desk', 'staff')

let serial = 0

/** A correct answer to `requestId` at `nowMs`. */
export function recipeFor (requestId: string, nowMs: number, changes: Partial<Recipe> = {}): Recipe {
  serial++
  return {
    responseId: `_r${serial}`,
    destination: acsUrl,
    inResponseTo: requestId,
    responseIssuer: urls.idp,
    responseInstant: instant(nowMs),
    status: '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>',
    assertionId: `_a${serial}`,
    issuer: urls.idp,
    issueInstant: instant(nowMs),
    nameId: 'person-1',
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
    recipient: acsUrl,
    confirmationInResponseTo: requestId,
    confirmationNotBefore: undefined,
    confirmationNotOnOrAfter: instant(nowMs + 300_000),
    conditions: '',
    notBefore: instant(nowMs - 30_000),
    notOnOrAfter: instant(nowMs + 300_000),
    audience: spEntityId,
    authnInstant: instant(nowMs - 5000),
    sessionIndex: `_s${serial}`,
    sessionNotOnOrAfter: undefined,
    authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    attributes: personAttributes,
    assertionExtra: '',
    responseExtra: '',
    ...changes,
  }
}

const given = (name: string, value: string | undefined) => value === undefined ? '' : ` ${name}="${value}"`
const element = (name: string, value: string | undefined) => value === undefined ? '' : `<${name}>${value}</${name}>`

export function writeAssertion (recipe: Recipe): string {
  const conditions = recipe.conditions === undefined
    ? ''
    : `<saml:Conditions${given('NotBefore', recipe.notBefore)}${given('NotOnOrAfter', recipe.notOnOrAfter)}>` +
      `${recipe.audience === undefined ? '' : `<saml:AudienceRestriction><saml:Audience>${recipe.audience}</saml:Audience></saml:AudienceRestriction>`}${recipe.conditions}</saml:Conditions>`
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${recipe.assertionId}" Version="2.0" IssueInstant="${recipe.issueInstant}">` +
    element('saml:Issuer', recipe.issuer) +
    `<saml:Subject><saml:NameID${given('Format', recipe.nameIdFormat)}>${recipe.nameId}</saml:NameID><saml:SubjectConfirmation Method="${recipe.method}">` +
    `<saml:SubjectConfirmationData${given('Recipient', recipe.recipient)}${given('InResponseTo', recipe.confirmationInResponseTo)}` +
    `${given('NotBefore', recipe.confirmationNotBefore)}${given('NotOnOrAfter', recipe.confirmationNotOnOrAfter)}/></saml:SubjectConfirmation></saml:Subject>` +
    conditions +
    `<saml:AuthnStatement AuthnInstant="${recipe.authnInstant}"${given('SessionIndex', recipe.sessionIndex)}${given('SessionNotOnOrAfter', recipe.sessionNotOnOrAfter)}>` +
    `<saml:AuthnContext><saml:AuthnContextClassRef>${recipe.authnContext}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `${element('saml:AttributeStatement', recipe.attributes)}${recipe.assertionExtra}</saml:Assertion>`
}

/** A Response around `inner` (assertions, encrypted ones, or nothing). */
export function writeResponse (recipe: Recipe, inner: string): string {
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${recipe.responseId}" Version="2.0" IssueInstant="${recipe.responseInstant}"` +
    `${given('Destination', recipe.destination)}${given('InResponseTo', recipe.inResponseTo)}>` +
    (recipe.responseIssuer === undefined ? '' : `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${recipe.responseIssuer}</saml:Issuer>`) +
    `<samlp:Status>${recipe.status}</samlp:Status>${inner}${recipe.responseExtra}</samlp:Response>`
}

export interface SignOptions {
  readonly signature?: string
  readonly digest?: string
  /** XPath of what is signed; the document's element when absent. */
  readonly target?: string
}

/** Signs the element at `target`; the signature goes behind its Issuer. */
export function signXml (xml: string, pair: KeyPair, options: SignOptions = {}): string {
  const target = options.target ?? '/*'
  const signed = new SignedXml({ privateKey: pair.keyPem, publicCert: pair.certificatePem, canonicalizationAlgorithm: algorithms.exclusive })
  signed.signatureAlgorithm = (options.signature ?? algorithms.rsaSha256) as typeof algorithms.rsaSha256
  const digestAlgorithm = (options.digest ?? algorithms.sha256) as typeof algorithms.sha256
  signed.addReference({ xpath: target, transforms: [algorithms.enveloped, algorithms.exclusive], digestAlgorithm })
  signed.computeSignature(xml, { prefix: 'ds', location: { reference: `${target}/*[local-name(.)="Issuer"]`, action: 'after' } })
  return signed.getSignedXml()
}

export interface EncryptChoice {
  readonly content?: EncryptionAlgorithm
  readonly key?: KeyEncryptionAlgorithm
}

/** An EncryptedAssertion that only the holder of the certificate's key opens. */
export async function encryptAssertion (assertionXml: string, certificatePem: string, choice: EncryptChoice = {}): Promise<string> {
  const data = await new Promise<string>((resolve, reject) => {
    encrypt(assertionXml, {
      rsa_pub: certificatePem,
      pem: certificatePem,
      encryptionAlgorithm: choice.content ?? 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      keyEncryptionAlgorithm: choice.key ?? 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      warnInsecureAlgorithm: false,
    }, (error, result) => { if (error) reject(error); else resolve(result) })
  })
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}</saml:EncryptedAssertion>`
}

export interface AnswerOptions {
  readonly pair: KeyPair
  /** What is signed; only the assertion when absent. */
  readonly sign?: readonly ('assertion' | 'response')[]
  readonly encryptFor?: string
  readonly encryption?: EncryptChoice
  readonly algorithm?: SignOptions
}

/** A whole answer as an honest IdP makes it out of a recipe. */
export async function writeAnswer (recipe: Recipe, options: AnswerOptions): Promise<string> {
  const sign = options.sign ?? ['assertion']
  const plain = writeAssertion(recipe)
  const assertion = sign.includes('assertion') ? signXml(plain, options.pair, options.algorithm) : plain
  const inner = options.encryptFor === undefined ? assertion : await encryptAssertion(assertion, options.encryptFor, options.encryption)
  const response = writeResponse(recipe, inner)
  return sign.includes('response') ? signXml(response, options.pair, options.algorithm) : response
}

/** The form that the browser posts. */
export function writeForm (fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

export function toBase64 (xml: string): string {
  return Buffer.from(xml).toString('base64')
}

export interface LogoutRecipe {
  id?: string
  destination?: string | undefined
  issuer?: string
  issueInstant: string
  notOnOrAfter?: string | undefined
  nameId?: string
  sessionIndexes?: readonly string[]
}

export function writeLogoutRequest (recipe: LogoutRecipe): string {
  const { id = `_l${++serial}`, issuer = urls.idp, nameId = 'person-1', sessionIndexes = ['_s1'] } = recipe
  const destination = 'destination' in recipe ? recipe.destination : sloUrl
  return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" ` +
    `IssueInstant="${recipe.issueInstant}"${given('Destination', destination)}${given('NotOnOrAfter', recipe.notOnOrAfter)}><saml:Issuer>${issuer}</saml:Issuer>` +
    `<saml:NameID>${nameId}</saml:NameID>${sessionIndexes.map(index => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`).join('')}</samlp:LogoutRequest>`
}

export function writeLogoutResponse (recipe: { inResponseTo: string, issueInstant: string, status?: string, destination?: string }): string {
  return `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l${++serial}" Version="2.0" ` +
    `IssueInstant="${recipe.issueInstant}" Destination="${recipe.destination ?? sloUrl}" InResponseTo="${recipe.inResponseTo}"><saml:Issuer>${urls.idp}</saml:Issuer>` +
    `<samlp:Status>${recipe.status ?? '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'}</samlp:Status></samlp:LogoutResponse>`
}

/** A message as the Redirect binding carries it, signed when there is a key. */
export function writeQuery (
  parameter: 'SAMLRequest' | 'SAMLResponse', xml: string, options: { pair?: KeyPair, relayState?: string, algorithm?: string, hash?: string } = {},
): string {
  const parts = [`${parameter}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`]
  if (options.relayState !== undefined) parts.push(`RelayState=${encodeURIComponent(options.relayState)}`)
  if (options.pair === undefined) return parts.join('&')
  parts.push(`SigAlg=${encodeURIComponent(options.algorithm ?? algorithms.rsaSha256)}`)
  const signature = sign(options.hash ?? 'sha256', Buffer.from(parts.join('&')), options.pair.keyPem).toString('base64')
  return `${parts.join('&')}&Signature=${encodeURIComponent(signature)}`
}
