// A trail about invented patients, at fixed times: read, changed, refused, failed, cut off, left open, sent out and held back.
import { dirname, join } from 'node:path'
import { createAuditTrail, type AuditEvent } from '../../src/audit/audit.ts'
import type { AuditConfig } from '../../src/audit/config.ts'
import type { Clock } from '../../src/shared/clock.ts'
import type { Logger } from '../../src/shared/log.ts'

type Who = NonNullable<AuditEvent['who']>
type What = NonNullable<AuditEvent['what']>

export const nurse: Who = { id: 'nurse-1', name: 'Invented Nurse', roles: ['nurse'], session: 's-nurse' }
export const physician: Who = { id: 'physician-2', name: 'Invented Physician', roles: ['physician', 'on-call'], session: 's-physician' }
export const clerk: Who = { id: 'clerk-3', roles: ['front-desk'], session: 's-clerk' }

export const at = (text: string) => Date.parse(`2026-11-${text}Z`)

const chart = (patient: string, fields?: string[]): NonNullable<What['record']> => ({ type: 'patient', id: patient, patient, ...(fields === undefined ? {} : { fields }) })

export function admit (id: string, time: number, options: { readonly who: Who, readonly what?: Partial<What>, readonly address?: string }): AuditEvent {
  const { who, what, address = '203.0.113.7' } = options
  return {
    kind: 'request.admitted',
    time,
    id,
    who,
    from: { address, userAgent: 'Invented Browser' },
    what: { kind: 'read', method: 'GET', route: 'GET /patients/*', path: '/patients/4711', host: 'crm.example', record: chart('4711'), ...what },
    decision: { rule: 'access.roles.nurse.allow[0]' },
  }
}

export function complete (id: string, time: number, outcome: AuditEvent['outcome'] = { status: 200, bytesIn: 0, bytesOut: 5120, durationMs: 27 }): AuditEvent {
  return { kind: 'request.completed', time, id, from: { address: '203.0.113.7' }, outcome }
}

/** What the trail holds, in order. Patient 4711 is the one to ask about. */
export const patientEvents: readonly AuditEvent[] = [
  admit('r1', at('20T08:00:05'), { who: nurse, what: { record: chart('4711', ['name', 'birthDate']) } }),
  complete('r1', at('20T08:00:06')),
  admit('r2', at('20T08:04:10'), { who: nurse, what: { record: chart('4711', ['name', 'birthDate']) } }),
  complete('r2', at('20T08:04:11')),
  admit('other', at('20T08:05:00'), { who: nurse, what: { path: '/patients/4712', record: chart('4712') } }),
  complete('other', at('20T08:05:01')),
  { ...admit('r3', at('20T09:10:00'), { who: clerk, address: '203.0.113.20', what: { kind: 'export', method: 'GET', path: '/patients/4711/export' } }), kind: 'request.denied', decision: { reason: 'access.roleMissing' } },
  {
    kind: 'request.denied',
    time: at('20T09:12:00'),
    id: 'stranger',
    from: { address: '198.51.100.9' },
    what: { kind: 'read', method: 'GET', path: '/patients/4711', record: chart('4711') },
    decision: { reason: 'clientIp.notAllowed' },
  },
  admit('r4', at('21T22:15:00'), {
    who: physician,
    address: '203.0.113.8',
    what: { kind: 'update', method: 'PATCH', path: '/appointments/88', route: 'PATCH /appointments/*', record: { type: 'appointment', id: '88', patient: '4711', fields: ['time'] } },
  }),
  { kind: 'request.completed', time: at('21T22:15:01'), id: 'r4', from: { address: '203.0.113.8' }, outcome: { status: 204, bytesOut: 0, durationMs: 40 } },
  admit('r5', at('21T22:16:00'), { who: physician, address: '203.0.113.8' }),
  { kind: 'request.failed', time: at('21T22:16:30'), id: 'r5', from: { address: '203.0.113.8' }, outcome: { reason: 'forward.timeout', source: 'upstream', durationMs: 30_000 } },
  admit('r6', at('21T22:17:00'), { who: physician, address: '203.0.113.8', what: { kind: 'download', path: '/patients/4711/scan' } }),
  { kind: 'request.abandoned', time: at('21T22:17:09'), id: 'r6', from: { address: '203.0.113.8' }, outcome: { reason: 'client.hungUp', bytesOut: 70_000, durationMs: 9000 } },
  admit('r7', at('21T22:18:00'), { who: physician, address: '203.0.113.8', what: { kind: 'delete', method: 'DELETE', path: '/patients/4711/notes/5', record: { type: 'note', id: '5', patient: '4711' } } }),
  { kind: 'request.completed', time: at('21T22:18:01'), id: 'r7', from: { address: '203.0.113.8' }, outcome: { status: 409, bytesOut: 200, durationMs: 12 } },
  {
    kind: 'message.released',
    time: at('22T10:00:00'),
    id: 'm1',
    what: { kind: 'export', method: 'SMTP', record: chart('4711') },
    disclosure: { recipient: 'Example Laboratory', address: 'orders@laboratory.example', description: 'laboratory order', purpose: 'treatment' },
    facts: { redacted: 3 },
  },
  {
    kind: 'message.quarantined',
    time: at('22T10:05:00'),
    id: 'm2',
    what: { kind: 'export', method: 'POST', record: chart('4711') },
    decision: { reason: 'redact.leftover' },
    disclosure: { recipient: 'Example Mailer', address: 'https://mailer.example/hook', description: 'newsletter', purpose: 'marketing' },
  },
  { ...admit('r8', at('23T07:00:00'), { who: nurse }), facts: { wouldRefuse: 'clientIp.restrict[0]' } },
]

const idle: Clock = { now: () => at('19T00:00:00'), after: () => ({ cancel: () => undefined }), every: () => ({ cancel: () => undefined }) }

/** Writes events as a gateway of this configuration would have. */
export async function writeTrail (config: AuditConfig, deps: {
  readonly directory: string
  readonly gateway: string
  readonly log: Logger
  readonly events?: readonly AuditEvent[]
  readonly clock?: Clock
}): Promise<void> {
  const { directory, gateway, log, events = patientEvents, clock = idle } = deps
  const trail = await createAuditTrail(config, { clock, log, directory, checkpointDirectory: join(dirname(directory), 'checkpoints'), gateway })
  for (const event of events) trail.note(event)
  await trail.flush({ timeoutMs: 5000, ship: config.redis !== undefined })
  await trail.close()
}
