// What the readers of formats ask about each part of a message. The readers know syntax only; what may leave is decided behind this.
import type { Place } from './place.ts'

/** As in JSON; every leaf of the other formats is text. */
export type LeafType = 'string' | 'number' | 'boolean'

export interface Visitor {
  /** Levels of nesting that are read. */
  readonly deepest: number
  /** What stands in a leaf's place: undefined leaves it as it is, null takes it out. A number stays a number. */
  leaf (place: Place, value: string, type: LeafType): string | null | undefined
  /** What stands in place of a name that is not in the policy, or undefined. `ordinal` makes it unlike its neighbours. */
  key (parent: Place, name: string, ordinal: number): string | undefined
  /** False: the whole container is taken out unread. Throws a Hold where a rule says so. */
  enter (place: Place): boolean
  /** Markup that was removed because nobody reads it: a comment, a script. */
  removed (place: Place): void
}
