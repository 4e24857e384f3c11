// How it stands on record that a record was shredded.
import type { AuditEvent } from '../event.ts'

export interface ShreddedPlace {
  readonly writer: string
  readonly epoch: number
  readonly seq: number
}

/** What a place has of the record that is to be shredded. */
export type Content = 'full' | 'gone'

export const shredOperation = 'audit.shred'

/** One step of a shredding as it stands on record. */
export interface ShreddingStep extends ShreddedPlace {
  /** Of the operation; its steps share it. */
  readonly id: string
  readonly step: string
  /** Names of the places where it was done. */
  readonly places: readonly string[]
}

const separator = ', '

export function namePlaces (places: readonly string[]): string {
  return places.join(separator)
}

export function readShredding ({ kind, id, facts }: AuditEvent): ShreddingStep | undefined {
  if (kind !== 'operation.run' || facts?.['operation'] !== shredOperation) return undefined
  const { writer, epoch, record: seq, step, places } = facts
  if (typeof writer !== 'string' || typeof epoch !== 'number' || typeof seq !== 'number') return undefined
  return { writer, epoch, seq, id, step: String(step), places: typeof places === 'string' && places !== '' ? places.split(separator) : [] }
}

/** Which records without content an operation on record accounts for: all of them once it is done, and of one that broke off those in the places where it was done. */
export class Shreddings {
  readonly #of = new Map<string, { isDone: boolean, readonly places: Set<string>, readonly open: Set<string> }>()

  note ({ id, step, places, ...place }: ShreddingStep): void {
    const known = this.#of.get(nameOf(place)) ?? { isDone: false, places: new Set(), open: new Set() }
    this.#of.set(nameOf(place), known)
    if (step === 'done') known.isDone = true
    for (const name of places) known.places.add(name)
    // Two places tell the same steps, each from its beginning.
    if (step === 'asked') known.open.add(id)
    else known.open.delete(id)
  }

  answer (place: ShreddedPlace, source: string): 'accounted' | 'broken off' | undefined {
    const known = this.#of.get(nameOf(place))
    if (known === undefined) return undefined
    if (known.isDone || known.places.has(source)) return 'accounted'
    return known.open.size > 0 ? 'broken off' : undefined
  }
}

export const nameOf = ({ writer, epoch, seq }: ShreddedPlace) => `${writer} ${epoch} ${seq}`
