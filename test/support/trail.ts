// Reads a gateway's trail back, for tests that ask what is on record.
import { readSpool, type AuditEvent, type TrailEntry } from '../../src/audit/audit.ts'
import type { SecretValue } from '../../src/shared/schema.ts'

/** Every entry of a spool directory, in order. An unfinished last line, which a running gateway may leave for a moment, is left out. */
export async function readEntries (directory: string, key: SecretValue): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = []
  for await (const entry of readSpool({ directory, key })) entries.push(entry)
  if (entries.at(-1)?.problems[0] === 'torn') entries.pop()
  return entries
}

/** All events in order. Throws when anything in the trail is not as it was written. */
export async function readTrail (directory: string, key: SecretValue): Promise<AuditEvent[]> {
  const events: AuditEvent[] = []
  for (const { epoch, seq, event, problems } of await readEntries(directory, key)) {
    if (event === undefined || problems.length > 0) throw new Error(`the trail is broken at ${epoch}/${seq}: ${problems.join(', ')}`)
    events.push(event)
  }
  return events
}
