// What the readers of formats ask about each part of a message. The readers know syntax only; what may leave is decided behind this.

/** As in JSON; every leaf of the other formats is text. */
export type LeafType = 'string' | 'number' | 'boolean'

/** Where in a message a reader stands, as far as a reader has to know. */
export interface Spot {
  /** The name is one that the policy has, or it is an item of a list. */
  readonly isNamed: boolean
  child (name: string): Spot
}

export interface Visitor {
  /** Levels of nesting that are read. */
  readonly deepest: number
  /** What stands in a leaf's place: undefined leaves it as it is, null takes it out. A number stays a number. */
  leaf (place: Spot, value: string, type: LeafType): string | null | undefined
  /** False: a null here is to be taken out. Asked by readers of formats that have one. */
  nothing? (place: Spot): boolean
  /** What stands in place of a name that is not in the policy, or undefined. `ordinal` makes it unlike its neighbours. */
  key (parent: Spot, name: string, ordinal: number): string | undefined
  /** False: the whole container is taken out unread. Throws a Hold where a rule says so. */
  enter (place: Spot): boolean
  /** Where what is in a container stands, when it is not the container itself. `read` reads the container alone with another visitor. Asked by readers of JSON. */
  within? (place: Spot, read: (visitor: Visitor, root: Spot) => void): Spot
  /** Whether a file that nobody can look into stays. Asked by readers of formats that have files. Throws a Hold where a rule says so. */
  file? (place: Spot): boolean
  /** Markup that was removed because nobody reads it: a comment, a script. */
  removed (place: Spot): void
}
