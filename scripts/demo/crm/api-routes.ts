// The JSON API that the CRM's pages and other programs use.
import type { FastifyInstance } from 'fastify'
import { absolute, type CrmContext } from './layout.ts'
import { newLeadSchema } from './lead-routes.ts'
import { patientChangeSchema } from './patient-routes.ts'
import type { NewLead, PatientChange } from './records.ts'

export function registerApiRoutes (app: FastifyInstance, context: CrmContext): void {
  const { records, visitors } = context
  app.addHook('onSend', async (_request, reply) => { reply.header('cache-control', 'no-store') })

  app.get('/api/me', async request => {
    const { id, email, groups } = visitors.of(request)
    return { id, email, groups }
  })
  app.get('/api/leads', async () => ({ leads: records.leads() }))
  app.post<{ Body: NewLead }>('/api/leads', { schema: { body: newLeadSchema } }, async (request, reply) => {
    const { name, phone, email, interest, source } = request.body
    const lead = records.addLead({ name, phone, email, interest, source }, visitors.of(request).id)
    return reply.code(201).header('location', absolute(request, `/api/leads/${lead.id}`)).send(lead)
  })
  app.get<{ Params: { id: string } }>('/api/leads/:id', async (request, reply) => records.leads().find(lead => lead.id === request.params.id) ?? reply.callNotFound())
  app.delete<{ Params: { id: string } }>('/api/leads/:id', async (request, reply) =>
    records.removeLead(request.params.id, visitors.of(request).id) ? reply.code(204).send() : reply.callNotFound())

  app.get('/api/patients', async () => ({ patients: records.patients().map(({ id, mrn, name, born, status }) => ({ id, mrn, name, born, status })) }))
  app.get<{ Params: { id: string } }>('/api/patients/:id', async (request, reply) => records.patient(request.params.id) ?? reply.callNotFound())
  app.put<{ Params: { id: string }, Body: PatientChange }>('/api/patients/:id', { schema: { body: patientChangeSchema } }, async (request, reply) => {
    const patient = records.patient(request.params.id)
    if (patient === undefined) return reply.callNotFound()
    records.changePatient(patient, request.body, visitors.of(request).id)
    return patient
  })

  app.get('/api/recordings', async () => ({ recordings: records.recordings() }))
  app.get<{ Querystring: { q?: string } }>('/api/search', async request => ({ results: records.search(String(request.query.q ?? '')) }))
  // Asked every few seconds by every open page.
  app.get('/api/notifications', async () => ({ unread: records.leads().filter(lead => lead.stage === 'new').length, at: new Date().toISOString() }))
}
