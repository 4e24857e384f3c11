// Single logout, begun by us or by the IdP, by Redirect or POST. Success is answered only when the sessions are dead; an unsigned message ends
// nothing and answers nothing.
import { createHash } from 'node:crypto'
import type { Principal } from '../principal.ts'
import { checkLogoutRequest, checkLogoutResponse, type LogoutRequestFacts } from './check-logout.ts'
import { decodePosted, decodeRedirected, readForm } from './form.ts'
import { chooseEndpoint, type IdpDescription } from './idp-metadata.ts'
import { createMessageId, writeLogoutRequest, writeLogoutResponse } from './messages.ts'
import { parseMessage } from './parse-message.ts'
import { reasons } from './reasons.ts'
import { verifyRedirect } from './redirect-signature.ts'
import { sendMessage, type SamlAnswer } from './send-message.ts'
import { momentOf, type SamlContext } from './settings.ts'
import { XmlError } from './xml.ts'
import { verifyRoot } from './xml-signature.ts'

const requestLifetimeMs = 5 * 60 * 1000
const maxRelayStateLength = 1024

export type EndSessions = (nameId: string, sessionIndex: string | undefined) => Promise<number>

/** A logout message whose signature was proven. */
interface ProvenMessage {
  readonly parameter: 'SAMLRequest' | 'SAMLResponse'
  readonly root: Element
  readonly relayState: string | undefined
  readonly binding: 'redirect' | 'post'
}

function provePosted (form: string, idp: IdpDescription): ProvenMessage {
  const fields = readForm(form)
  const parameter = fields.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse'
  const value = fields.get(parameter)
  if (value === undefined || (fields.has('SAMLRequest') && fields.has('SAMLResponse'))) throw reasons.deny('saml.logoutInvalid')
  try {
    const root = verifyRoot(decodePosted(value), idp.certificatePems)
    if (root === undefined) throw reasons.deny('saml.logoutUnsigned')
    return { parameter, root, relayState: fields.get('RelayState'), binding: 'post' }
  } catch (error) {
    throw error instanceof XmlError ? reasons.deny('saml.xmlUnsafe') : error
  }
}

function proveRedirected (query: string, idp: IdpDescription): ProvenMessage {
  const { parameter, value, relayState } = verifyRedirect(query, idp.keys)
  return { parameter, root: parseMessage(decodeRedirected(value)), relayState, binding: 'redirect' }
}

export function createSignOut (context: SamlContext) {
  const { settings, clock, store, log } = context
  const expectation = (idp: IdpDescription) => ({ ...momentOf(context), idpEntityId: idp.entityId, sloUrl: settings.sloUrl })
  const head = (destination: string) => ({ id: createMessageId(), issuedAt: clock.now(), destination, issuer: settings.entityId })

  async function end (facts: LogoutRequestFacts, endSessions: EndSessions): Promise<'Success' | 'Responder'> {
    const indexes = facts.sessionIndexes.length === 0 ? [undefined] : facts.sessionIndexes
    try {
      for (const index of indexes) await endSessions(facts.nameId, index)
      return 'Success'
    } catch (error) {
      log.bug('saml.logout.failed', error)
      return 'Responder'
    }
  }

  async function answerRequest (message: ProvenMessage, idp: IdpDescription, endSessions: EndSessions): Promise<SamlAnswer> {
    const facts = checkLogoutRequest(message.root, expectation(idp))
    if ((message.relayState?.length ?? 0) > maxRelayStateLength) throw reasons.deny('saml.logoutInvalid')
    const key = createHash('sha256').update(JSON.stringify([idp.entityId, facts.id])).digest('base64url')
    if (!await store.putOnce(`saml.logout:${key}`, '1', facts.expiresAt + settings.skewMs - clock.now())) throw reasons.deny('saml.logoutReplayed')
    const status = await end(facts, endSessions)
    const endpoint = chooseEndpoint(idp.logout, message.binding)
    if (endpoint === undefined) return { kind: 'redirect', location: settings.signedOutUrl }
    const xml = writeLogoutResponse(head(endpoint.responseUrl), { inResponseTo: facts.id, status })
    return sendMessage({ binding: endpoint.binding, url: endpoint.responseUrl }, { parameter: 'SAMLResponse', xml, relayState: message.relayState, signer: context.keys.signing })
  }

  async function takeResponse (message: ProvenMessage, idp: IdpDescription): Promise<SamlAnswer> {
    const facts = checkLogoutResponse(message.root, expectation(idp))
    if (await store.take(`saml.logoutSent:${facts.inResponseTo}`) === undefined) throw reasons.deny('saml.logoutUnknown')
    if (!facts.complete) throw reasons.deny('saml.logoutIncomplete')
    return { kind: 'redirect', location: settings.signedOutUrl }
  }

  return {
    async startLogout (principal: Principal): Promise<SamlAnswer | undefined> {
      // Signing out here must not depend on the IdP.
      if (!context.idp.ready().ok) return undefined
      const idp = context.idp.require()
      const endpoint = chooseEndpoint(idp.logout, settings.config.binding)
      if (endpoint === undefined || principal.idp !== idp.entityId) return undefined
      const request = head(endpoint.url)
      await store.putOnce(`saml.logoutSent:${request.id}`, '1', requestLifetimeMs + 2 * settings.skewMs)
      const xml = writeLogoutRequest(request, principal, request.issuedAt + requestLifetimeMs)
      return sendMessage(endpoint, { parameter: 'SAMLRequest', xml, relayState: undefined, signer: context.keys.signing })
    },

    async logout (message: { readonly query: string, readonly form: string | undefined }, endSessions: EndSessions): Promise<SamlAnswer> {
      const idp = context.idp.require()
      const proven = message.form === undefined ? proveRedirected(message.query.replace(/^\?/, ''), idp) : provePosted(message.form, idp)
      return proven.parameter === 'SAMLRequest' ? await answerRequest(proven, idp, endSessions) : await takeResponse(proven, idp)
    },
  }
}
