// Which exchanges are on disk as begun and not yet as ended. An exchange that is still in here when the process dies counts as disclosed
// and gets its ending at the next start.
import type { AuditEvent } from './event.ts'

type Named = { readonly kind: string, readonly id: string }

const begins: Readonly<Record<string, string>> = { 'request.admitted': 'request', 'connection.opened': 'connection' }
const ends: Readonly<Record<string, string>> = {
  'request.completed': 'request', 'request.failed': 'request', 'request.abandoned': 'request', 'connection.closed': 'connection',
}

export interface OpenExchanges {
  /** Takes in what became durable, in order. */
  apply (record: Named): void
  /** `request <id>` or `connection <id>`, oldest first. */
  list (): readonly string[]
}

/** Endings that wait to be taken off together. */
const mostEnded = 1024

/**
 * Two lists that only grow, and now and then one is taken off the other: a Set that thousands enter and leave in a second costs more, and leaves
 * tables behind that pile up (shared/roster.ts).
 */
export function createOpenExchanges (inherited: readonly string[]): OpenExchanges {
  let begun = [...inherited]
  let ended: string[] = []
  const settle = () => {
    const over = new Set(ended)
    begun = begun.filter(name => !over.has(name))
    ended = []
  }
  return {
    apply ({ kind, id }) {
      const beginning = begins[kind]
      if (beginning !== undefined) { begun.push(`${beginning} ${id}`); return }
      const ending = ends[kind]
      if (ending === undefined) return
      ended.push(`${ending} ${id}`)
      if (ended.length >= mostEnded) settle()
    },
    list () {
      settle()
      return [...new Set(begun)]
    },
  }
}

/** Whether records of this kind end an exchange. */
export function isEnding (kind: string): boolean {
  return ends[kind] !== undefined
}

/** The name of the exchange that an event begins or ends, as in `list`; undefined when it does neither. */
export function exchangeOf ({ kind, id }: Named): string | undefined {
  const exchange = begins[kind] ?? ends[kind]
  return exchange === undefined ? undefined : `${exchange} ${id}`
}

/** The ending of an exchange that nobody else will end, or undefined when `kind` begins none. */
export function endingOf (begun: Named, options: { readonly time: number, readonly reason: string, readonly facts: NonNullable<AuditEvent['facts']> }): AuditEvent | undefined {
  const exchange = begins[begun.kind]
  if (exchange === undefined) return undefined
  const { time, reason, facts } = options
  return { kind: exchange === 'request' ? 'request.abandoned' : 'connection.closed', time, id: begun.id, outcome: { reason }, facts }
}

/** The endings of exchanges that a process left open when it died. 45 CFR 164.414(b): what cannot be shown not to have happened is assumed. */
export function endingsOf (open: readonly string[], options: { readonly time: number, readonly epoch: number }): AuditEvent[] {
  return open.map(name => {
    const at = name.indexOf(' ')
    const kind = name.slice(0, at) === 'request' ? 'request.abandoned' : 'connection.closed'
    return { kind, time: options.time, id: name.slice(at + 1), outcome: { reason: 'gateway.ended' }, facts: { disclosed: 'assumed', epoch: options.epoch } }
  })
}
