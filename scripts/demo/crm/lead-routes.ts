// Leads: the list, adding one, moving one to another stage, the list as CSV.
import type { FastifyInstance } from 'fastify'
import { formatTime, html } from './html.ts'
import { absolute, sendPage, type CrmContext } from './layout.ts'
import type { Lead } from './records.ts'

const stages = ['new', 'contacted', 'booked', 'lost'] as const

const row = (lead: Lead) => html`<tr id="${lead.id}">
  <td><b>${lead.name}</b><small>${lead.source}</small></td><td>${lead.interest}</td><td>${lead.phone}<small>${lead.email}</small></td><td>${formatTime(lead.createdAt)}</td>
  <td><form method="post" action="/leads/${lead.id}/stage" class="inline"><label class="hidden" for="stage-${lead.id}">Stage of ${lead.name}</label>
    <select id="stage-${lead.id}" name="stage" class="stage-${lead.stage}">${stages.map(stage => html`<option${stage === lead.stage ? ' selected' : ''}>${stage}</option>`)}</select><button class="small">Set</button></form></td></tr>`

const list = (leads: readonly Lead[]) => html`
<section class="card wide"><table><thead><tr><th>Who</th><th>Wants</th><th>Reach</th><th>Since</th><th>Stage</th></tr></thead><tbody>${leads.map(row)}</tbody></table></section>
<section class="card"><h2>Add a lead</h2><form method="post" action="/leads" class="fields">
  <label>Name <input name="name" required maxlength="80"></label>
  <label>Telephone <input name="phone" required maxlength="40" placeholder="(202) 555-0199"></label>
  <label>E-mail <input name="email" type="email" required maxlength="120"></label>
  <label>Wants <input name="interest" required maxlength="120"></label>
  <label>Came by <select name="source"><option>Telephone</option><option>Web form</option><option>E-mail</option><option>Referral</option><option>Walk-in</option></select></label>
  <div><button>Add</button></div>
</form></section>`

/** RFC 4180, and nothing that a spreadsheet would run as a formula. */
const csvField = (value: string) => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const
export const newLeadSchema = {
  type: 'object',
  required: ['name', 'phone', 'email', 'interest', 'source'],
  properties: { name: text(80), phone: text(40), email: text(120), interest: text(120), source: text(40) },
} as const

export function registerLeadRoutes (app: FastifyInstance, context: CrmContext): void {
  const { records, visitors } = context
  app.get('/leads', async (request, reply) => sendPage(context, request, reply, {
    title: 'Leads', lead: `${records.leads().length} people who asked`, actions: html`<a class="button quiet" href="/leads/export.csv">Export CSV</a>`, body: list(records.leads()),
  }))

  app.get('/leads/export.csv', async (_request, reply) => {
    const lines = [['Id', 'Name', 'Telephone', 'E-mail', 'Interest', 'Stage'], ...records.leads().map(lead => [lead.id, lead.name, lead.phone, lead.email, lead.interest, lead.stage])]
    return reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="leads.csv"').send(lines.map(line => line.map(csvField).join(',')).join('\r\n') + '\r\n')
  })

  app.post<{ Body: Pick<Lead, 'name' | 'phone' | 'email' | 'interest' | 'source'> }>('/leads', { schema: { body: newLeadSchema } }, async (request, reply) => {
    const { name, phone, email, interest, source } = request.body
    const visitor = visitors.of(request)
    const lead = records.addLead({ name, phone, email, interest, source }, visitor.id)
    visitor.session.flash = `${lead.name} was added.`
    return reply.redirect(absolute(request, `/leads#${lead.id}`), 303)
  })

  app.post<{ Params: { id: string }, Body: { stage: Lead['stage'] } }>('/leads/:id/stage', {
    schema: { body: { type: 'object', required: ['stage'], properties: { stage: { enum: stages } } } },
  }, async (request, reply) => {
    const lead = records.leads().find(one => one.id === request.params.id)
    if (lead === undefined) return reply.callNotFound()
    const visitor = visitors.of(request)
    records.moveLead(lead, request.body.stage, visitor.id)
    visitor.session.flash = `${lead.name} is now “${lead.stage}”.`
    return reply.redirect(absolute(request, `/leads#${lead.id}`), 303)
  })
}
