// Which text stands where: the heading of a refusal by its code or status, and what the signed-out page says about each end.
import { english, type TextKey } from './english.ts'
import { html, type Html } from './html.ts'
import type { Texts } from './texts.ts'

type TitleKey = keyof typeof english.titles

const titlesByStatus: Readonly<Record<number, TitleKey>> = {
  400: 'unreadable',
  401: 'signIn',
  403: 'forbidden',
  404: 'notFound',
  405: 'notPossible',
  408: 'tooSlow',
  413: 'tooLarge',
  414: 'addressTooLong',
  417: 'unreadable',
  421: 'wrongAddress',
  429: 'tooMany',
  431: 'tooLarge',
  500: 'broken',
  502: 'noAnswer',
  503: 'unavailable',
  504: 'crmTooSlow',
  505: 'unreadable',
}

const sameTitles: Readonly<Record<string, TitleKey>> = { 'clientIp.unreadable': 'clientIp.notAllowed', 'session.otherNetwork': 'session.otherAddress' }

/** The heading for a refusal or failure. */
export function titleOf (refusal: { readonly code: string, readonly status: number }): TextKey {
  const own = sameTitles[refusal.code] ?? refusal.code
  if (own.includes('.') && Object.hasOwn(english.titles, own)) return `titles.${own as TitleKey}`
  if (refusal.code.startsWith('saml.')) return 'titles.notSignedIn'
  return `titles.${titlesByStatus[refusal.status] ?? (refusal.status >= 500 ? 'broken' : 'other')}`
}

export interface Timeouts { readonly idleTimeoutMs: number, readonly absoluteTimeoutMs: number }

/** Why a session ended, as far as the page has words of its own for it. */
export type EndCause = 'idle' | 'absolute' | 'signedOut' | 'idpLogout' | 'revoked' | 'policy' | 'replaced' | 'moved' | 'ended'

interface End { readonly title: TextKey, readonly text: readonly Html[] }

const said: Readonly<Record<EndCause, readonly [title: TextKey, ...text: readonly TextKey[]]>> = {
  idle: ['signedOut.idleTitle', 'signedOut.idleText', 'signedOut.saved'],
  absolute: ['signedOut.absoluteTitle', 'signedOut.absoluteText', 'signedOut.saved'],
  signedOut: ['signedOut.signedOutTitle', 'signedOut.signedOutText', 'signedOut.closeBrowser'],
  idpLogout: ['signedOut.idpLogoutTitle', 'signedOut.idpLogoutText', 'signedOut.closeBrowser'],
  revoked: ['signedOut.revokedTitle', 'signedOut.revokedText'],
  policy: ['signedOut.policyTitle', 'signedOut.policyText', 'signedOut.saved'],
  replaced: ['signedOut.replacedTitle', 'signedOut.replacedText'],
  moved: ['signedOut.movedTitle', 'signedOut.movedText', 'signedOut.movedWarning'],
  ended: ['signedOut.endedTitle', 'signedOut.endedText', 'signedOut.saved'],
}

export const endCauses = Object.keys(said) as readonly EndCause[]

/** A cause without words of its own: it has ended. */
export function knownCause (cause: string): EndCause {
  return Object.hasOwn(said, cause) ? cause as EndCause : 'ended'
}

/** Heading and paragraphs of the signed-out page. */
export function describeEnd (cause: EndCause, texts: Texts, { idleTimeoutMs, absoluteTimeoutMs }: Timeouts): End {
  const [title, ...paragraphs] = said[cause]
  const duration = texts.duration(cause === 'absolute' ? absoluteTimeoutMs : idleTimeoutMs)
  return { title, text: paragraphs.map(key => html`<p>${texts.say(key, { duration })}</p>`) }
}
