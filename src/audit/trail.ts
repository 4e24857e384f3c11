// What the trail is to everybody who records.
import type { AuditEvent } from './event.ts'

export interface AuditTrail {
  /**
   * Records an event and resolves when it is durable as configured.
   * Throws a Failure `audit.unavailable` (503, Retry-After) within the deadline when nothing can record. Then note nothing about it: should the record
   * reach the disk after all, the trail ends that exchange itself.
   */
  record(event: AuditEvent): Promise<void>
  /**
   * Records what already happened (an ending, a refusal): queued in order, never lost while the process lives, the caller does not wait.
   * Floods of refusals that are alike become one record with their number.
   */
  note(event: AuditEvent): void
  /**
   * Records what already happened and resolves when it is durable, however long that takes: for work that may not be done twice before it is on record.
   * Throws a Failure `audit.unavailable` only when the trail is closed before.
   */
  recordEnding(event: AuditEvent): Promise<void>
  /** Whether the gate can record now; `detail` is one sentence for the operator, also about a Redis that lags or holds what is not ours. */
  ready(): { readonly ok: boolean, readonly detail: string }
  /** Records waiting for disk, and records on disk that Redis does not have yet. */
  depth(): { readonly waiting: number, readonly unshipped: number }
  /** Since when every place has the latest checkpoint, and the places that do not keep them now. */
  checkpoints(): { readonly keptAt: number | undefined, readonly failing: readonly string[] }
  /** Waits until everything noted is durable (and, when `ship`, in Redis), at most `timeoutMs`. Returns whether it is. */
  flush(options: { timeoutMs: number, ship: boolean }): Promise<boolean>
  close(): Promise<void>
}
