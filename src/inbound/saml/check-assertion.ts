// Judges the verified assertion: every rule of the web browser sign-on profile (SAML 2.0 profiles 4.1.4) that decides whether it speaks for a
// person, to us, now. It is given only XML whose signature was proven.
import { hasPassed, isToCome, parseInstant, type Moment } from './instant.ts'
import { readAttributes, type Attributes } from './attributes.ts'
import { reasons, type SamlCode } from './reasons.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, namespaces, onlyChild, textOf } from './xml.ts'

const { assertion: saml, signature: ds } = namespaces
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const entityFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity'
const maxNameId = 1024

export interface AssertionExpectation extends Moment {
  readonly idpEntityId: string
  readonly spEntityId: string
  readonly acsUrl: string
  readonly requestId: string
  /** Accepted AuthnContextClassRef; empty accepts any. */
  readonly authnContext: readonly string[]
  readonly maxAuthenticationAgeMs: number | undefined
}

/** What a verified and accepted assertion says. */
export interface AssertionFacts {
  readonly id: string
  /** The last moment at which it could be used, without skew; ms since the epoch. */
  readonly expiresAt: number
  readonly nameId: string
  readonly nameIdFormat: string | undefined
  readonly sessionIndex: string | undefined
  readonly authnContext: string | undefined
  readonly authenticatedAt: number
  readonly notAfter: number | undefined
  readonly attributes: Attributes
}

function requireInstant (element: Element, name: string): number {
  const value = parseInstant(attributeOf(element, name))
  if (value === undefined) throw reasons.deny('saml.timeInvalid')
  return value
}

function requireOnly (parent: Element, name: string, code: SamlCode): Element {
  const found = onlyChild(parent, saml, name)
  if (found === undefined) throw reasons.deny(code)
  return found
}

/** Checks NotBefore and NotOnOrAfter; the latter must be there. Returns it. */
function requireWindow (element: Element, moment: Moment): number {
  const notOnOrAfter = requireInstant(element, 'NotOnOrAfter')
  if (attributeOf(element, 'NotBefore') !== undefined && isToCome(requireInstant(element, 'NotBefore'), moment)) throw reasons.deny('saml.notYetValid')
  if (hasPassed(notOnOrAfter, moment)) throw reasons.deny('saml.expired')
  return notOnOrAfter
}

function checkIdentity (assertion: Element, expected: AssertionExpectation): string {
  const id = attributeOf(assertion, 'ID')
  if (!isElement(assertion, saml, 'Assertion') || attributeOf(assertion, 'Version') !== '2.0' || id === undefined || id === '') throw reasons.deny('saml.structure')
  const known = ['Issuer', 'Subject', 'Conditions', 'AuthnStatement', 'AttributeStatement']
  if (!childrenOf(assertion).every(child => isElement(child, ds, 'Signature') || known.some(name => isElement(child, saml, name)))) throw reasons.deny('saml.structure')
  const issuer = requireOnly(assertion, 'Issuer', 'saml.issuer')
  if (textOf(issuer) !== expected.idpEntityId || (attributeOf(issuer, 'Format') ?? entityFormat) !== entityFormat) throw reasons.deny('saml.issuer')
  if (isToCome(requireInstant(assertion, 'IssueInstant'), expected)) throw reasons.deny('saml.notYetValid')
  return id
}

function checkSubject (assertion: Element, expected: AssertionExpectation) {
  const subject = requireOnly(assertion, 'Subject', 'saml.subject')
  const nameIdElement = requireOnly(subject, 'NameID', 'saml.subject')
  const nameId = textOf(nameIdElement)
  if (nameId === undefined || nameId === '' || nameId.length > maxNameId || /\p{Cc}/u.test(nameId)) throw reasons.deny('saml.subject')
  const confirmation = onlyChild(subject, saml, 'SubjectConfirmation')
  if (confirmation === undefined || attributeOf(confirmation, 'Method') !== bearer) throw reasons.deny('saml.confirmation')
  const data = requireOnly(confirmation, 'SubjectConfirmationData', 'saml.confirmation')
  if (childrenOf(subject).length !== 2 || childrenOf(confirmation).length !== 1) throw reasons.deny('saml.subject')
  if (attributeOf(data, 'Recipient') !== expected.acsUrl) throw reasons.deny('saml.recipient')
  if (attributeOf(data, 'InResponseTo') !== expected.requestId) throw reasons.deny('saml.inResponseTo')
  return { nameId, nameIdFormat: attributeOf(nameIdElement, 'Format'), expiresAt: requireWindow(data, expected) }
}

function checkConditions (assertion: Element, expected: AssertionExpectation): number {
  const conditions = requireOnly(assertion, 'Conditions', 'saml.conditionsMissing')
  const known = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']
  // SAML 2.0 core 2.5.1.1: a condition that is not understood makes the assertion's validity indeterminate.
  if (!childrenOf(conditions).every(child => known.some(name => isElement(child, saml, name)))) throw reasons.deny('saml.conditionsMissing')
  const restrictions = childrenNamed(conditions, saml, 'AudienceRestriction')
  const names = (restriction: Element) => childrenNamed(restriction, saml, 'Audience').some(audience => textOf(audience) === expected.spEntityId)
  if (restrictions.length === 0 || !restrictions.every(names)) throw reasons.deny('saml.audience')
  return requireWindow(conditions, expected)
}

function checkAuthentication (assertion: Element, expected: AssertionExpectation) {
  const statement = requireOnly(assertion, 'AuthnStatement', 'saml.structure')
  const authenticatedAt = requireInstant(statement, 'AuthnInstant')
  if (isToCome(authenticatedAt, expected)) throw reasons.deny('saml.notYetValid')
  const notAfter = attributeOf(statement, 'SessionNotOnOrAfter') === undefined ? undefined : requireInstant(statement, 'SessionNotOnOrAfter')
  if (notAfter !== undefined && hasPassed(notAfter, expected)) throw reasons.deny('saml.sessionExpired')
  const authnContext = textOf(onlyChild(requireOnly(statement, 'AuthnContext', 'saml.structure'), saml, 'AuthnContextClassRef'))
  if (expected.authnContext.length > 0 && !expected.authnContext.includes(authnContext ?? '')) throw reasons.deny('saml.authnContext')
  const oldest = expected.maxAuthenticationAgeMs === undefined ? undefined : expected.nowMs - expected.maxAuthenticationAgeMs - expected.skewMs
  if (oldest !== undefined && authenticatedAt < oldest) throw reasons.deny('saml.authenticationTooOld')
  return { authenticatedAt, notAfter, authnContext, sessionIndex: attributeOf(statement, 'SessionIndex') }
}

/** What the assertion says, when every rule is met. Throws a Denial otherwise. */
export function checkAssertion (assertion: Element, expected: AssertionExpectation): AssertionFacts {
  const id = checkIdentity(assertion, expected)
  const { expiresAt, ...subject } = checkSubject(assertion, expected)
  const conditionsEnd = checkConditions(assertion, expected)
  const authentication = checkAuthentication(assertion, expected)
  const attributes = readAttributes(childrenNamed(assertion, saml, 'AttributeStatement'))
  return { id, expiresAt: Math.min(expiresAt, conditionsEnd), ...subject, ...authentication, attributes }
}
