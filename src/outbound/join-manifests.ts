// What was done to the parts of one request, as one account of it. Pure.
import type { Manifest } from '../phi/phi.ts'

type Counts = Manifest['kinds']

function add (one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one }
  for (const [kind, count] of Object.entries(other)) sum[kind] = (sum[kind] ?? 0) + count
  return sum
}

export function joinManifests (body: Manifest | undefined, query: Manifest | undefined): Manifest | undefined {
  if (body === undefined || query === undefined) return body ?? query
  return {
    ...body,
    leaves: body.leaves + query.leaves,
    changed: body.changed + query.changed,
    kinds: add(body.kinds, query.kinds),
    released: add(body.released, query.released),
    prose: body.prose + query.prose,
    entries: [...body.entries, ...query.entries.map(entry => ({ ...entry, path: `?${entry.path}` }))],
  }
}
