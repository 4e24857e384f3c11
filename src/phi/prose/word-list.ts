// The words of a text in which names are looked for, as numbers in lists that the next text uses again.
import { roles, rolesOf, wordTable } from './cue-words.ts'

/** The words of names, in the order of the text. */
export interface NameWords {
  readonly count: number
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** What each is, as bits of `roles`. */
  readonly roles: Int32Array
  /** In small letters, which can be more. */
  readonly lengths: Int32Array
}

export class Words implements NameWords {
  count = 0
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  roles = new Int32Array(64)
  lengths = new Int32Array(64)

  add (start: number, end: number, role: number): void {
    if (this.count === this.starts.length) this.#grow()
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.roles[this.count] = role
    this.lengths[this.count] = end - start
    this.count += 1
  }

  #grow (): void {
    for (const key of ['starts', 'ends', 'roles', 'lengths'] as const) {
      const wider = new Int32Array(this[key].length * 2)
      wider.set(this[key])
      this[key] = wider
    }
  }

  /** A word with marks in it, or letters beyond ASCII. */
  addWritten (start: number, whole: string): void {
    const bare = whole.replace(/'s$|['-]+$/i, '')
    if (bare === '') return
    const lower = bare.toLowerCase()
    const first = bare[0] as string
    const index = wordTable.findWord(lower)
    const role = (index === -1 ? 0 : rolesOf[index] as number) | (bare !== lower && first !== first.toLowerCase() ? roles.capital : 0) | (lower.includes('-') ? roles.double : 0)
    this.add(start, start + bare.length, role)
    this.lengths[this.count - 1] = lower.length
  }
}
