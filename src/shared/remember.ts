// Work that gives the same answer for the same text, done once. Bounded, because texts come from strangers: at the limit all is forgotten.

/** `work` with a memory of at most `limit` texts. Texts longer than `longest` are worked on each time. */
export function remember<T> (work: (text: string) => T, { limit, longest = 512 }: { readonly limit: number, readonly longest?: number }): (text: string) => T {
  let known = new Map<string, T>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = work(text)
    if (text.length > longest) return value
    if (known.size >= limit) known = new Map()
    known.set(text, value)
    return value
  }
}

/** The same for objects that nobody changes; what is known of one goes with it. */
export function rememberByObject<K extends object, T> (work: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, T>()
  return key => {
    let value = known.get(key)
    if (value === undefined) known.set(key, value = work(key))
    return value
  }
}
