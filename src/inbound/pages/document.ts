// One document around every page of ours, and the headers that keep it from being framed, cached, sniffed or scripted.
import { createHash } from 'node:crypto'
import { createPalette, type Logo, type Palette } from './brand.ts'
import type { PagesConfig } from './config.ts'
import type { TextKey } from './english.ts'
import { html, Html } from './html.ts'
import { createStyle } from './style.ts'
import type { Texts } from './texts.ts'

export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Headers of everything that we say ourselves, HTML or JSON. */
export const commonHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** What every page of one gateway has in common. */
export interface Frame {
  /** The person's own words for where they are: the organisation, or the product. */
  readonly name: string
  readonly palette: Palette
  readonly contact: PagesConfig['contact']
  readonly style: string
  readonly styleHash: string
  /** Mark or logo, and the name. */
  readonly head: Html
  readonly icon: string
}

export interface DocumentParts {
  readonly status: number
  readonly title: TextKey
  readonly body: Html
  /** Below the line, before whom to ask. */
  readonly foot?: Html
  /** For whom to ask about it. */
  readonly requestId?: string
  /** Sources of the form-action directive; none when the page has no form. */
  readonly formAction?: readonly string[]
  /** The one inline script that may run, allowed by its hash. */
  readonly script?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The mark: two doors, one behind the other. */
const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path fill="var(--stone)" d="M2 30V13C2 6.4 8.3 2 16 2s14 4.4 14 11v17z"/><path fill="var(--key)" d="M7 30V15c0-5 4-8.5 9-8.500S25 10 25 15v15z"/><path fill="var(--card)" d="M12 30V17.500c0-2.5 1.8-4 4-4s4 1.5 4 4V30z"/></svg>`
const iconOf = (color: string) => `data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Cpath fill=%22%2394a3b0%22 d=%22M2 30V13C2 6.4 8.3 2 16 2s14 4.4 14 11v17z%22/%3E%3Cpath fill=%22%23${color.slice(1)}%22 d=%22M7 30V15c0-5 4-8.5 9-8.500S25 10 25 15v15z%22/%3E%3Cpath fill=%22%23fff%22 d=%22M12 30V17.500c0-2.5 1.8-4 4-4s4 1.5 4 4V30z%22/%3E%3C/svg%3E`

const dataOf = ({ type, base64 }: Logo) => `data:${type};base64,${base64}`

/** The name stands beside the logo, which then says nothing of its own; or in it. */
function showLogo (logo: Logo, dark: Logo | undefined, { name, nameInLogo }: { readonly name: string, readonly nameInLogo: boolean }): Html {
  const image = html`<img src="${dataOf(logo)}" alt="${nameInLogo ? name : ''}">`
  return dark === undefined ? image : html`<picture><source media="(prefers-color-scheme: dark)" srcset="${dataOf(dark)}">${image}</picture>`
}

export interface Look extends Partial<Pick<PagesConfig, 'name' | 'nameInLogo' | 'accent' | 'accentDark' | 'contact'>> {
  readonly logo?: Logo | undefined
  readonly logoDark?: Logo | undefined
}

export function createFrame (look: Look): Frame {
  const { name = 'Sallyport', nameInLogo = false, logo } = look
  const palette = createPalette(look.accent, look.accentDark)
  const style = createStyle(palette)
  const picture = logo === undefined ? mark : showLogo(logo, look.logoDark, { name, nameInLogo })
  const head = html`<p class="name">${picture}${logo !== undefined && nameInLogo ? html`` : html`<span>${name}</span>`}</p>`
  return { name, palette, contact: look.contact, style, styleHash: hashOf(style), head, icon: iconOf(palette.light.accent) }
}

/** Whom to ask. A letter names the request, so that nobody has to copy its number. */
function showContact (contact: Frame['contact'], texts: Texts, requestId: string | undefined): Html {
  if (contact === undefined) return html``
  const { text, address } = contact
  const isLetter = address?.startsWith('mailto:') === true && !address.includes('?') && requestId !== undefined
  const subject = isLetter ? `?subject=${encodeURIComponent(`${texts.plain('refused.requestNumber')} ${requestId}`)}` : ''
  return html`<p>${texts.say('refused.contact')} ${address === undefined ? html`${text}` : html`<a href="${address}${subject}">${text}</a>`}</p>`
}

/** A page with its headers. The icon is inside it, so that a browser does not ask the CRM for /favicon.ico. */
export function createDocument (parts: DocumentParts, frame: Frame, texts: Texts): Page {
  const policy = [
    "default-src 'none'",
    `style-src ${frame.styleHash}`,
    'img-src data:',
    ...(parts.script === undefined ? [] : [`script-src ${hashOf(parts.script)}`]),
    `form-action ${parts.formAction?.join(' ') ?? "'none'"}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  const script = parts.script === undefined ? '' : new Html(`<script>${parts.script}</script>`)
  const foot = html`${parts.foot ?? ''}${showContact(frame.contact, texts, parts.requestId)}`
  const document = html`<!doctype html>
<html lang="${texts.language}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${texts.plain(parts.title)} · ${frame.name}</title>
<link rel="icon" href="${new Html(frame.icon)}">
<style>${new Html(frame.style)}</style>
</head>
<body>
<main>
${frame.head}
<h1>${texts.say(parts.title)}</h1>
${parts.body}
${foot.text === '' ? foot : html`<div class="foot">${foot}</div>`}
</main>
${script}</body>
</html>
`
  return {
    status: parts.status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': texts.language,
      vary: 'Accept-Language',
      'content-security-policy': policy,
      ...commonHeaders,
      ...parts.headers,
    },
    body: document.text,
  }
}
