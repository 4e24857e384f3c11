// Judges a logout message of the IdP whose signature was proven: that it is for us, from the IdP, and now.
import { hasPassed, isToCome, parseInstant, type Moment } from './instant.ts'
import { reasons } from './reasons.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, namespaces, onlyChild, textOf } from './xml.ts'

const { assertion: saml, protocol: samlp, signature: ds } = namespaces
/** How long a message without an end of its own is taken. */
const lifetimeMs = 5 * 60 * 1000
const maxSessionIndexes = 64
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'

export interface LogoutExpectation extends Moment {
  readonly idpEntityId: string
  readonly sloUrl: string
}

export interface LogoutRequestFacts {
  readonly id: string
  readonly nameId: string
  /** Empty: all sessions of the person. */
  readonly sessionIndexes: readonly string[]
  readonly expiresAt: number
}

export interface LogoutResponseFacts {
  readonly inResponseTo: string
  /** The IdP says that it signed the person out everywhere. */
  readonly complete: boolean
}

function checkHead (root: Element, name: string, expected: LogoutExpectation): { id: string, expiresAt: number } {
  const id = attributeOf(root, 'ID')
  if (!isElement(root, samlp, name) || attributeOf(root, 'Version') !== '2.0' || id === undefined || id === '') throw reasons.deny('saml.logoutInvalid')
  if (attributeOf(root, 'Destination') !== expected.sloUrl) throw reasons.deny('saml.logoutInvalid')
  if (textOf(onlyChild(root, saml, 'Issuer')) !== expected.idpEntityId) throw reasons.deny('saml.logoutInvalid')
  const issuedAt = parseInstant(attributeOf(root, 'IssueInstant'))
  const end = attributeOf(root, 'NotOnOrAfter')
  const expiresAt = end === undefined ? (issuedAt ?? 0) + lifetimeMs : parseInstant(end)
  if (issuedAt === undefined || expiresAt === undefined) throw reasons.deny('saml.logoutInvalid')
  if (isToCome(issuedAt, expected) || hasPassed(expiresAt, expected)) throw reasons.deny('saml.logoutExpired')
  return { id, expiresAt }
}

export function checkLogoutRequest (root: Element, expected: LogoutExpectation): LogoutRequestFacts {
  const { id, expiresAt } = checkHead(root, 'LogoutRequest', expected)
  const known = childrenOf(root).every(child => ['Issuer', 'NameID'].some(name => isElement(child, saml, name)) ||
    ['Extensions', 'SessionIndex'].some(name => isElement(child, samlp, name)) || isElement(child, ds, 'Signature'))
  const nameId = textOf(onlyChild(root, saml, 'NameID'))
  const sessionIndexes = childrenNamed(root, samlp, 'SessionIndex').map(element => textOf(element))
  if (!known || nameId === undefined || nameId === '' || sessionIndexes.length > maxSessionIndexes) throw reasons.deny('saml.logoutInvalid')
  if (!sessionIndexes.every(index => index !== undefined && index !== '')) throw reasons.deny('saml.logoutInvalid')
  return { id, nameId, sessionIndexes: sessionIndexes.filter(index => index !== undefined), expiresAt }
}

export function checkLogoutResponse (root: Element, expected: LogoutExpectation): LogoutResponseFacts {
  checkHead(root, 'LogoutResponse', expected)
  const inResponseTo = attributeOf(root, 'InResponseTo')
  const status = onlyChild(root, samlp, 'Status')
  const code = status === undefined ? undefined : onlyChild(status, samlp, 'StatusCode')
  if (inResponseTo === undefined || code === undefined) throw reasons.deny('saml.logoutInvalid')
  // A second-level code under Success says PartialLogout.
  return { inResponseTo, complete: attributeOf(code, 'Value') === success && childrenOf(code).length === 0 }
}
