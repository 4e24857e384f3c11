// Which legal holds are in force by what stands on record: a hold whose file was removed from the archive is missed, and still holds.
import type { AuditEvent } from '../event.ts'
import type { Hold } from './holds.ts'

export const holdOperations = { set: 'audit.hold', end: 'audit.release' } as const

export class HoldsOnRecord {
  readonly #set = new Map<string, Hold>()
  readonly #ended = new Set<string>()

  note ({ kind, facts, who, time }: AuditEvent): void {
    if (kind !== 'operation.run' || facts?.['step'] !== 'done' || typeof facts['hold'] !== 'string') return
    const { operation, hold: name, reason, from, to } = facts
    if (operation === holdOperations.end) this.#ended.add(name)
    if (operation !== holdOperations.set) return
    this.#set.set(name, { name, from: readTime(from) ?? 0, to: readTime(to) ?? Number.MAX_SAFE_INTEGER, reason: String(reason), by: who?.id ?? 'unknown', at: time })
  }

  /** A name is used once, so the order in which several places tell it makes no difference. */
  inForce (): readonly Hold[] {
    return [...this.#set.values()].filter(({ name }) => !this.#ended.has(name))
  }
}

function readTime (fact: unknown): number | undefined {
  const time = typeof fact === 'string' ? Date.parse(fact) : NaN
  return Number.isNaN(time) ? undefined : time
}
