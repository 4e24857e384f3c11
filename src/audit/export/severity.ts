// How grave an event is, for the formats that ask: refusals and gaps stand out, what went well does not.
import { outcomeOf } from '../questions/query.ts'
import type { AuditEvent } from '../event.ts'

export type Severity = 'info' | 'low' | 'medium' | 'high'

export function severityOf (event: AuditEvent): Severity {
  if (event.kind === 'gateway.gap') return 'high'
  const outcome = outcomeOf(event)
  if (outcome === 'refused') return 'medium'
  return outcome === 'failed' || outcome === 'abandoned' ? 'low' : 'info'
}
