// How it stands on record that a record was shredded.
import type { AuditEvent } from '../event.ts'

export interface ShreddedPlace {
  readonly writer: string
  readonly epoch: number
  readonly seq: number
}

export const shredOperation = 'audit.shred'

/** The record that an event says was shredded; also when the operation broke off, because it may have got that far. */
export function readShredding ({ kind, facts }: AuditEvent): ShreddedPlace | undefined {
  if (kind !== 'operation.run' || facts?.['operation'] !== shredOperation) return undefined
  const { writer, epoch, record: seq } = facts
  return typeof writer === 'string' && typeof epoch === 'number' && typeof seq === 'number' ? { writer, epoch, seq } : undefined
}
