// What the demo's identity provider says in SAML: samlify reads, writes and signs; this file only tells it the facts. It keeps no state and
// answers nobody but the one application that it was made for.
import { randomUUID } from 'node:crypto'
import samlify from 'samlify'
import { createKeyPair } from './key-pair.ts'
import type { DemoPerson } from './people.ts'

export interface DemoServiceProvider {
  readonly entityId: string
  readonly acsUrl: string
  readonly sloUrl?: string
}

export type Binding = 'redirect' | 'post'

/** A request for sign-in that was read. */
export interface SignInRequest {
  readonly id: string
  readonly forceAuthn: boolean
  readonly relayState: string
}

/** A message on its way through the browser. */
export type Sending = { readonly kind: 'redirect', readonly location: string } | { readonly kind: 'form', readonly action: string, readonly fields: Readonly<Record<string, string>> }

export interface SignedIn {
  readonly person: Pick<DemoPerson, 'id' | 'name' | 'email' | 'groups'>
  readonly sessionIndex: string
  readonly authenticatedAt: Date
}

/** What arrived at an address: the query or the form, and the query as it was written. */
export interface Arrived {
  readonly binding: Binding
  readonly fields: Readonly<Record<string, unknown>>
  readonly rawQuery: string
}

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-'
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const lifetimeMs = 5 * 60 * 1000
/** Our pretended second factor. */
export const strongSignIn = 'urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken'

// samlify wants a validator before it reads anything. A document type is the one thing that its parser must never see.
samlify.setSchemaValidator({ async validate (xml: string) { if (xml.includes('<!')) throw new Error('unsafe XML'); return 'ok' } })

const createMessageId = () => `_${randomUUID()}`
const escapeXml = (text: string) => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

function writeAttribute (name: string, values: readonly string[]): string {
  const inner = values.map(value => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`).join('')
  return `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">${inner}</saml:Attribute>`
}

/** samlify's own template knows attributes with one value; groups have many, so the statements are written here. */
function writeStatements ({ person, sessionIndex, authenticatedAt }: SignedIn): string {
  return `<saml:AuthnStatement AuthnInstant="${authenticatedAt.toISOString()}" SessionIndex="${sessionIndex}"><saml:AuthnContext>` +
    `<saml:AuthnContextClassRef>${strongSignIn}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>` +
    `${writeAttribute('displayName', [person.name])}${writeAttribute('mail', [person.email])}${writeAttribute('groups', person.groups)}</saml:AttributeStatement>`
}

/** samlify's octets of the Redirect binding's signature: the parameters as written, without the signature itself. */
function toRequest ({ binding, fields, rawQuery }: Arrived) {
  return binding === 'post' ? { body: fields } : { query: fields, octetString: rawQuery.replace(/&Signature=[^&]*/, '') }
}

function toSending (parameter: 'SAMLRequest' | 'SAMLResponse', binding: Binding, context: object): Sending {
  const made = context as { context: string, entityEndpoint?: string, relayState?: string }
  if (binding === 'redirect') return { kind: 'redirect', location: made.context }
  return { kind: 'form', action: made.entityEndpoint ?? '', fields: { [parameter]: made.context, ...(made.relayState ? { RelayState: made.relayState } : {}) } }
}

const text = (value: unknown) => typeof value === 'string' ? value : ''

/** samlify's picture of both sides. The provider has a signing key of its own that is made now. */
async function createEntities (url: string, application: DemoServiceProvider) {
  const { keyPem, certificatePem } = await createKeyPair('Demo identity provider')
  const services = (location: string) => ['Redirect', 'POST'].map(name => ({ Binding: bindings + name, Location: location }))
  const idp = samlify.IdentityProvider({
    entityID: `${url}/metadata`,
    privateKey: keyPem,
    signingCert: certificatePem,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    nameIDFormat: [persistent],
    singleSignOnService: services(`${url}/sso`),
    singleLogoutService: services(`${url}/slo`),
  })
  const sp = samlify.ServiceProvider({
    entityID: application.entityId,
    assertionConsumerService: [{ Binding: `${bindings}POST`, Location: application.acsUrl }],
    singleLogoutService: application.sloUrl === undefined ? [] : services(application.sloUrl),
    wantAssertionsSigned: true,
    wantMessageSigned: true,
    wantLogoutRequestSigned: true,
    wantLogoutResponseSigned: true,
  })
  return { idp, sp }
}

/** The words that go into samlify's template of an answer. */
function writeWords (issuer: string, application: DemoServiceProvider, request: SignInRequest, signedIn: SignedIn) {
  const now = Date.now()
  const end = new Date(now + lifetimeMs).toISOString()
  return {
    ID: createMessageId(),
    AssertionID: createMessageId(),
    Destination: application.acsUrl,
    Audience: application.entityId,
    SubjectRecipient: application.acsUrl,
    Issuer: issuer,
    IssueInstant: new Date(now).toISOString(),
    ConditionsNotBefore: new Date(now).toISOString(),
    ConditionsNotOnOrAfter: end,
    SubjectConfirmationDataNotOnOrAfter: end,
    StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    NameIDFormat: persistent,
    NameID: signedIn.person.id,
    InResponseTo: request.id,
  }
}

/** The provider at `url`. */
export async function createDemoSaml (url: string, application: DemoServiceProvider) {
  const { idp, sp } = await createEntities(url, application)
  return {
    metadataXml: idp.getMetadata(),

    async readSignIn (arrived: Arrived): Promise<SignInRequest> {
      const { extract, samlContent } = await idp.parseLoginRequest(sp, arrived.binding, toRequest(arrived))
      const asked = text(extract.request?.['assertionConsumerServiceUrl'])
      if (extract.issuer !== application.entityId || (asked !== '' && asked !== application.acsUrl)) throw new Error('another application')
      return { id: text(extract.request?.['id']), forceAuthn: / ForceAuthn="(true|1)"/.test(samlContent), relayState: text(arrived.fields['RelayState']) }
    },

    /** Signs the assertion and the answer around it. */
    async answerSignIn (request: SignInRequest, signedIn: SignedIn): Promise<Sending> {
      const words = writeWords(`${url}/metadata`, application, request, signedIn)
      const customTagReplacement = (template: string) => ({
        id: words.ID,
        context: samlify.SamlLib.replaceTagsByValue(template, words).replace('{AuthnStatement}{AttributeStatement}', () => writeStatements(signedIn)),
      })
      const made = await idp.createLoginResponse(sp, { extract: { request: { id: request.id } } }, 'post', {}, { relayState: request.relayState, customTagReplacement })
      return toSending('SAMLResponse', 'post', made)
    },

    /** Whose session the application wants to end, and the answer for afterwards. */
    async readLogout (arrived: Arrived) {
      const info = await idp.parseLogoutRequest(sp, arrived.binding, toRequest(arrived))
      if (info.extract.issuer !== application.entityId) throw new Error('another application')
      return {
        nameId: text(info.extract.nameID),
        answer: () => toSending('SAMLResponse', arrived.binding, idp.createLogoutResponse(sp, { ...info }, arrived.binding, { relayState: text(arrived.fields['RelayState']) })),
      }
    },

    /** Asks the application to end the person's sessions; undefined when it has no single logout. */
    startLogout (signedIn: SignedIn, binding: Binding): Sending | undefined {
      if (application.sloUrl === undefined) return undefined
      return toSending('SAMLRequest', binding, idp.createLogoutRequest(sp, binding, { logoutNameID: signedIn.person.id, sessionIndex: signedIn.sessionIndex }))
    },
  }
}

export type DemoSaml = Awaited<ReturnType<typeof createDemoSaml>>
