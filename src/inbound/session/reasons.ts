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
  'session.storeUnavailable': {
    status: 503,
    publicText: 'Sign-ins cannot be checked at the moment. Try again in a few seconds.',
    operatorText: 'The session store (session.store) did not answer in time or refused. Look at the Redis server, or at the disk of gateway.dataDirectory.',
    citation: '45 CFR 164.312(a)(1)',
  },
})
