// OCSF 1.5.0: requests and connections are Web Resource Access Activity (6004), everything else is a Base Event (0). In OCSF 6004 is marked as deprecated for
// 6001 with profiles, and is still there; it says what a gate says, granted or denied.
import type { AuditEvent } from '../event.ts'
import type { Found } from '../questions/answer.ts'
import { outcomeOf } from '../questions/query.ts'
import { wholeEvent } from '../questions/row.ts'
import type { ExportContext, ExportFormat } from './format.ts'
import { severityOf } from './severity.ts'

const schemaVersion = '1.5.0'
const severities = { info: 1, low: 2, medium: 3, high: 4 } as const

const activities = {
  grant: [1, 'Access Grant'], deny: [2, 'Access Deny'], revoke: [3, 'Access Revoke'], error: [4, 'Access Error'],
} as const

function activityOf (event: AuditEvent): readonly [number, string] {
  if (event.kind === 'request.denied' || event.kind === 'connection.refused') return activities.deny
  if (event.kind === 'request.failed') return activities.error
  return event.outcome?.reason?.startsWith('session.') === true ? activities.revoke : activities.grant
}

function statusOf (event: AuditEvent): readonly [number, string] {
  const outcome = outcomeOf(event)
  if (outcome === 'refused' || outcome === 'failed' || outcome === 'abandoned') return [2, 'Failure']
  return event.outcome?.status !== undefined && event.outcome.status >= 400 ? [2, 'Failure'] : [1, 'Success']
}

const isAccess = ({ kind }: AuditEvent) => kind.startsWith('request.') || kind.startsWith('connection.')

type Target = Partial<NonNullable<AuditEvent['what']>>

function describeRequest ({ what = {}, from, id }: Pick<AuditEvent, 'id' | 'from'> & { readonly what?: Target }, host: string) {
  const { query, method = 'UNKNOWN' } = what
  const url = { hostname: what.host ?? host, path: pathOf(what), ...(query === undefined ? {} : { query_string: query }), scheme: 'https' }
  return { http_method: method, url, ...(from?.userAgent === undefined ? {} : { user_agent: from.userAgent }), uid: id }
}

function pathOf ({ path, route }: Target): string {
  return path ?? route ?? '/'
}

function describeResource (what: Target, host: string) {
  const name = what.record?.type ?? what.route ?? 'web resource'
  return { name, type: name, ...(what.record?.id === undefined ? {} : { uid: what.record.id }), url_string: `https://${what.host ?? host}${pathOf(what)}` }
}

function describeAccess (event: AuditEvent, { host }: ExportContext) {
  const { status, bytesOut, durationMs } = event.outcome ?? {}
  return {
    http_request: describeRequest(event, host),
    ...(status === undefined ? {} : { http_response: { code: status, ...(bytesOut === undefined ? {} : { length: bytesOut }) } }),
    web_resources: [describeResource(event.what ?? {}, host)],
    ...(durationMs === undefined ? {} : { duration: Math.round(durationMs) }),
  }
}

function describeActor ({ id, name, roles, session }: NonNullable<AuditEvent['who']>) {
  const user = { uid: id, ...(name === undefined ? {} : { name }), groups: roles.map(role => ({ name: role })) }
  return { user, ...(session === undefined ? {} : { session: { uid: session } }) }
}

function describeSource ({ from, who }: AuditEvent) {
  return {
    ...(from === undefined ? {} : { src_endpoint: { ip: from.address, ...(from.peer === undefined ? {} : { intermediate_ips: [from.peer] }) } }),
    ...(who === undefined ? {} : { actor: describeActor(who) }),
  }
}

export function toOcsf (found: Found, context: ExportContext) {
  const event = wholeEvent(found)
  const isWeb = isAccess(event)
  const [classUid, className, categoryUid, categoryName] = isWeb ? [6004, 'Web Resource Access Activity', 6, 'Application Activity'] : [0, 'Base Event', 0, 'Uncategorized']
  const [activityId, activityName] = isWeb ? activityOf(event) : [99, event.kind]
  const [statusId, status] = statusOf(event)
  const reason = event.outcome?.reason ?? event.decision?.reason
  const severity = severityOf(event)
  const patient = event.what?.record?.patient
  return {
    activity_id: activityId,
    activity_name: activityName,
    category_uid: categoryUid,
    category_name: categoryName,
    class_uid: classUid,
    class_name: className,
    type_uid: classUid * 100 + activityId,
    time: event.time,
    severity_id: severities[severity],
    severity: { info: 'Informational', low: 'Low', medium: 'Medium', high: 'High' }[severity],
    status_id: statusId,
    status,
    ...(reason === undefined ? {} : { status_detail: reason }),
    message: `${event.kind}, ${outcomeOf(event)}`,
    ...(event.count === undefined ? {} : { count: event.count }),
    metadata: {
      version: schemaVersion,
      product: { name: 'Sallyport', vendor_name: 'Sallyport', version: context.version, uid: context.gateway },
      uid: `${found.writer}/${found.epoch}/${found.seq}`,
      event_code: event.kind,
      log_name: 'audit trail',
    },
    ...describeSource(event),
    ...(isWeb ? describeAccess(event, context) : {}),
    unmapped: { ...(patient === undefined ? {} : { patient }), ...event.facts, ...(event.disclosure === undefined ? {} : { disclosure: event.disclosure }) },
  }
}

export function createOcsf (context: ExportContext): ExportFormat {
  return { file: 'records.ocsf.jsonl', begin: () => '', add: found => `${JSON.stringify(toOcsf(found, context))}\n`, end: () => '' }
}
