// Sign-in begun by us: sends the browser to the IdP and accepts its answer. A person is proven only by a verified assertion, to our request, in
// the browser that we sent away, once.
import { createHash } from 'node:crypto'
import { Denial } from '../../shared/errors.ts'
import type { Principal } from '../principal.ts'
import { verifyAssertion } from './assertion-verifier.ts'
import { createAttempts, isRelayState, type SentAttempt } from './attempts.ts'
import { createBrowserCookie, hashBrowser, isSameBrowser } from './browser-cookie.ts'
import { checkAssertion, type AssertionFacts } from './check-assertion.ts'
import { checkResponse, type ResponseParts } from './check-response.ts'
import { decodePosted, readForm } from './form.ts'
import { chooseEndpoint, type IdpDescription } from './idp-metadata.ts'
import { createMessageId, writeAuthnRequest } from './messages.ts'
import { openAssertion } from './open-assertion.ts'
import { parseMessage } from './parse-message.ts'
import { readPrincipal } from './read-principal.ts'
import { reasons } from './reasons.ts'
import { sendMessage, type SamlAnswer } from './send-message.ts'
import { momentOf, type SamlContext } from './settings.ts'
import { isSigned, requireSoundSignatures } from './signature-policy.ts'

/** Opens an encrypted assertion only to see whether it may be verified. */
async function inspect (root: Element, parts: ResponseParts, context: SamlContext) {
  const { config } = context.settings
  const { assertion, encrypted } = parts
  if (encrypted === undefined) {
    if (config.requireEncryptedAssertions || assertion === undefined) throw reasons.deny('saml.notEncrypted')
    requireSoundSignatures(root, [root, assertion])
    return { decryptionKeyPem: undefined, assertionSigned: isSigned(assertion) }
  }
  requireSoundSignatures(root, [root])
  const opened = await openAssertion(encrypted, context.keys.decryption.map(pair => pair.keyPem))
  requireSoundSignatures(opened.assertion, [opened.assertion])
  return { decryptionKeyPem: opened.keyPem, assertionSigned: isSigned(opened.assertion) }
}

/** What the answer proves about a person. Throws a Denial. */
async function prove (xml: string, attempt: SentAttempt, idp: IdpDescription, context: SamlContext): Promise<AssertionFacts> {
  const { settings } = context
  const expected = { ...momentOf(context), idpEntityId: idp.entityId, acsUrl: settings.acsUrl, requestId: attempt.requestId }
  const root = parseMessage(xml)
  const parts = checkResponse(root, expected)
  const { decryptionKeyPem, assertionSigned } = await inspect(root, parts, context)
  const assertionXml = await verifyAssertion(xml, { certificatePems: idp.certificatePems, decryptionKeyPem, responseSigned: isSigned(root), assertionSigned })
  const maxAuthenticationAgeMs = oldestAge(settings, attempt, expected.nowMs)
  return checkAssertion(parseMessage(assertionXml), { ...expected, spEntityId: settings.entityId, authnContext: settings.config.authnContext, maxAuthenticationAgeMs })
}

/** How old the sign-in at the IdP may be, ms; undefined when any will do. */
function oldestAge (settings: SamlContext['settings'], attempt: SentAttempt, nowMs: number): number | undefined {
  if (attempt.freshAfter === undefined || settings.config.freshSignIn !== 'require') return settings.maxAuthenticationAgeMs
  return Math.min(settings.maxAuthenticationAgeMs ?? Infinity, Math.max(0, nowMs - attempt.freshAfter))
}

export function createSignIn (context: SamlContext, options: { readonly publicUrl: string, readonly signInKey: Buffer }) {
  const { settings, clock, store } = context
  const attempts = createAttempts({ store, clock, publicUrl: options.publicUrl })
  const cookie = createBrowserCookie({ key: options.signInKey, clock })

  async function proveOrAskFresh (xml: string, attempt: SentAttempt, idp: IdpDescription): Promise<AssertionFacts> {
    try {
      return await prove(xml, attempt, idp, context)
    } catch (error) {
      // Without this the IdP would hand out the same old or weak sign-in for ever.
      if (error instanceof Denial && (error.code === 'saml.authenticationTooOld' || error.code === 'saml.authnContext')) await attempts.askFresh(attempt.browser)
      throw error
    }
  }

  async function useOnce (facts: AssertionFacts, idp: IdpDescription): Promise<void> {
    const key = createHash('sha256').update(JSON.stringify([idp.entityId, facts.id])).digest('base64url')
    const ttlMs = facts.expiresAt + settings.skewMs - clock.now()
    if (!await store.putOnce(`saml.assertion:${key}`, '1', ttlMs)) throw reasons.deny('saml.replayed')
  }

  return {
    prepare: async (returnTo: string, isFresh = false): Promise<string> => (await attempts.prepare(returnTo, isFresh && settings.config.freshSignIn !== 'off')).id,

    mayConsume: (cookieHeader: string | undefined): boolean => cookie.read(cookieHeader) !== undefined,

    async start (attemptId: string | undefined, cookieHeader?: string, { isFresh = false }: { readonly isFresh?: boolean } = {}): Promise<SamlAnswer> {
      const idp = context.idp.require()
      const endpoint = chooseEndpoint(idp.signOn, settings.config.binding)
      if (endpoint === undefined) throw reasons.fail('saml.idpUnavailable', 'idp')
      const state = cookie.begin(cookie.read(cookieHeader))
      // The id comes from the address bar: it says where to go back to, never that a fresh sign-in is not needed.
      const prepared = attemptId === undefined ? undefined : await attempts.find(attemptId)
      const browser = hashBrowser(state.secret)
      const requestId = createMessageId()
      const isAsked = (isFresh && settings.config.freshSignIn !== 'off') || prepared?.freshAfter !== undefined
      const forceAuthn = await attempts.takeFresh(browser) || isAsked
      // From this request on, not from when it was prepared: a sign-in in between was for a session that may have ended since.
      const freshAfter = forceAuthn ? clock.now() : undefined
      const { id: relayState } = await attempts.send(prepared?.returnTo ?? '/', { requestId, browser, freshAfter })
      const head = { id: requestId, issuedAt: clock.now(), destination: endpoint.url, issuer: settings.entityId }
      const xml = writeAuthnRequest(head, { acsUrl: settings.acsUrl, authnContext: settings.config.authnContext, forceAuthn })
      const answer = sendMessage(endpoint, { parameter: 'SAMLRequest', xml, relayState, signer: context.keys.signing })
      return { ...answer, setCookie: [cookie.withPending(state, relayState)] }
    },

    async consume (form: string, cookieHeader: string | undefined): Promise<{ principal: Principal, returnTo: string, setCookie: readonly string[] }> {
      const idp = context.idp.require()
      const fields = readForm(form)
      const posted = fields.get('SAMLResponse')
      if (posted === undefined || fields.has('SAMLRequest')) throw reasons.deny('saml.formInvalid')
      const xml = decodePosted(posted)
      const relayState = fields.get('RelayState')
      if (relayState === undefined || !isRelayState(relayState)) throw reasons.deny('saml.unsolicited')
      // Whose sign-in it is comes before what it says: an answer in the wrong browser does not even use the attempt up.
      const state = cookie.read(cookieHeader)
      const waiting = await attempts.findSent(relayState)
      if (waiting === undefined) throw reasons.deny('saml.attemptSpent')
      if (state === undefined || !isSameBrowser(state, waiting.browser)) throw reasons.deny('saml.browserUnknown')
      const attempt = await attempts.takeSent(relayState)
      if (attempt === undefined) throw reasons.deny('saml.attemptSpent')
      const facts = await proveOrAskFresh(xml, attempt, idp)
      const principal = readPrincipal(facts, { names: settings.config.attributes, idp: idp.entityId })
      await useOnce(facts, idp)
      return { principal, returnTo: attempt.returnTo, setCookie: [cookie.without(state, relayState)] }
    },
  }
}
