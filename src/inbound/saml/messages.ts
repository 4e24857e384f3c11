// Writes the XML of our own messages. Every value is escaped; nothing is signed here.
import { randomBytes } from 'node:crypto'
import { formatInstant } from './instant.ts'
import { escapeXml, namespaces } from './xml.ts'

const open = `xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}"`
const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'

export interface MessageHead {
  readonly id: string
  readonly issuedAt: number
  readonly destination: string
  /** Our entity id. */
  readonly issuer: string
}

/** An XML ID: random, and never beginning with a digit. */
export function createMessageId (): string {
  return `_${randomBytes(20).toString('hex')}`
}

/** An optional attribute with a space before it. */
function attribute (name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeXml(value)}"`
}

function begin (element: string, head: MessageHead, attributes: string): string {
  return `<samlp:${element} ${open}${attribute('ID', head.id)} Version="2.0"${attribute('IssueInstant', formatInstant(head.issuedAt))}` +
    `${attribute('Destination', head.destination)}${attributes}><saml:Issuer>${escapeXml(head.issuer)}</saml:Issuer>`
}

/** SAML 2.0 core 3.4.1. */
export function writeAuthnRequest (head: MessageHead, request: { readonly acsUrl: string, readonly authnContext: readonly string[], readonly forceAuthn: boolean }): string {
  const contexts = request.authnContext.map(context => `<saml:AuthnContextClassRef>${escapeXml(context)}</saml:AuthnContextClassRef>`).join('')
  return begin('AuthnRequest', head, `${attribute('ForceAuthn', request.forceAuthn ? 'true' : undefined)}${attribute('ProtocolBinding', post)}${attribute('AssertionConsumerServiceURL', request.acsUrl)}`) +
    '<samlp:NameIDPolicy AllowCreate="true"/>' +
    (contexts === '' ? '' : `<samlp:RequestedAuthnContext Comparison="exact">${contexts}</samlp:RequestedAuthnContext>`) +
    '</samlp:AuthnRequest>'
}

export interface LogoutSubject {
  readonly nameId: string
  readonly nameIdFormat: string | undefined
  readonly sessionIndex: string | undefined
}

/** SAML 2.0 core 3.7.1. */
export function writeLogoutRequest (head: MessageHead, subject: LogoutSubject, expiresAt: number): string {
  const index = subject.sessionIndex === undefined ? '' : `<samlp:SessionIndex>${escapeXml(subject.sessionIndex)}</samlp:SessionIndex>`
  return begin('LogoutRequest', head, attribute('NotOnOrAfter', formatInstant(expiresAt))) +
    `<saml:NameID${attribute('Format', subject.nameIdFormat)}>${escapeXml(subject.nameId)}</saml:NameID>${index}</samlp:LogoutRequest>`
}

/** SAML 2.0 core 3.7.2. */
export function writeLogoutResponse (head: MessageHead, answer: { readonly inResponseTo: string, readonly status: 'Success' | 'Responder' }): string {
  return begin('LogoutResponse', head, attribute('InResponseTo', answer.inResponseTo)) +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${answer.status}"/></samlp:Status></samlp:LogoutResponse>`
}
