// Answers made by hand, for formats that take them one by one.
import type { AuditEvent, Found } from '../../src/audit/audit.ts'

let seq = 0

export function foundOf (event: AuditEvent, begun?: AuditEvent): Found {
  return { event, record: undefined, begun: begun === undefined ? undefined : { event: begun, record: undefined }, writer: 'WriterWriterWrit', epoch: 1_700_000_000, seq: ++seq, problems: [] }
}
