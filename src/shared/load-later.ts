// What few installations use and callers cannot wait for: loaded when it is first asked for, so that a start and the memory at rest are those of what is configured.
// Who can wait writes `await import(...)` instead.

/** Gives out what `load` returns, which runs once, at the first call. What it throws comes again at each call. */
export function loadLater<T> (load: () => T): () => T {
  let loaded: { readonly value: T } | undefined
  return () => {
    loaded ??= { value: load() }
    return loaded.value
  }
}
