// Brings every ending together with its beginning as records come by, so that an ending can be asked for by what it is the end of.
import type { AuditEvent } from '../event.ts'
import { exchangeOf, isEnding } from '../open-exchanges.ts'
import type { TrailEntry } from '../reader.ts'
import type { Tokeniser } from '../tokens.ts'
import { isAnswer, wantedTokens, type Seen, type TrailQuery } from './query.ts'

/** Records in the order in which they were written; each writer ends what it began. */
export function createPairing (): (event: AuditEvent, of: Pick<TrailEntry, 'writer' | 'record'>) => Seen {
  const open = new Map<string, Seen>()
  return (event, { writer, record }) => {
    const name = exchangeOf(event)
    const exchange = name === undefined ? undefined : `${writer} ${name}`
    const isEnd = isEnding(event.kind)
    const seen: Seen = { event, record, begun: exchange !== undefined && isEnd ? open.get(exchange) : undefined }
    if (exchange !== undefined) {
      if (isEnd) open.delete(exchange)
      else open.set(exchange, seen)
    }
    return seen
  }
}

/** For a view that goes on: whether an entry is an answer. A damaged one always is. */
export function createEntryFilter (query: TrailQuery, tokenisers: readonly Tokeniser[]): (entry: TrailEntry) => boolean {
  const pair = createPairing()
  const tokens = wantedTokens(query, tokenisers)
  return entry => {
    const isFound = entry.event !== undefined && isAnswer(pair(entry.event, entry), query, tokens)
    return isFound || entry.problems.length > 0
  }
}
