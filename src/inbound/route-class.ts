// Which of a few classes a request is in, for metrics: the gateway's own pages, what opens a socket, what reads, what changes. The classes are few on
// purpose: a label of a metric must never come from a path or a person.

export type RouteClass = 'own' | 'socket' | 'read' | 'write'

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'])

export function classOf ({ isOwn, isUpgrade, method }: { readonly isOwn?: boolean | undefined, readonly isUpgrade?: boolean | undefined, readonly method: string }): RouteClass {
  if (isOwn === true) return 'own'
  if (isUpgrade === true) return 'socket'
  return reading.has(method) ? 'read' : 'write'
}
