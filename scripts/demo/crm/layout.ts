// The frame around every page of the CRM: navigation, search, who is signed in, the bell that polls.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { html, Html, initials } from './html.ts'
import type { Records } from './records.ts'
import type { Visitors } from './visitors.ts'

/** What every route file gets. */
/** As a CRM says it that was never made for patients: the browser may keep every page. What comes of it is the gateway's to decide. */
const keeping = 'private, max-age=600'

export interface CrmContext {
  readonly records: Records
  readonly visitors: Visitors
  /** Directory for uploaded files; gone when the CRM closes. */
  readonly uploads: string
  /** The address that this CRM believes to have, `http://127.0.0.1:4000`: an installation that was set up before any front door. */
  readonly ownOrigin: () => string
  /** Where people go after the CRM's own sign-out. */
  readonly afterSignOut: string
}

const sections = [
  ['/', 'Dashboard', 'M3 11 12 4l9 7v9h-6v-6H9v6H3z'],
  ['/leads', 'Leads', 'M4 5h16v3l-6 6v6l-4-2v-4L4 8z'],
  ['/patients', 'Patients', 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 9c0-4 4-6 8-6s8 2 8 6z'],
  ['/recordings', 'Recordings', 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm-6-4a6 6 0 0 0 12 0h2a8 8 0 0 1-7 7.9V22h-2v-3.1A8 8 0 0 1 4 11z'],
  ['/attachments', 'Attachments', 'M8 21a5 5 0 0 1-5-5V7a4 4 0 0 1 8 0v8a2 2 0 0 1-4 0V8h2v7h0V7a2 2 0 0 0-4 0v9a3 3 0 0 0 6 0V6h2v10a5 5 0 0 1-5 5z'],
] as const

const icon = (path: string) => html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`

const frame = (title: string, body: Html) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Harbor Clinic CRM</title>
<link rel="icon" href="/assets/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/crm.css">
<script src="/assets/crm.js" defer></script>
</head>
${body}
</html>
`.text

export interface PageContent {
  readonly title: string
  /** A line under the title. */
  readonly lead?: Html | string
  /** Buttons at the right of the title. */
  readonly actions?: Html
  readonly body: Html
}

/** Answers with a page of the CRM. */
export function sendPage (context: CrmContext, request: FastifyRequest, reply: FastifyReply, content: PageContent) {
  const visitor = context.visitors.of(request)
  const path = request.url.split('?')[0] ?? '/'
  const isHere = (section: string) => section === '/' ? path === '/' : path.startsWith(section)
  const flash = visitor.session.flash
  visitor.session.flash = undefined
  const body = html`<body>
<a class="skip" href="#main">Skip to content</a>
<aside class="rail">
  <a class="brand" href="/"><img src="/assets/logo.svg" alt="" width="28" height="28"><span>Harbor Clinic<small>CRM</small></span></a>
  <nav aria-label="Sections">${sections.map(([href, label, shape]) => html`
    <a href="${href}"${isHere(href) ? new Html(' aria-current="page"') : ''}>${icon(shape)}<span>${label}</span></a>`)}
  </nav>
  <p class="fine">All people here are invented.</p>
</aside>
<div class="stage">
<header class="top">
  <form class="search" action="/search" role="search"><label class="hidden" for="q">Search</label>
    <input id="q" name="q" type="search" placeholder="Search patients, leads, calls" autocomplete="off"><button>Search</button></form>
  <span class="bell" data-notifications title="Notifications"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a6 6 0 0 1 6 6c0 6 2 7 2 7H4s2-1 2-7a6 6 0 0 1 6-6zm-2 15h4a2 2 0 0 1-4 0z"/></svg><b data-count></b><span class="hidden">unread notifications</span></span>
  <span class="me"><i aria-hidden="true">${initials(visitor.id)}</i><span>${visitor.id}<small>${visitor.groups.join(', ') || 'no group'}</small></span></span>
  <a class="quiet" href="/logout">Sign out</a>
</header>
<main id="main">
  ${flash === undefined ? '' : html`<p class="flash" role="status">${flash}</p>`}
  <div class="heading"><div><h1>${content.title}</h1>${content.lead === undefined ? '' : html`<p class="lead">${content.lead}</p>`}</div>${content.actions === undefined ? '' : html`<div class="actions">${content.actions}</div>`}</div>
  ${content.body}
</main>
</div>
</body>`
  return reply.type('text/html; charset=utf-8').header('cache-control', keeping).send(frame(content.title, body))
}

/** A page without the frame's navigation: errors, and for people who are not signed in. */
export function sendPlainPage (reply: FastifyReply, content: { readonly status: number, readonly title: string, readonly text: string }) {
  const body = html`<body class="plain"><main><img src="/assets/logo.svg" alt="" width="44" height="44"><h1>${content.title}</h1><p>${content.text}</p><p><a class="button" href="/">To the dashboard</a></p></main></body>`
  return reply.code(content.status).type('text/html; charset=utf-8').header('cache-control', keeping).send(frame(content.title, body))
}

/** An absolute address on the host that the browser asked for. */
export function absolute (request: FastifyRequest, path: string): string {
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
  return `${scheme}://${request.headers.host ?? 'localhost'}${path}`
}
