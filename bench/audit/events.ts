// Events as a gateway writes them, about invented people: random ids, 400 people, 20,000 patients, a few routes.
import type { AuditEvent } from '../../src/audit/audit.ts'
import { createRequestId } from '../../src/shared/ids.ts'

export const people = 400
export const patients = 20_000

const routes = [
  { method: 'GET', route: 'GET /patients/*', kind: 'read', type: 'patient', path: (id: number) => `/patients/${id}` },
  { method: 'GET', route: 'GET /patients/*/appointments', kind: 'list', type: 'appointment', path: (id: number) => `/patients/${id}/appointments` },
  { method: 'PATCH', route: 'PATCH /patients/*', kind: 'update', type: 'patient', path: (id: number) => `/patients/${id}` },
  { method: 'GET', route: 'GET /recordings/*', kind: 'play', type: 'recording', path: (id: number) => `/recordings/${id}` },
] as const
const browsers = Array.from({ length: 12 }, (_, version) => `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${130 + version}.0.0.0 Safari/537.36`)

const any = (below: number) => Math.floor(Math.random() * below)

/** An exchange that was let in, and how it ended, as describe.ts has them. `time`: milliseconds since the epoch. */
export function createExchange (time: number): { readonly admitted: AuditEvent, readonly completed: AuditEvent } {
  const id = createRequestId()
  const person = any(people)
  const patient = String(any(patients))
  const { method, route, kind, type, path } = routes[any(routes.length)] as typeof routes[number]
  const who = {
    id: `person-${person}@people.example`,
    name: `Invented Person ${person}`,
    roles: person % 3 === 0 ? ['clinician', 'on-call'] : ['front-desk'],
    idp: 'https://idp.example/metadata',
    session: `session-${person}-${Math.floor(time / 28_800_000)}`.padEnd(43, 'x'),
  }
  const address = `203.0.113.${person % 250}`
  const admitted: AuditEvent = {
    kind: 'request.admitted',
    time,
    id,
    who,
    from: { address, userAgent: browsers[person % browsers.length] as string },
    what: { kind, method, route, path: path(Number(patient)), host: 'crm.example', protocol: 'HTTP/2', record: { type, id: patient, patient } },
    decision: { rule: 'access.roles.clinician.allow[0]' },
  }
  const completed: AuditEvent = { kind: 'request.completed', time: time + 3 + any(200), id, who, from: { address }, outcome: { status: 200, bytesIn: 0, bytesOut: 500 + any(40_000), durationMs: 3 + any(200) } }
  return { admitted, completed }
}
