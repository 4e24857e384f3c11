// One place with what was seen in it.
import { compareBeginnings, findBeginning, type Beginning } from '../retention/beginning.ts'
import type { EpochView } from './epoch-view.ts'

export interface Place {
  /** For people: `the gateway's spool`. */
  readonly name: string
  readonly isFollower: boolean
  readonly hasAll: boolean
  /** What says where the trails of writers begin here. */
  readonly beginnings: readonly Beginning[]
  /** The epochs of each writer, oldest first. */
  readonly view: ReadonlyMap<string, readonly EpochView[]>
}

/** The epochs of one writer in one place. */
export interface Holding {
  readonly name: string
  readonly isFollower: boolean
  readonly epochs: ReadonlyMap<number, EpochView>
  readonly newest: number
  /** The last record that was removed from here on purpose. */
  readonly beginning: Beginning | undefined
}

/** A writer in every place that has something of it. */
export function holdingsOf (writer: string, places: readonly Place[]): readonly Holding[] {
  return places.flatMap(({ name, isFollower, view, beginnings }) => {
    const views = view.get(writer) ?? []
    const numbers = views.map(({ epoch }) => epoch)
    const epochs = new Map(views.map(each => [each.epoch, each]))
    const first = epochs.get(Math.min(...numbers))
    return first === undefined ? [] : [{ name, isFollower, epochs, newest: Math.max(...numbers), beginning: findBeginning(beginnings, first) }]
  })
}

/** Whether a place has given up a record on purpose. */
export function isRemoved ({ beginning }: Pick<Holding, 'beginning'>, place: { readonly epoch: number, readonly seq: number }): boolean {
  return beginning !== undefined && compareBeginnings(place, beginning) <= 0
}

/** `2026-11-26T10:00:00.000Z`, for the sentences of findings. */
export function formatTime (time: number): string {
  return new Date(time).toISOString()
}
