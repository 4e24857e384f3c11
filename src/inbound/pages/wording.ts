// The words of our pages. Plain, short, and without anything about a patient or a record.

export type EndCause = 'idle' | 'absolute' | 'signedOut' | 'idpLogout' | 'revoked' | 'policy' | 'replaced' | 'moved'

const titlesByCode: Readonly<Record<string, string>> = {
  'clientIp.notAllowed': 'You cannot come in from here',
  'clientIp.unreadable': 'You cannot come in from here',
  'clientIp.restricted': 'Not from this address',
  'inbound.foreignSignOut': 'You were not signed out',
  'session.otherAddress': 'You signed in somewhere else',
  'session.otherNetwork': 'You signed in somewhere else',
  'session.otherCertificate': 'You signed in on another device',
  'session.certificateMissing': 'Your device was not recognised',
  'session.moved': 'Your session was ended',
  'saml.cancelled': 'Sign-in was cancelled',
  'saml.idpUnavailable': 'Sign-in is not possible right now',
  'saml.logoutIncomplete': 'You are not signed out everywhere',
  'access.roleMissing': 'You have no role here yet',
  'access.notAllowed': 'This is not open to you',
}

/** For all codes of a room that have none of their own. */
const titlesByRoom: Readonly<Record<string, string>> = { saml: 'You were not signed in' }

const titlesByStatus: Readonly<Record<number, string>> = {
  400: 'This request cannot be read',
  401: 'Please sign in',
  403: 'This is not open to you',
  404: 'There is nothing here',
  405: 'That cannot be done here',
  408: 'That took too long',
  413: 'That is too large',
  414: 'This address is too long',
  417: 'This request cannot be read',
  421: 'This is the wrong address',
  429: 'Too many at once',
  431: 'This request is too large',
  500: 'Something broke on our side',
  502: 'The CRM does not answer',
  503: 'Not available right now',
  504: 'The CRM takes too long',
  505: 'This request cannot be read',
}

/** The heading for a refusal or failure. */
export function titleOf (refusal: { readonly code: string, readonly status: number }): string {
  return titlesByCode[refusal.code] ?? titlesByRoom[refusal.code.split('.')[0] ?? ''] ?? titlesByStatus[refusal.status] ?? (refusal.status >= 500 ? 'Something broke' : 'That did not work')
}

/** `15 minutes`, `90 seconds`, `12 hours`: the largest unit that is whole. */
function describeDuration (ms: number): string {
  const units = [['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const
  const [unit, size] = units.find(([, length]) => ms >= length && ms % length === 0) ?? (['second', 1000] as const)
  const count = Math.max(1, Math.round(ms / size))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

export interface Timeouts { readonly idleTimeoutMs: number | undefined, readonly absoluteTimeoutMs: number | undefined }

/** Heading and paragraphs of the signed-out page. */
export function describeEnd (cause: EndCause, timeouts: Timeouts): { readonly title: string, readonly text: readonly string[] } {
  const idle = timeouts.idleTimeoutMs === undefined ? 'a while' : describeDuration(timeouts.idleTimeoutMs)
  const absolute = timeouts.absoluteTimeoutMs === undefined ? 'a long time' : describeDuration(timeouts.absoluteTimeoutMs)
  switch (cause) {
    case 'idle': return { title: 'You were signed out', text: [`Nothing was done for ${idle}, so your session was closed. Nobody can go on with it.`, 'What you had saved is safe. Sign in again to go on.'] }
    case 'absolute': return { title: 'Time to sign in again', text: [`You signed in ${absolute} ago. After that everybody signs in anew, however busy the day was.`, 'What you had saved is safe.'] }
    case 'signedOut': return { title: 'You are signed out', text: ['Your session is closed, in every window.', 'If others use this computer, close the browser as well.'] }
    case 'idpLogout': return { title: 'You are signed out', text: ['You signed out at your organisation’s sign-in page. That closed your session here too.'] }
    case 'revoked': return { title: 'Your session was ended', text: ['An administrator ended it. If you did not expect that, ask before you sign in again.'] }
    case 'policy': return { title: 'Please sign in again', text: ['The rules about who may come in were changed, so your session was closed.', 'What you had saved is safe.'] }
    case 'moved': return { title: 'Your session was ended', text: ['It was used from another place than the one where you signed in.', 'If that was not you, tell your administrator now: somebody else may have had your sign-in.'] }
    case 'replaced': return { title: 'You signed in anew', text: ['Your newer sign-in took the place of this session.'] }
  }
}
