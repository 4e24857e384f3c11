// Dashboard, search, short links, sign-out, and a report that is broken (to look at an error page).
import type { FastifyInstance } from 'fastify'
import { formatDay, formatTime, html } from './html.ts'
import { absolute, sendPage, sendPlainPage, type CrmContext } from './layout.ts'

const tile = (href: string, value: number, label: string) => html`<a class="tile" href="${href}"><b>${value}</b><span>${label}</span></a>`

function dashboard (context: CrmContext, recentIds: readonly string[]) {
  const { records } = context
  const visits = records.patients().filter(patient => patient.nextVisit !== '').sort((a, b) => a.nextVisit.localeCompare(b.nextVisit)).slice(0, 5)
  const recent = recentIds.flatMap(id => records.patient(id) ?? [])
  return html`
<div class="tiles">
  ${tile('/leads', records.leads().filter(lead => lead.stage === 'new').length, 'new leads')}
  ${tile('/patients', records.patients().filter(patient => patient.status === 'active').length, 'active patients')}
  ${tile('/patients', records.patients().filter(patient => patient.status === 'recall').length, 'to call back')}
  ${tile('/recordings', records.recordings().length, 'call recordings')}
</div>
<div class="columns">
<div>
  <section class="card"><h2>Next visits</h2><table><thead><tr><th>Patient</th><th>Day</th><th>With</th></tr></thead><tbody>
    ${visits.map(patient => html`<tr><td><a href="/patients/${patient.id}">${patient.name}</a></td><td>${formatDay(patient.nextVisit)}</td><td>${patient.physician}</td></tr>`)}
  </tbody></table></section>
  <section class="card"><h2>Activity <small data-stream>connecting</small></h2><ol class="feed" data-activity>${
    records.activities().slice(0, 6).map(activity => html`<li><time>${formatTime(activity.at)}</time> ${activity.text}</li>`)
  }</ol></section>
</div>
<div>
  <section class="card"><h2>Recently opened by you</h2>${recent.length === 0
    ? html`<p class="empty">Nothing yet. <a href="/patients">Open a patient</a> and come back.</p>`
    : html`<ul class="links">${recent.map(patient => html`<li><a href="/patients/${patient.id}">${patient.name}</a><small>${patient.mrn}</small></li>`)}</ul>`}</section>
  <section class="card"><h2>Team channel <small data-presence>connecting</small></h2>
    <ol class="feed chat" data-chat aria-live="polite"></ol>
    <form class="inline" data-chat-form><label class="hidden" for="message">Message to the team</label><input id="message" maxlength="200" placeholder="Message to the team" autocomplete="off"><button>Send</button></form>
  </section>
</div>
</div>`
}

export function registerHomeRoutes (app: FastifyInstance, context: CrmContext): void {
  app.get('/', async (request, reply) => {
    const visitor = context.visitors.of(request)
    return sendPage(context, request, reply, { title: 'Good day', lead: 'What is going on at the clinic.', body: dashboard(context, visitor.session.recent) })
  })

  app.get<{ Querystring: { q?: string } }>('/search', async (request, reply) => {
    const text = String(request.query.q ?? '')
    const found = context.records.search(text)
    const paths = { patient: '/patients/', lead: '/leads#', recording: '/recordings#' }
    const body = html`<section class="card">${found.length === 0
      ? html`<p class="empty">Nothing found. Try a part of a name, a record number or a telephone number.</p>`
      : html`<ul class="links">${found.map(one => html`<li><a href="${paths[one.kind]}${one.id}">${one.title}</a><small>${one.kind} · ${one.detail}</small></li>`)}</ul>`}</section>`
    return sendPage(context, request, reply, { title: 'Search', lead: html`${found.length} found for <q>${text}</q>`, body })
  })

  // Short links as this CRM prints them on letters. They are made from the address it was installed with, not from the request.
  app.get<{ Params: { id: string } }>('/go/:id', async (request, reply) => reply.redirect(`${context.ownOrigin()}/patients/${encodeURIComponent(request.params.id)}`, 302))

  app.get('/logout', async (request, reply) => {
    context.visitors.leave(request, reply)
    return reply.redirect(context.afterSignOut.startsWith('/') ? absolute(request, context.afterSignOut) : context.afterSignOut, 302)
  })
  app.get('/signed-out', async (_request, reply) => sendPlainPage(reply, { status: 200, title: 'Signed out of the CRM', text: 'You left Harbor Clinic CRM.' }))

  app.get('/reports/monthly', async () => { throw new Error('the report table is missing') })
}
