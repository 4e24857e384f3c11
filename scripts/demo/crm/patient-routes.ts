// Patients: the list, one record with its notes, the form that edits it.
import type { FastifyInstance } from 'fastify'
import { formatBytes, formatDay, formatTime, html, initials } from './html.ts'
import { absolute, sendPage, type CrmContext } from './layout.ts'
import type { Patient, PatientChange } from './records.ts'

const badge = (status: Patient['status']) => html`<span class="badge ${status}">${status}</span>`

const list = (patients: readonly Patient[]) => html`<section class="card wide"><table>
<thead><tr><th>Patient</th><th>Born</th><th>Physician</th><th>Next visit</th><th>Status</th></tr></thead><tbody>
${patients.map(patient => html`<tr><td class="person"><i aria-hidden="true">${initials(patient.name)}</i><span><a href="/patients/${patient.id}">${patient.name}</a><small>${patient.mrn}</small></span></td>
<td>${formatDay(patient.born)}</td><td>${patient.physician}</td><td>${formatDay(patient.nextVisit)}</td><td>${badge(patient.status)}</td></tr>`)}
</tbody></table></section>`

const fact = (term: string, value: string) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`

function detail (context: CrmContext, patient: Patient) {
  const calls = context.records.recordings().filter(recording => recording.patientId === patient.id)
  const files = context.records.attachments().filter(attachment => attachment.patientId === patient.id)
  return html`<div class="columns uneven">
<div>
  <section class="card"><h2>Conditions</h2><p class="chips">${patient.conditions.map(condition => html`<span>${condition}</span>`)}</p><p class="alert"><b>Allergies</b> ${patient.allergies}</p></section>
  <section class="card"><h2>Notes</h2>
    <form method="post" action="/patients/${patient.id}/notes" class="stack"><label for="note">New note</label><textarea id="note" name="text" rows="3" required maxlength="2000"></textarea><div><button>Save note</button></div></form>
    <ol class="notes">${patient.notes.map(note => html`<li><p>${note.text}</p><small>${note.by} · ${formatTime(note.at)}</small></li>`)}</ol>
  </section>
</div>
<div>
  <section class="card"><h2>Person</h2><dl>${fact('Born', formatDay(patient.born))}${fact('Social security number', patient.ssn)}${fact('Telephone', patient.phone)}${fact('E-mail', patient.email)}${fact('Address', patient.address)}</dl></section>
  <section class="card"><h2>Insurance</h2><dl>${fact('Plan', patient.insurer)}${fact('Member', patient.memberNumber)}</dl></section>
  <section class="card"><h2>Calls</h2>${calls.length === 0 ? html`<p class="empty">No recordings.</p>` : html`<ul class="links">${calls.map(call => html`<li><a href="/recordings#${call.id}">${call.summary}</a><small>${formatTime(call.at)}</small></li>`)}</ul>`}</section>
  <section class="card"><h2>Attachments</h2>${files.length === 0 ? html`<p class="empty">No files.</p>` : html`<ul class="links">${files.map(file => html`<li><a href="/attachments/${file.id}">${file.name}</a><small>${formatBytes(file.bytes)}</small></li>`)}</ul>`}
    <p><a href="/attachments?patient=${patient.id}">Add a file</a></p></section>
</div></div>`
}

const statuses = ['active', 'recall', 'discharged'] as const
const editable = [['name', 'Name', 'text'], ['born', 'Born', 'date'], ['phone', 'Telephone', 'tel'], ['email', 'E-mail', 'email'], ['address', 'Address', 'text'],
  ['insurer', 'Insurance plan', 'text'], ['memberNumber', 'Member number', 'text'], ['physician', 'Physician', 'text'], ['allergies', 'Allergies', 'text'], ['nextVisit', 'Next visit', 'date']] as const

const editForm = (patient: Patient) => html`<section class="card"><form method="post" action="/patients/${patient.id}" class="fields">
${editable.map(([name, label, type]) => html`<label>${label} <input name="${name}" type="${type}" value="${patient[name]}" maxlength="160"${name === 'nextVisit' ? '' : ' required'}></label>`)}
<label>Status <select name="status">${statuses.map(status => html`<option${status === patient.status ? ' selected' : ''}>${status}</option>`)}</select></label>
<div><button>Save</button> <a class="button quiet" href="/patients/${patient.id}">Cancel</a></div></form></section>`

const text = { type: 'string', minLength: 1, maxLength: 160 } as const
const day = { type: 'string', pattern: '^(\\d{4}-\\d{2}-\\d{2})?$' } as const
export const patientChangeSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: { name: text, born: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' }, phone: text, email: text, address: text, insurer: text, memberNumber: text, physician: text, allergies: text, nextVisit: day, status: { enum: statuses } },
} as const

export function registerPatientRoutes (app: FastifyInstance, context: CrmContext): void {
  const { records, visitors } = context
  app.get('/patients', async (request, reply) => sendPage(context, request, reply, { title: 'Patients', lead: `${records.patients().length} records`, body: list(records.patients()) }))

  app.get<{ Params: { id: string } }>('/patients/:id', async (request, reply) => {
    const patient = records.patient(request.params.id)
    if (patient === undefined) return reply.callNotFound()
    const { session } = visitors.of(request)
    session.recent = [patient.id, ...session.recent.filter(id => id !== patient.id)].slice(0, 5)
    return sendPage(context, request, reply, {
      title: patient.name,
      lead: html`${patient.mrn} · ${patient.physician} · ${badge(patient.status)}`,
      actions: html`<a class="button" href="/patients/${patient.id}/edit">Edit</a>`,
      body: detail(context, patient),
    })
  })

  app.get<{ Params: { id: string } }>('/patients/:id/edit', async (request, reply) => {
    const patient = records.patient(request.params.id)
    if (patient === undefined) return reply.callNotFound()
    return sendPage(context, request, reply, { title: `Edit ${patient.name}`, lead: patient.mrn, body: editForm(patient) })
  })

  app.post<{ Params: { id: string }, Body: PatientChange }>('/patients/:id', { schema: { body: patientChangeSchema } }, async (request, reply) => {
    const patient = records.patient(request.params.id)
    if (patient === undefined) return reply.callNotFound()
    const visitor = visitors.of(request)
    records.changePatient(patient, request.body, visitor.id)
    visitor.session.flash = 'Saved.'
    return reply.redirect(absolute(request, `/patients/${patient.id}`), 303)
  })

  app.post<{ Params: { id: string }, Body: { text: string } }>('/patients/:id/notes', {
    schema: { body: { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1, maxLength: 2000 } } } },
  }, async (request, reply) => {
    const patient = records.patient(request.params.id)
    if (patient === undefined) return reply.callNotFound()
    const visitor = visitors.of(request)
    records.addNote(patient, request.body.text, visitor.id)
    visitor.session.flash = 'The note was saved.'
    return reply.redirect(absolute(request, `/patients/${patient.id}`), 303)
  })
}
