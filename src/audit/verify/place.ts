// One place with what was seen in it.
import type { EpochView } from './epoch-view.ts'

export interface Place {
  /** For people: `the gateway's spool`. */
  readonly name: string
  readonly isFollower: boolean
  readonly hasAll: boolean
  /** The epochs of each writer, oldest first. */
  readonly view: ReadonlyMap<string, readonly EpochView[]>
}

/** The epochs of one writer in one place. */
export interface Holding {
  readonly name: string
  readonly isFollower: boolean
  readonly epochs: ReadonlyMap<number, EpochView>
  readonly newest: number
}

/** A writer in every place that has something of it. */
export function holdingsOf (writer: string, places: readonly Place[]): readonly Holding[] {
  return places.flatMap(({ name, isFollower, view }) => {
    const views = view.get(writer) ?? []
    return views.length === 0 ? [] : [{ name, isFollower, epochs: new Map(views.map(each => [each.epoch, each])), newest: Math.max(...views.map(({ epoch }) => epoch)) }]
  })
}

/** `2026-11-26T10:00:00.000Z`, for the sentences of findings. */
export function formatTime (time: number): string {
  return new Date(time).toISOString()
}
