// Judges the envelope of an answer: that it is one Response, for us, to our request, with one assertion in one place. The envelope may be
// unsigned, so nothing here grants anything: it can only refuse.
import { isToCome, parseInstant, type Moment } from './instant.ts'
import { reasons } from './reasons.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, namespaces, onlyChild, textOf, walk } from './xml.ts'

const { assertion: saml, protocol: samlp, signature: ds } = namespaces
const status = 'urn:oasis:names:tc:SAML:2.0:status:'

export interface ResponseExpectation extends Moment {
  readonly idpEntityId: string
  readonly acsUrl: string
  readonly requestId: string
}

export interface ResponseParts {
  /** Exactly one of the two is there. */
  readonly assertion: Element | undefined
  readonly encrypted: Element | undefined
}

function requireSuccess (root: Element): void {
  const holder = onlyChild(root, samlp, 'Status')
  const code = holder === undefined ? undefined : onlyChild(holder, samlp, 'StatusCode')
  if (code === undefined) throw reasons.deny('saml.structure')
  if (attributeOf(code, 'Value') === `${status}Success`) return
  const inner = childrenNamed(code, samlp, 'StatusCode')[0]
  const cannot = inner !== undefined && attributeOf(inner, 'Value') === `${status}NoAuthnContext`
  throw reasons.deny(cannot ? 'saml.contextUnavailable' : 'saml.cancelled')
}

function findParts (root: Element): ResponseParts {
  const known = childrenOf(root).every(child =>
    isElement(child, saml, 'Issuer') || isElement(child, ds, 'Signature') || isElement(child, samlp, 'Status') ||
    isElement(child, saml, 'Assertion') || isElement(child, saml, 'EncryptedAssertion'))
  // Verifiers look for assertions by local name and in any depth, so any element of that name counts.
  const assertions = walk(root).filter(element => element.localName === 'Assertion' || element.localName === 'EncryptedAssertion')
  const [only] = assertions
  if (!known || only === undefined || assertions.length !== 1 || only.parentNode !== root) throw reasons.deny('saml.structure')
  return isElement(only, saml, 'Assertion') ? { assertion: only, encrypted: undefined } : { assertion: undefined, encrypted: only }
}

/** Finds the one assertion. Throws a Denial. */
export function checkResponse (root: Element, expected: ResponseExpectation): ResponseParts {
  if (!isElement(root, samlp, 'Response') || attributeOf(root, 'Version') !== '2.0') throw reasons.deny('saml.structure')
  requireSuccess(root)
  if (attributeOf(root, 'Destination') !== expected.acsUrl) throw reasons.deny('saml.destination')
  if (attributeOf(root, 'InResponseTo') !== expected.requestId) throw reasons.deny('saml.inResponseTo')
  const issuers = childrenNamed(root, saml, 'Issuer')
  if (issuers.length > 1 || issuers.some(issuer => textOf(issuer) !== expected.idpEntityId)) throw reasons.deny('saml.issuer')
  // SAML 2.0 profiles 4.1.4.2: a signed Response names its issuer.
  if (issuers.length === 0 && childrenNamed(root, ds, 'Signature').length > 0) throw reasons.deny('saml.issuer')
  const issuedAt = parseInstant(attributeOf(root, 'IssueInstant'))
  if (issuedAt === undefined) throw reasons.deny('saml.timeInvalid')
  if (isToCome(issuedAt, expected)) throw reasons.deny('saml.notYetValid')
  return findParts(root)
}
