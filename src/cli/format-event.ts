// One readable line for one event of the trail, for an administrator's eyes: this is the decrypted view and hides nothing. It decides nothing.
import type { AuditEvent } from '../operations/follow-trail.ts'
import { plain } from './output.ts'

const labels: Readonly<Partial<Record<AuditEvent['kind'], string>>> = {
  'request.admitted': 'admitted', 'request.denied': 'DENIED', 'request.completed': 'completed', 'request.failed': 'FAILED', 'request.abandoned': 'abandoned',
}

function formatSize (bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function formatDuration (ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function formatWho (who: AuditEvent['who']): string {
  if (who === undefined) return ''
  const name = who.name === undefined || who.name === who.id ? who.id : `${who.name} <${who.id}>`
  return who.roles.length === 0 ? name : `${name} (${who.roles.join(', ')})`
}

/** Where it went. Without a path it is the route, which has methods of its own before it: `GET,POST /api/patients`. */
export function formatTarget ({ path, route }: { readonly path?: unknown, readonly route?: unknown }): string {
  return typeof path === 'string' ? path : typeof route === 'string' ? route.replace(/^\S+ (?=\/)/, '') : ''
}

function formatWhat (what: AuditEvent['what']): string {
  if (what === undefined) return ''
  const target = `${formatTarget(what)}${what.query === undefined || what.query === '' ? '' : `?${what.query}`}`
  const record = what.record === undefined ? '' : ` [${[what.record.type, what.record.id, what.record.patient].filter(part => part !== undefined).join(' ')}]`
  return `${what.method} ${target}${record}`
}

function formatOutcome (outcome: AuditEvent['outcome']): string {
  if (outcome === undefined) return ''
  const { status, reason, source, durationMs, bytesIn, bytesOut, messagesIn, messagesOut } = outcome
  const parts = [
    status === undefined ? '' : String(status),
    reason ?? '',
    source === undefined ? '' : `by ${source}`,
    durationMs === undefined ? '' : `in ${formatDuration(durationMs)}`,
    bytesIn === undefined || bytesIn === 0 ? '' : `${formatSize(bytesIn)} up`,
    bytesOut === undefined ? '' : `${formatSize(bytesOut)} down`,
    messagesIn === undefined && messagesOut === undefined ? '' : `${messagesIn ?? 0} messages up, ${messagesOut ?? 0} down`,
  ]
  return parts.filter(part => part !== '').join(' ')
}

function formatFrom (from: AuditEvent['from']): string {
  if (from === undefined) return ''
  return `from ${from.address}${from.peer === undefined || from.peer === from.address ? '' : ` through ${from.peer}`}`
}

/** `09:00:01.123Z  admitted   GET /patients/7  A. Nurse <u17> (nurse)  from 203.0.113.7  #Xf3kQ0aB2cD4eF6g` */
export function formatEvent (event: AuditEvent): string {
  const { decision, facts, count } = event
  const parts = [
    formatWhat(event.what),
    formatOutcome(event.outcome),
    formatWho(event.who),
    formatFrom(event.from),
    decision?.reason ?? decision?.rule ?? '',
    ...Object.entries(facts ?? {}).map(([name, value]) => `${name}=${String(value)}`),
    count === undefined || count === 1 ? '' : `${count} times`,
    `#${event.id}`,
  ]
  const time = new Date(event.time).toISOString()
  return plain(`${time.slice(0, 10)} ${time.slice(11)}  ${(labels[event.kind] ?? event.kind).padEnd(18)}  ${parts.filter(part => part !== '').join('  ')}`)
}
