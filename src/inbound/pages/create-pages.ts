// The pages in one language: what stands on each, and which way leads on from it. The only scripts are the one that sends a form on to the IdP and one that tells other windows;
// every page works without them.
import { createDocument, type DocumentParts, type Frame, type Page } from './document.ts'
import { html, type Html } from './html.ts'
import { headersOf, type Refusal } from './problem.ts'
import type { Texts } from './texts.ts'
import { offerUnsent, sayKept, type Unsent } from './unsent.ts'
import { describeEnd, knownCause, titleOf, type EndCause, type Timeouts } from './wording.ts'

/** The pages in one language. */
export interface Pages {
  /** A refusal or failure, with what to do. */
  refusal(refusal: Refusal): Page
  /** Signed out, with its cause. `isOver`: the session is, so that other windows look too; else it says that nothing was closed. */
  signedOut(cause: string, isOver: boolean): Page
  /** Offers what was kept. */
  unsent(offers: readonly Unsent[]): Page
  /** Asks before signing out. `name` may be empty. */
  confirmSignOut(name: string): Page
  /** A form that posts itself to the IdP (one button when scripts are off). Throws a TypeError on an action that is not http or https. */
  autoPost(form: { readonly action: string, readonly fields: Readonly<Record<string, string>> }): Page
}

const signInPath = '/_sallyport/sign-in'
const unsentPath = '/_sallyport/unsent'
const signOutPath = '/_sallyport/sign-out'
// HTMLFormElement's own submit, because a field could have that name.
const submitScript = 'HTMLFormElement.prototype.submit.call(document.forms[0])'

/** The idle script in other windows hears it, asks whether it is so, and says the same cause. */
const tellOthers = (cause: EndCause) => `try { new BroadcastChannel("_sallyport").postMessage("over ${cause}") } catch {}`

const link = (href: string, text: Html, look: 'key' | 'plain' = 'key') => html`<a class="${look}" href="${href}">${text}</a>`
const actions = (...links: readonly Html[]) => links.length === 0 ? html`` : html`<p class="act">${links}</p>`

function wayOut (refusal: Refusal, { say }: Texts): Html {
  if (refusal.code === 'inbound.foreignSignOut' || refusal.code === 'saml.logoutIncomplete') return actions(link(signOutPath, say('actions.signOut'), 'plain'))
  if (refusal.status === 401 || refusal.code.startsWith('saml.')) return actions(link(signInPath, say('actions.signIn')))
  if (refusal.code === 'session.certificateMissing') return actions(link(signInPath, say('actions.tryAgain')))
  if (refusal.code === 'access.roleMissing') return actions(link(signInPath, say('actions.signInAsAnother')))
  if (refusal.code === 'access.notAllowed' || refusal.status === 404) return actions(link('/', say('actions.toStart'), 'plain'))
  if (refusal.status >= 500 || refusal.status === 429 || refusal.status === 408) return actions(link('', say('actions.tryAgain'))) // an empty reference is this page (RFC 3986 section 4.4)
  return actions()
}

function requireWebAddress (action: string): URL {
  const url = URL.parse(action)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new TypeError('a form can only be sent to an http or https address')
  return url
}

export function createPages (frame: Frame, texts: Texts, timeouts: Timeouts): Pages {
  const { say } = texts
  const show = (parts: DocumentParts) => createDocument(parts, frame, texts)
  return {
    refusal (refusal) {
      const kept = refusal.kept === undefined ? html`` : html`<p>${say(sayKept(refusal.kept))}</p>`
      const body = html`<p>${texts.refusal(refusal.code, refusal.publicText)}</p>${kept}${wayOut(refusal, texts)}`
      const foot = html`<dl><dt>${say('refused.requestNumber')}</dt><dd><code dir="ltr">${refusal.requestId}</code></dd><dt>${say('refused.reason')}</dt><dd><code dir="ltr">${refusal.code}</code></dd></dl>
<p>${say('refused.help')}</p>`
      return show({ status: refusal.status, title: refusal.kept === undefined ? titleOf(refusal) : 'titles.notSent', body, foot, requestId: refusal.requestId, headers: headersOf(refusal) })
    },
    signedOut (cause, isOver) {
      if (!isOver) return show({ status: 200, title: 'stillIn.title', body: html`<p>${say('stillIn.text')}</p>${actions(link('/', say('actions.toStart')), link(signOutPath, say('actions.signOut'), 'plain'))}` })
      const known = knownCause(cause)
      const { title, text } = describeEnd(known, texts, timeouts)
      return show({ status: 200, title, body: html`${text}${actions(link(signInPath, say('actions.signInAgain')))}`, script: tellOthers(known) })
    },
    unsent: offers => show({ status: 200, ...offerUnsent(offers, texts, unsentPath), formAction: ["'self'", 'https:'], headers: { 'referrer-policy': 'same-origin' } }),
    confirmSignOut (person) {
      const who = person === '' ? html`` : html`${say('signOut.who', { person: html`<strong><bdi>${person}</bdi></strong>` })} `
      const body = html`<p>${who}${say('signOut.text')}</p>
<form method="post" action="${signOutPath}"><button class="key" type="submit">${say('actions.signOut')}</button>${link('/', say('actions.staySignedIn'), 'plain')}</form>`
      // Browsers hold every redirect that follows a form against form-action, and after sign-out the way may lead to the IdP: hence https.
      // The referrer policy is same-origin, because with no-referrer the form's Origin would read `null` (Fetch, append a request Origin header).
      return show({ status: 200, title: 'signOut.title', body, formAction: ["'self'", 'https:'], headers: { 'referrer-policy': 'same-origin' } })
    },
    autoPost (form) {
      const url = requireWebAddress(form.action)
      const fields = Object.entries(form.fields).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)
      const body = html`<p>${say('signIn.text')}</p>
<form method="post" action="${url.href}">${fields}<button class="key" type="submit">${say('actions.continue')}</button></form>`
      // A source has neither query nor the two separators of a policy (CSP level 3, section 2.3.1). https: as above: IdPs send on to their own IdPs.
      const target = `${url.origin}${url.pathname.replaceAll(';', '%3B').replaceAll(',', '%2C')}`
      return show({ status: 200, title: 'signIn.title', body, formAction: [target, 'https:'], script: submitScript })
    },
  }
}
