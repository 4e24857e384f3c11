// Reads what an IdP says about itself: its name, its addresses and its signing certificates. It reads one document and fetches nothing.
import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import { hasPassed, parseInstant, type Moment } from './instant.ts'
import { isUsableCertificate } from './keys.ts'
import { attributeOf, childrenNamed, isElement, namespaces, parseXml, textOf, walk, XmlError } from './xml.ts'
import { verifyRoot } from './xml-signature.ts'

const { metadata: md, signature: ds, protocol } = namespaces
const bindings: ReadonlyMap<string | undefined, 'redirect' | 'post'> = new Map([
  ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', 'redirect'],
  ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', 'post'],
])

export interface Endpoint {
  readonly binding: 'redirect' | 'post'
  readonly url: string
  /** Where answers go; the same as `url` unless the IdP says otherwise. */
  readonly responseUrl: string
}

export interface IdpDescription {
  readonly entityId: string
  /** At least one. */
  readonly signOn: readonly Endpoint[]
  readonly logout: readonly Endpoint[]
  /** At least one; several while the IdP rolls its key over. */
  readonly certificatePems: readonly string[]
  readonly keys: readonly KeyObject[]
  readonly wantsSignedRequests: boolean
  /** Ms since the epoch. */
  readonly validUntil: number | undefined
}

/** The metadata cannot be used. The message is ours, says what is wrong and quotes nothing. */
export class MetadataError extends Error {
  override readonly name = 'MetadataError'
  readonly line: number
  constructor (message: string, element?: Element) {
    super(message)
    this.line = (element as { lineNumber?: number } | undefined)?.lineNumber ?? 1
  }
}

/** People's browsers go there with what proves them, so https; http only on this very machine (a demonstration). */
export function isAcceptableAddress (text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname))
}

function readEndpoints (role: Element, name: string): readonly Endpoint[] {
  return childrenNamed(role, md, name).flatMap(element => {
    const binding = bindings.get(attributeOf(element, 'Binding'))
    if (binding === undefined) return []
    const url = attributeOf(element, 'Location') ?? ''
    const responseUrl = attributeOf(element, 'ResponseLocation') ?? url
    if (!isAcceptableAddress(url) || !isAcceptableAddress(responseUrl)) throw new MetadataError(`The address of a ${name} is not an https address.`, element)
    return [{ binding, url, responseUrl }]
  })
}

function readCertificate (element: Element): X509Certificate {
  try {
    return new X509Certificate(Buffer.from((textOf(element) ?? '').replace(/\s/g, ''), 'base64'))
  } catch {
    throw new MetadataError('A signing certificate cannot be read.', element)
  }
}

function certificatesIn (element: Element): readonly X509Certificate[] {
  return walk(element).filter(found => isElement(found, ds, 'X509Certificate')).map(readCertificate)
}

function findEntity (root: Element): { entity: Element, role: Element } {
  const entities = isElement(root, md, 'EntityDescriptor') ? [root] : walk(root).filter(element => isElement(element, md, 'EntityDescriptor'))
  const idps = entities.flatMap(entity => childrenNamed(entity, md, 'IDPSSODescriptor')
    .filter(role => (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(protocol))
    .map(role => ({ entity, role })))
  const [only, ...more] = idps
  if (only === undefined) throw new MetadataError('There is no identity provider for SAML 2.0 (IDPSSODescriptor) in it.', root)
  if (more.length > 0) throw new MetadataError('There are several identity providers in it; cut it down to the one that people sign in at.', more[0]?.entity)
  return only
}

function earliestEnd (elements: readonly Element[], moment: Moment): number | undefined {
  const ends = elements.flatMap(element => {
    const text = attributeOf(element, 'validUntil')
    const end = parseInstant(text)
    if (text !== undefined && end === undefined) throw new MetadataError('validUntil is not a UTC time.', element)
    if (end !== undefined && hasPassed(end, moment)) throw new MetadataError('Its validUntil has passed; get a newer one.', element)
    return end === undefined ? [] : [end]
  })
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** The root as signed by the certificate whose SHA-256 is `pin`. */
function verifyPinned (text: string, pin: string): Element {
  const pems = certificatesIn(parseXml(text, { comments: true }))
    .filter(certificate => createHash('sha256').update(certificate.raw).digest('hex') === pin.toLowerCase())
    .map(certificate => certificate.toString())
  let root: Element | undefined
  try {
    root = verifyRoot(text, pems.slice(0, 1), { comments: true })
  } catch { /* answered below */ }
  if (root === undefined) throw new MetadataError('It is not validly signed by the certificate of signIn.saml.idp.pin.')
  return root
}

function readRoot (text: string, pin: string | undefined): Element {
  try {
    return pin === undefined ? parseXml(text, { comments: true }) : verifyPinned(text, pin)
  } catch (error) {
    if (error instanceof XmlError) throw new MetadataError(`It is not sound XML: ${error.message}.`)
    throw error
  }
}

/** Reads a metadata document. Throws a MetadataError. */
export function readIdpMetadata (text: string, options: { readonly pin?: string | undefined, readonly moment: Moment }): IdpDescription {
  const root = readRoot(text, options.pin)
  const { entity, role } = findEntity(root)
  const entityId = attributeOf(entity, 'entityID') ?? ''
  if (entityId === '') throw new MetadataError('The identity provider has no entityID.', entity)
  const signOn = readEndpoints(role, 'SingleSignOnService')
  if (signOn.length === 0) throw new MetadataError('It has no SingleSignOnService with Redirect or POST binding.', role)
  const descriptors = childrenNamed(role, md, 'KeyDescriptor').filter(descriptor => (attributeOf(descriptor, 'use') ?? 'signing') === 'signing')
  const certificates = descriptors.flatMap(certificatesIn).filter(isUsableCertificate)
  if (certificates.length === 0) throw new MetadataError('It has no signing certificate with an RSA key of at least 2048 bits.', role)
  return {
    entityId,
    signOn,
    logout: readEndpoints(role, 'SingleLogoutService'),
    certificatePems: certificates.map(certificate => certificate.toString()),
    keys: certificates.map(certificate => certificate.publicKey),
    wantsSignedRequests: ['true', '1'].includes(attributeOf(role, 'WantAuthnRequestsSigned') ?? ''),
    validUntil: earliestEnd([root, entity, role], options.moment),
  }
}

/** The endpoint with the binding that is liked better, or the other one. */
export function chooseEndpoint (endpoints: readonly Endpoint[], liked: 'redirect' | 'post'): Endpoint | undefined {
  return endpoints.find(endpoint => endpoint.binding === liked) ?? endpoints[0]
}
