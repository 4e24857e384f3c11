// What a person sees when it is not the CRM: plain HTML, no outside request, no PHI; for programs, problem JSON (RFC 9457).
// It never decides anything. The only script is the one that sends a form on to the IdP, and the page works without it.
import { commonHeaders, createDocument, type Page } from './document.ts'
import { html, type Html } from './html.ts'
import { offerUnsent, sayKept, type Unsent } from './unsent.ts'
import { describeEnd, titleOf, type EndCause } from './wording.ts'

export type { Page } from './document.ts'
export type { EndCause } from './wording.ts'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly publicText: string
  readonly requestId: string
  readonly retryAfterSeconds?: number | undefined
  /** Of content that came after the end of a session: kept until then, or why not. */
  readonly kept?: { readonly until: number } | 'tooLarge' | 'notKept' | undefined
}

export interface PagesRoom {
  /** A refusal or failure, as HTML or as problem JSON, by what the client accepts. */
  refusal(refusal: Refusal, wants: 'html' | 'json'): Page
  /** Signed out, with its cause. */
  /** `isOver`: the session is, so that other windows look too. */
  signedOut(cause: EndCause, isOver: boolean): Page
  /** Offers what was kept. */
  unsent(offers: readonly Unsent[]): Page
  /** Asks before signing out. `name` may be empty. */
  confirmSignOut(name: string): Page
  /** A form that posts itself to the IdP (one button when scripts are off). Throws a TypeError on an action that is not http or https. */
  autoPost(form: { readonly action: string, readonly fields: Readonly<Record<string, string>> }): Page
}

export interface PagesOptions {
  /** What the person knows the place as. Default: Sallyport. */
  readonly name?: string | undefined
  /** For the sentence that says after how long. Without it: "a while". */
  readonly idleTimeoutMs?: number | undefined
  readonly absoluteTimeoutMs?: number | undefined
}

const signInPath = '/_sallyport/sign-in'
const unsentPath = '/_sallyport/unsent'
const signOutPath = '/_sallyport/sign-out'
// HTMLFormElement's own submit, because a field could have that name.
const submitScript = 'HTMLFormElement.prototype.submit.call(document.forms[0])'

/** The idle script in other windows hears it and asks whether it is so. */
const tellOthersScript = 'try { new BroadcastChannel("_sallyport").postMessage("over") } catch {}'

const link = (href: string, text: string, look: 'key' | 'plain' = 'key') => html`<a class="${look}" href="${href}">${text}</a>`
const actions = (...links: readonly Html[]) => links.length === 0 ? html`` : html`<p class="act">${links}</p>`

function wayOut (refusal: Refusal): Html {
  if (refusal.code === 'inbound.foreignSignOut' || refusal.code === 'saml.logoutIncomplete') return actions(link(signOutPath, 'Sign out', 'plain'))
  if (refusal.status === 401 || refusal.code.startsWith('saml.')) return actions(link(signInPath, 'Sign in'))
  if (refusal.code === 'session.certificateMissing') return actions(link(signInPath, 'Try again'))
  if (refusal.code === 'access.roleMissing') return actions(link(signInPath, 'Sign in as somebody else'))
  if (refusal.code === 'access.notAllowed' || refusal.status === 404) return actions(link('/', 'To the start page', 'plain'))
  if (refusal.status >= 500 || refusal.status === 429 || refusal.status === 408) return actions(link('', 'Try again')) // an empty reference is this page (RFC 3986 section 4.4)
  return actions()
}

function problem (refusal: Refusal, headers: Readonly<Record<string, string>>): Page {
  const body = { type: `urn:sallyport:problem:${refusal.code}`, title: titleOf(refusal), status: refusal.status, detail: `${refusal.publicText}${sayKept(refusal.kept)}`, instance: refusal.requestId, code: refusal.code, ...continueWith(refusal) }
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/problem+json', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", ...commonHeaders, ...headers },
    body: JSON.stringify(body),
  }
}

/** For a program: where its person goes on, and until when (RFC 9457 section 3.2). */
function continueWith ({ kept }: Refusal): Readonly<Record<string, unknown>> {
  if (kept === undefined) return {}
  return typeof kept === 'string' ? { kept: false } : { kept: true, keptUntil: new Date(kept.until).toISOString(), signIn: signInPath, confirm: unsentPath }
}

function requireWebAddress (action: string): URL {
  const url = URL.parse(action)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new TypeError('a form can only be sent to an http or https address')
  return url
}

export function createPagesRoom (options: PagesOptions = {}): PagesRoom {
  const name = options.name ?? 'Sallyport'
  return {
    refusal (refusal, wants) {
      const headers = {
        ...(refusal.retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.max(0, Math.ceil(refusal.retryAfterSeconds))) }),
        ...(refusal.status === 401 ? { 'www-authenticate': 'Cookie realm="sallyport"' } : {}), // RFC 9110 section 15.5.2 asks for one; no browser prompts for this
      }
      if (wants === 'json') return problem(refusal, headers)
      const body = html`<p>${refusal.publicText}${sayKept(refusal.kept)}</p>
${wayOut(refusal)}
<dl><dt>Request number</dt><dd><code>${refusal.requestId}</code></dd><dt>Reason</dt><dd><code>${refusal.code}</code></dd></dl>
<p class="help">If you ask for help, give the request number: your administrator finds what happened by it.</p>`
      return createDocument({ status: refusal.status, name, title: titleOf(refusal), body, headers })
    },
    signedOut (cause, isOver) {
      const { title, text } = describeEnd(cause, { idleTimeoutMs: options.idleTimeoutMs, absoluteTimeoutMs: options.absoluteTimeoutMs })
      return createDocument({ status: 200, name, title, body: html`${text.map(part => html`<p>${part}</p>`)}${actions(link(signInPath, 'Sign in again'))}`, ...(isOver ? { script: tellOthersScript } : {}) })
    },
    unsent: offers => createDocument({
      status: 200, name, ...offerUnsent(offers, unsentPath), formAction: ["'self'", 'https:'], headers: { 'referrer-policy': 'same-origin' },
    }),
    confirmSignOut (person) {
      const who = person === '' ? html`` : html`You are signed in as <strong><bdi>${person}</bdi></strong>. `
      const body = html`<p>${who}Signing out closes your session in every window of this browser. Save what you are writing first.</p>
<form method="post" action="${signOutPath}"><button class="key" type="submit">Sign out</button>${link('/', 'Stay signed in', 'plain')}</form>`
      // Browsers hold every redirect that follows a form against form-action, and after sign-out the way may lead to the IdP: hence https.
      // The referrer policy is same-origin, because with no-referrer the form's Origin would read `null` (Fetch, append a request Origin header).
      return createDocument({ status: 200, name, title: 'Sign out?', body, formAction: ["'self'", 'https:'], headers: { 'referrer-policy': 'same-origin' } })
    },
    autoPost (form) {
      const url = requireWebAddress(form.action)
      const fields = Object.entries(form.fields).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)
      const body = html`<p>Your organisation’s sign-in service takes over from here. If nothing happens, press the button.</p>
<form method="post" action="${url.href}">${fields}<button class="key" type="submit">Continue</button></form>`
      // A source has neither query nor the two separators of a policy (CSP level 3, section 2.3.1). https: as above: IdPs send on to their own IdPs.
      const target = `${url.origin}${url.pathname.replaceAll(';', '%3B').replaceAll(',', '%2C')}`
      return createDocument({ status: 200, name, title: 'One moment', body, formAction: [target, 'https:'], script: submitScript })
    },
  }
}
