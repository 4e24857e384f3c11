// One document around every page of ours, and the headers that keep it from being framed, cached, sniffed or scripted.
import { createHash } from 'node:crypto'
import { html, Html } from './html.ts'
import { style } from './style.ts'

export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const styleHash = hashOf(style)

/** Headers of everything that we say ourselves, HTML or JSON. */
export const commonHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

export interface DocumentParts {
  readonly status: number
  /** The person's own words for where they are: the organisation, or the product. */
  readonly name: string
  readonly title: string
  readonly body: Html
  /** Sources of the form-action directive; none when the page has no form. */
  readonly formAction?: readonly string[]
  /** The one inline script that may run, allowed by its hash. */
  readonly script?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The mark: two doors, one behind the other. */
const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path fill="var(--stone)" d="M2 30V13C2 6.4 8.3 2 16 2s14 4.4 14 11v17z"/><path fill="var(--mark)" d="M7 30V15c0-5 4-8.5 9-8.500S25 10 25 15v15z"/><path fill="var(--card)" d="M12 30V17.500c0-2.5 1.8-4 4-4s4 1.5 4 4V30z"/></svg>`
const icon = 'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Cpath fill=%22%2394a3b0%22 d=%22M2 30V13C2 6.4 8.3 2 16 2s14 4.4 14 11v17z%22/%3E%3Cpath fill=%22%231b5e50%22 d=%22M7 30V15c0-5 4-8.5 9-8.500S25 10 25 15v15z%22/%3E%3Cpath fill=%22%23fff%22 d=%22M12 30V17.500c0-2.5 1.8-4 4-4s4 1.5 4 4V30z%22/%3E%3C/svg%3E'

/** A page with its headers. The icon is inside it, so that a browser does not ask the CRM for /favicon.ico. */
export function createDocument (parts: DocumentParts): Page {
  const policy = [
    "default-src 'none'",
    `style-src ${styleHash}`,
    'img-src data:',
    ...(parts.script === undefined ? [] : [`script-src ${hashOf(parts.script)}`]),
    `form-action ${parts.formAction?.join(' ') ?? "'none'"}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  const script = parts.script === undefined ? '' : new Html(`<script>${parts.script}</script>`)
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${parts.title} · ${parts.name}</title>
<link rel="icon" href="${new Html(icon)}">
<style>${new Html(style)}</style>
</head>
<body>
<main>
<p class="name">${mark}<span>${parts.name}</span></p>
<h1>${parts.title}</h1>
${parts.body}
</main>
${script}</body>
</html>
`
  return {
    status: parts.status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, ...commonHeaders, ...parts.headers },
    body: document.text,
  }
}
