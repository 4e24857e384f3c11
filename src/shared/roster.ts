// Who is here now, of what comes and goes thousands of times a second. Not a Set: a Set builds itself a new table every few dozen goings, and V8 keeps each table, with what
// it held, alive for as long as the one before it. One of them that became old, and all later ones pile up behind it with every request that they ever held.

export interface Roster<T> extends Iterable<T> {
  readonly size: number
  /** Call what it returns when this goes; it says whether it was still here. */
  enter (value: T): () => boolean
}

export function createRoster<T extends object> (): Roster<T> {
  const places: Array<T | undefined> = []
  const free: number[] = []
  let size = 0
  return {
    get size () { return size },
    enter (value) {
      const place = free.pop() ?? places.length
      places[place] = value
      size += 1
      return () => {
        // Gone already, and another may stand there by now.
        if (places[place] !== value) return false
        places[place] = undefined
        free.push(place)
        size -= 1
        return true
      }
    },
    // Who comes or goes meanwhile may be met or not, as with a Set.
    * [Symbol.iterator] () {
      for (const value of places) if (value !== undefined) yield value
    },
  }
}
