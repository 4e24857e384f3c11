// Why a request has no session, and what the person and the operator read about it.
import { defineReasons } from '../../shared/errors.ts'

const automaticLogoff = '45 CFR 164.312(a)(2)(iii)'

export const sessionReasons = defineReasons({
  'session.missing': {
    status: 401,
    publicText: 'You are not signed in. Sign in to go on.',
    operatorText: 'The request carried no cookie of ours that opens with the present secret.',
    citation: '45 CFR 164.312(d)',
  },
  'session.idle': {
    status: 401,
    publicText: 'You were signed out because nothing was done for a while. Sign in again to go on.',
    operatorText: 'The idle timeout (session.idleTimeout) ended the session. Background requests do not move it: see session.background.',
    citation: automaticLogoff,
  },
  'session.absolute': {
    status: 401,
    publicText: 'Your session has reached its greatest length. Sign in again to go on.',
    operatorText: 'The absolute timeout (session.absoluteTimeout) or the end that the identity provider set (SessionNotOnOrAfter) ended the session.',
    citation: automaticLogoff,
  },
  'session.ended': {
    status: 401,
    publicText: 'Your session has ended. Sign in again to go on.',
    operatorText: 'The session was signed out, revoked or replaced, or the store does not know it (any more). The trail has its session.ended with the cause.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'session.ambiguous': {
    status: 401,
    publicText: 'Your browser sent more than one sign-in. Sign in again to go on.',
    operatorText: 'The request carried several session cookies of ours, and not exactly one of them is live.',
    citation: 'RFC 6265 section 8.6',
  },
  'session.otherAddress': {
    status: 401,
    publicText: 'You signed in from another network address, and a sign-in counts only where it was made. Sign in again to go on here. If you did not change networks, tell your administrator: somebody else may be using your sign-in.',
    operatorText: 'session.binding ties the session to the address of its sign-in, and this request came from another one. Somebody who moves, a network with several ways out (bind to the network then), or a stolen cookie.',
    citation: '45 CFR 164.312(d)',
  },
  'session.otherNetwork': {
    status: 401,
    publicText: 'You signed in from another network, and a sign-in counts only where it was made. Sign in again to go on here. If you did not change networks, tell your administrator: somebody else may be using your sign-in.',
    operatorText: 'session.binding ties the session to the network of its sign-in (ipv4Prefix, ipv6Prefix), and this request came from another one. Somebody who moves, a network with several ways out, or a stolen cookie.',
    citation: '45 CFR 164.312(d)',
  },
  'session.otherCertificate': {
    status: 401,
    publicText: 'You signed in with another device certificate, or this device shows none, and a sign-in counts only on the device it was made on. Sign in again to go on here. If you did not change devices, tell your administrator: somebody else may be using your sign-in.',
    operatorText: 'session.binding ties the session to the client certificate of its sign-in, and this connection showed another one or none. A renewed certificate asks for one new sign-in; a browser that was not asked for it until now must be restarted.',
    citation: '45 CFR 164.312(d)',
  },
  'session.certificateMissing': {
    status: 403,
    publicText: 'Your sign-in needs the certificate of your device, and your browser showed none. Close the browser, open it again and choose the certificate when it asks. If it does not ask, your administrator can install one.',
    operatorText: 'session.binding ties this person\'s sessions to a client certificate, and the sign-in came without one. Install one that listeners.public.tls.clientCertificates.authority signed, or add an override for this person.',
    citation: '45 CFR 164.312(d)',
  },
  'session.moved': {
    status: 401,
    publicText: 'Your session was used from another place than the one where you signed in, and was ended for safety. Sign in again to go on. If that was not you, tell your administrator now: somebody else may have had your sign-in.',
    operatorText: 'session.binding with onMismatch: end ended the session; the request.denied before it (session.otherAddress, otherNetwork or otherCertificate) says from where it was used.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'session.newerForm': {
    status: 401,
    publicText: 'Your sign-in was made with a newer version of this service. Sign in again to go on.',
    operatorText: 'A newer version of the gateway, which shares the store, wrote the session in a form that this one does not read. It is left as it is. Finish the upgrade; while versions are mixed, let the load balancer keep people at one gateway.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'session.storeUnavailable': {
    status: 503,
    publicText: 'Sign-ins cannot be checked at the moment. Try again in a few seconds.',
    operatorText: 'The session store (session.store) did not answer in time or refused. Look at the Redis server, or at the disk of gateway.dataDirectory.',
    citation: '45 CFR 164.312(a)(1)',
  },
})
