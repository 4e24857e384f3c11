// Why a sign-in or a sign-out was refused: what the person reads, and what the administrator looks for.
import { defineReasons, type ReasonTable } from '../../shared/errors.ts'

const tryAgain = 'Open the application again and sign in once more; if it happens again, tell your administrator.'
const askAdministrator = 'The answer of the sign-in service was not accepted; tell your administrator, who finds the reason under this page\'s number.'
const profile = 'SAML 2.0 profiles, section 4.1.4'

function refusedAnswer (operatorText: string, citation: string = profile) {
  return { status: 403, publicText: askAdministrator, operatorText, citation }
}

function refusedLogout (operatorText: string) {
  return { status: 400, publicText: 'The sign-out message was not accepted; close the browser to be safe and tell your administrator.', operatorText, citation: 'SAML 2.0 profiles, section 4.4' }
}

const table = {
  'saml.idpUnavailable': { status: 503, publicText: 'The sign-in service is not known to the gateway at the moment; try again in a minute, and tell your administrator if it stays so.', operatorText: 'The IdP\'s metadata could not be read or has run out; readiness and the log event saml.metadata.failed say why.' },
  'saml.formInvalid': { status: 400, publicText: `The answer of the sign-in service could not be read. ${tryAgain}`, operatorText: 'The posted form is malformed, names a field twice, or its SAML field is not base64 of UTF-8.' },
  'saml.tooLarge': { status: 413, publicText: askAdministrator, operatorText: 'The SAML message is over 256 KiB. Reduce the attributes (often: the groups) that the IdP sends.' },
  'saml.xmlUnsafe': { status: 400, publicText: askAdministrator, operatorText: 'The message is not well-formed XML, or it holds a document type, an entity, a comment, CDATA, or is nested too deeply: it could be read in two ways.' },
  'saml.unsolicited': { status: 403, publicText: 'Sign-in has to begin at the application; open the application\'s address and sign in from there.', operatorText: 'The answer carries no RelayState of ours: an IdP-initiated sign-in, which is refused because it cannot be bound to a browser.', citation: 'SAML 2.0 profiles, section 4.1.5' },
  'saml.browserUnknown': { status: 403, publicText: `This sign-in was begun in another browser, too long ago, or cookies are switched off. ${tryAgain}`, operatorText: 'The pre-sign-in cookie is missing, has run out or belongs to another sign-in (login CSRF).' },
  'saml.cookieAmbiguous': { status: 400, publicText: `The browser sent the sign-in cookie twice; close it. ${tryAgain}`, operatorText: 'Two cookies named __Host-sallyport-signin arrived; a browser cannot hold two.' },
  'saml.attemptSpent': { status: 403, publicText: `This sign-in was already used or took too long. ${tryAgain}`, operatorText: 'The RelayState names no open attempt: used once already, older than ten minutes, or never ours.' },
  'saml.cancelled': { status: 403, publicText: 'You were not signed in: the sign-in was cancelled or did not succeed. Open the application again to try once more.', operatorText: 'The IdP answered with a status other than Success.' },
  'saml.contextUnavailable': { status: 403, publicText: 'Your account cannot sign in as strongly as this application asks (for instance with a second factor); tell your administrator.', operatorText: 'The IdP answered NoAuthnContext: it cannot give what signIn.saml.authnContext asks for.' },
  'saml.notVerified': refusedAnswer('No valid signature of the IdP over the answer, or it could not be decrypted. Look for a new signing certificate at the IdP, or an old encryption certificate of ours there.', 'SAML 2.0 core, section 5'),
  'saml.algorithmWeak': refusedAnswer('The answer is signed or encrypted with an algorithm that is not accepted (SHA-1, RSA PKCS#1 v1.5 key transport, 3DES). Set the IdP to RSA-SHA256.', 'NIST SP 800-131A'),
  'saml.structure': refusedAnswer('The answer is not built as one Response with exactly one assertion and signatures of the usual shape.'),
  'saml.notEncrypted': refusedAnswer('signIn.saml.requireEncryptedAssertions is on and the assertion is not encrypted.'),
  'saml.destination': refusedAnswer('Destination is missing or is not our assertion consumer service.', 'SAML 2.0 bindings, section 3.5.5.2'),
  'saml.recipient': refusedAnswer('SubjectConfirmationData Recipient is not our assertion consumer service.'),
  'saml.issuer': refusedAnswer('The Issuer is not the configured IdP.'),
  'saml.audience': refusedAnswer('The assertion is not for us: AudienceRestriction is missing or does not name our entity id.'),
  'saml.inResponseTo': refusedAnswer('InResponseTo is missing or does not name the request that this browser was sent away with.'),
  'saml.expired': { status: 403, publicText: `The answer of the sign-in service came too late. ${tryAgain}`, operatorText: 'NotOnOrAfter has passed, beyond signIn.saml.clockSkew. Compare the clocks of IdP and gateway.', citation: profile },
  'saml.notYetValid': { status: 403, publicText: `The answer of the sign-in service is not valid yet. ${tryAgain}`, operatorText: 'A time in the answer lies in the future, beyond signIn.saml.clockSkew. Compare the clocks of IdP and gateway.', citation: profile },
  'saml.timeInvalid': refusedAnswer('A time in the answer is missing or is not UTC in the form 2026-01-05T09:00:00Z.', 'SAML 2.0 core, section 1.3.3'),
  'saml.confirmation': refusedAnswer('The assertion does not hold exactly one subject confirmation with the method bearer.'),
  'saml.conditionsMissing': refusedAnswer('The assertion has no Conditions, several, or one that is not known.'),
  'saml.subject': refusedAnswer('The assertion does not hold exactly one plain NameID.'),
  'saml.authnContext': { status: 403, publicText: 'You signed in with a weaker method than this application asks for; sign in again with your second factor.', operatorText: 'AuthnContextClassRef is none of signIn.saml.authnContext.' },
  'saml.authenticationTooOld': { status: 403, publicText: 'Your sign-in at the sign-in service is too old for this application; open the application again and sign in anew.', operatorText: 'AuthnInstant is older than signIn.saml.maxAuthenticationAge. The next attempt of this browser asks for a fresh sign-in (ForceAuthn).' },
  'saml.sessionExpired': { status: 403, publicText: `The sign-in service says that your session there is over. ${tryAgain}`, operatorText: 'SessionNotOnOrAfter has passed.' },
  'saml.replayed': { status: 403, publicText: `This answer of the sign-in service was already used. ${tryAgain}`, operatorText: 'The assertion\'s ID was used before.', citation: 'SAML 2.0 profiles, section 4.1.4.5' },
  'saml.attributeAmbiguous': refusedAnswer('An attribute comes twice, or one that must be single has several values. Send it once, with one value.'),
  'saml.attributeInvalid': refusedAnswer('An attribute that is used is over 1024 characters, holds control characters or is not plain text.'),
  'saml.identityMissing': refusedAnswer('The attribute named in signIn.saml.attributes.id is missing or empty.'),
  'saml.identityTransient': refusedAnswer('The NameID is transient (new at every sign-in) and signIn.saml.attributes.id names no lasting attribute: nobody could be recognised in the trail.'),
  'saml.logoutInvalid': refusedLogout('The logout message is malformed, not from the configured IdP, or not for our single logout address.'),
  'saml.logoutUnsigned': refusedLogout('The logout message has no valid signature of the IdP.'),
  'saml.logoutExpired': refusedLogout('The logout message is too old or from the future.'),
  'saml.logoutReplayed': refusedLogout('The logout request was used before.'),
  'saml.logoutUnknown': refusedLogout('The logout response answers no request of ours.'),
  'saml.logoutIncomplete': { status: 502, publicText: 'You are signed out here, but the sign-in service could not confirm that it signed you out everywhere; close the browser to be safe.', operatorText: 'The IdP answered our LogoutRequest with a status other than Success.' },
} as const satisfies ReasonTable

export const reasons = defineReasons(table)
export type SamlCode = keyof typeof table
