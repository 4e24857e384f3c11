// The pages of the demo's identity provider: plain HTML that works without a script and with a screen reader.
import { html, Html } from './crm/html.ts'
import type { SignedIn } from './idp-saml.ts'
import type { DemoPerson } from './people.ts'

const style = new Html(`
  :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
  main { width: min(26rem, calc(100vw - 2rem)); padding: 2rem 0; }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
  fieldset { border: 1px solid GrayText; border-radius: .5rem; margin: 1.5rem 0; padding: .5rem 1rem 1rem; }
  fieldset label { display: flex; gap: .75rem; align-items: baseline; padding: .5rem 0; }
  small { display: block; margin-top: .2rem; }
  input[type=text] { font: inherit; padding: .5rem; width: 8rem; letter-spacing: .15em; }
  button { font: inherit; font-weight: 600; padding: .65rem 1.25rem; margin-top: 1.5rem; border: 0; border-radius: .5rem; background: light-dark(#1d4e89, #8ab8ee); color: light-dark(#fff, #10263f); }
  :focus-visible { outline: 3px solid light-dark(#9a5b00, #e9b25f); outline-offset: 2px; }
  [role=alert] { border-inline-start: .25rem solid light-dark(#b3261e, #f2867e); padding-inline-start: .75rem; }
`)

function page (title: string, body: Html, nonce: string): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} – Demo identity provider</title><style nonce="${nonce}">${style}</style></head>
<body><main>${body}</main></body>
</html>
`.text
}

export function signInPage (options: { readonly request: string, readonly people: readonly DemoPerson[], readonly problem?: string, readonly nonce: string }): string {
  const choices = options.people.map((person, index) =>
    html`<label><input type="radio" name="person" value="${person.id}" required${index === 0 ? new Html(' checked') : ''}> <span>${person.name}<small>${person.id}</small></span></label>`)
  return page('Sign in', html`
<h1>Sign in</h1>
<p>This identity provider is part of the demo. Its people are invented and have no passwords.</p>
${options.problem === undefined ? undefined : html`<p role="alert">${options.problem}</p>`}
<form method="post" action="/sign-in">
  <input type="hidden" name="request" value="${options.request}">
  <fieldset><legend>Who are you?</legend>${choices}</fieldset>
  <label for="code">Second factor</label><br>
  <input type="text" id="code" name="code" value="123456" inputmode="numeric" autocomplete="one-time-code" required aria-describedby="hint">
  <small id="hint">Pretended: any six digits are right.</small>
  <button type="submit">Sign in</button>
</form>`, options.nonce)
}

/** A form that posts itself; one button when scripts are off. */
export function postPage (options: { readonly action: string, readonly fields: Readonly<Record<string, string>>, readonly nonce: string }): string {
  const inputs = Object.entries(options.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  return page('Going on', html`
<h1>Going on</h1>
<form method="post" action="${options.action}">${inputs}<button type="submit">Continue</button></form>
<script nonce="${options.nonce}">document.forms[0].submit()</script>`, options.nonce)
}

/** Who is signed in here, and the way to sign out everywhere from this side. */
export function homePage (options: { readonly signedIn: SignedIn | undefined, readonly nonce: string }): string {
  if (options.signedIn === undefined) return page('Signed out', html`<h1>Signed out</h1><p>Nobody is signed in at this identity provider. Open the application to sign in.</p>`, options.nonce)
  return page('Signed in', html`
<h1>Signed in</h1>
<p>${options.signedIn.person.name} is signed in.</p>
<form method="post" action="/sign-out"><button type="submit">Sign out everywhere</button></form>`, options.nonce)
}

export function messagePage (options: { readonly title: string, readonly text: string, readonly nonce: string }): string {
  return page(options.title, html`<h1>${options.title}</h1><p>${options.text}</p>`, options.nonce)
}
