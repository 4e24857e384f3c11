// The built-in texts of our pages, English. Every other table of texts is held against this one: what is not here is no text, and what stands in braces is filled in.
// Plain, short, and without anything about a patient or a record.

export const english = {
  actions: {
    signIn: 'Sign in',
    signInAgain: 'Sign in again',
    signInAsAnother: 'Sign in as somebody else',
    signOut: 'Sign out',
    staySignedIn: 'Stay signed in',
    tryAgain: 'Try again',
    toStart: 'To the start page',
    continue: 'Continue',
    send: 'Send it now',
    delete: 'Delete it',
  },
  signIn: {
    title: 'One moment',
    text: 'Your organisation’s sign-in service takes over from here. If nothing happens, press the button.',
  },
  signOut: {
    title: 'Sign out?',
    who: 'You are signed in as {person}.',
    text: 'Signing out closes your session in every window of this browser. Save what you are writing first.',
  },
  stillIn: {
    title: 'You are signed in',
    text: 'Your session is alive. Nothing was closed.',
  },
  signedOut: {
    idleTitle: 'You were signed out',
    idleText: 'Nothing was done for {duration}, so your session was closed. Nobody can go on with it.',
    absoluteTitle: 'Time to sign in again',
    absoluteText: 'A session lasts {duration} at most, and yours has reached its end. After that everybody signs in anew, however busy the day was.',
    signedOutTitle: 'You are signed out',
    signedOutText: 'Your session is closed, in every window.',
    closeBrowser: 'If others use this computer, close the browser as well.',
    idpLogoutTitle: 'You are signed out',
    idpLogoutText: 'You signed out at your organisation’s sign-in page. That closed your session here too.',
    revokedTitle: 'Your session was ended',
    revokedText: 'An administrator ended it. If you did not expect that, ask before you sign in again.',
    policyTitle: 'Please sign in again',
    policyText: 'The rules about who may come in were changed, so your session was closed.',
    replacedTitle: 'You signed in anew',
    replacedText: 'A newer sign-in of yours took the place of this session. If that was not you, tell your administrator at once.',
    movedTitle: 'Your session was ended',
    movedText: 'It was used from another place than the one where you signed in.',
    movedWarning: 'If that was not you, tell your administrator now: somebody else may have had your sign-in.',
    endedTitle: 'You were signed out',
    endedText: 'Your session has ended.',
    saved: 'What you had saved is safe. Sign in again to go on.',
  },
  refused: {
    requestNumber: 'Request number',
    reason: 'Reason',
    help: 'If you ask for help, give the request number: your administrator finds what happened by it.',
    contact: 'Help:',
    kept: 'What you sent is kept for ten minutes. Sign in again as the same person in this browser, and you are asked whether to send it.',
    tooLargeToKeep: 'What you sent was too large to be kept: go back and copy it before you sign in.',
    notKept: 'What you sent was not kept: go back and copy it before you sign in.',
  },
  titles: {
    'clientIp.notAllowed': 'You cannot come in from here',
    'clientIp.restricted': 'Not from this address',
    'inbound.foreignSignOut': 'You were not signed out',
    'inbound.unsentGone': 'This is not kept any more',
    'saml.cancelled': 'Sign-in was cancelled',
    'saml.idpUnavailable': 'Sign-in is not possible right now',
    'saml.logoutIncomplete': 'You are not signed out everywhere',
    'session.otherAddress': 'You signed in somewhere else',
    'session.otherCertificate': 'You signed in on another device',
    'session.certificateMissing': 'Your device was not recognised',
    'session.moved': 'Your session was ended',
    'access.roleMissing': 'You have no role here yet',
    notSignedIn: 'You were not signed in',
    unreadable: 'This request cannot be read',
    signIn: 'Please sign in',
    notSent: 'Not sent: please sign in again',
    forbidden: 'This is not open to you',
    notFound: 'There is nothing here',
    notPossible: 'That cannot be done here',
    tooSlow: 'That took too long',
    tooLarge: 'That is too large',
    addressTooLong: 'This address is too long',
    wrongAddress: 'This is the wrong address',
    tooMany: 'Too many at once',
    broken: 'Something broke on our side',
    noAnswer: 'The CRM does not answer',
    unavailable: 'Not available right now',
    crmTooSlow: 'The CRM takes too long',
    other: 'That did not work',
  },
  unsent: {
    title: 'Send what you had typed?',
    text: 'Your session ended before this was sent, so it did not reach the CRM. It will be sent once, in your name, if you may still do that.',
    nothingTitle: 'Nothing is waiting',
    nothingText: 'Nothing is kept for you here. What was sent, deleted, or kept for ten minutes is gone.',
    to: 'To',
    when: 'When',
    kept: '{time}, kept until {end}',
    fields: 'Fields',
    times: '{field} ({count} times)',
    further: 'further ones',
    unknown: 'not known',
    files: 'Files',
    size: 'Size',
  },
  warning: {
    title: 'You will be signed out',
    text: 'Nobody has done anything here for a while. You will be signed out in {duration}.',
    lastText: 'This sign-in has lasted as long as it may: save your work. You will be signed out in {duration}.',
    cover: 'One moment: is somebody still signed in here?',
  },
} as const

/** A section of texts, by name. */
export type TextSections = Readonly<Record<string, Readonly<Record<string, string>>>>

/** `signedOut.idleText` */
export type TextKey = { [S in keyof typeof english]: `${S}.${keyof typeof english[S] & string}` }[keyof typeof english]

/** What stands in braces in a text. */
export function placeholdersOf (text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{([A-Za-z]+)\}/g)].map(match => match[1] as string))]
}
